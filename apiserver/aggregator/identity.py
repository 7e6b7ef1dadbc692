"""How this server shows itself to extension servers: the front proxy's certificate, and headers that say who asks.

An extension server believes the headers because of the certificate, whose authority it learns from the ConfigMap
kube-system/extension-apiserver-authentication.
Real Kubernetes: client-go's transport.SetAuthProxyHeaders, kube-aggregator's controllers/status/remote.
"""

from __future__ import annotations

import base64
import os
import ssl
from dataclasses import dataclass
from urllib.parse import quote

from apiserver.config import Config
from apiserver.user import AUTHENTICATED, MASTERS, User

AGGREGATOR = User("system:kube-aggregator", (MASTERS, AUTHENTICATED))
"""Who asks when this server itself wants to know something."""
Headers = list[tuple[str, str]]
_LEGAL_IN_A_NAME = "!#$&'*+-.^_`|~"


class Unspeakable(ValueError):
    """A name that no header can hold."""


def headers_of(user: User) -> Headers:
    """Who asks, for an extension server."""
    found = [("X-Remote-User", user.name)]
    found += [("X-Remote-Uid", user.uid)] if user.uid else []
    found += [("X-Remote-Group", group) for group in user.groups]
    for key, values in user.extra:
        found += [(f"X-Remote-Extra-{escaped(key)}", value) for value in values]
    for name, value in found:
        if any(letter < " " and letter != "\t" for letter in value):
            raise Unspeakable(f'net/http: invalid header field value for "{name}"')
    return found


def escaped(key: str) -> str:
    """A key of further facts as a part of a header's name."""
    return quote(key, safe=_LEGAL_IN_A_NAME)


@dataclass(frozen=True)
class FrontProxy:
    """Our certificate towards extension servers; none without the flags."""

    certificate: str
    key: str

    @classmethod
    def of(cls, config: Config) -> FrontProxy:
        return cls(config.proxy_client_cert_file, config.proxy_client_key_file)

    def age(self) -> tuple[int, ...]:
        """Another one when the files are others."""
        return tuple(os.stat(path).st_mtime_ns for path in (self.certificate, self.key) if path)

    def trusting(self, bundle: str) -> ssl.SSLContext:
        """For a server whose certificate these authorities have signed; without any, those of the system.

        ValueError when the bundle makes no sense, OSError when our certificate cannot be used.
        """
        if not bundle:
            return self._shown_in(ssl.create_default_context())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cadata=base64.b64decode(bundle).decode("ascii"))
        except (ssl.SSLError, ValueError):
            raise ValueError("unable to load root certificates: unable to parse bytes as PEM block") from None
        return self._shown_in(context)

    def careless(self) -> ssl.SSLContext:
        """For a server that is taken for what it says it is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return self._shown_in(context)

    def _shown_in(self, context: ssl.SSLContext) -> ssl.SSLContext:
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        return context
