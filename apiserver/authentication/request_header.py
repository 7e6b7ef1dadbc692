"""Request headers: a proxy whose certificate is of an authority of its own may say for whom it asks.

So does an API server that hands requests on to an extension server; here it is the other side of that.
Real Kubernetes: authentication/request/headerrequest in k8s.io/apiserver.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web
from multidict import MultiMapping

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.certificates import Authorities, presented
from apiserver.config import Config
from apiserver.user import User, with_authenticated

Extra = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class RequestHeader:
    """The authenticator: whom it believes, and where the names stand."""

    authorities: Authorities
    allowed: frozenset[str]
    names: tuple[str, ...]
    uids: tuple[str, ...]
    groups: tuple[str, ...]
    extra_prefixes: tuple[str, ...]

    async def __call__(self, request: web.BaseRequest) -> User | None:
        """Headers without a proxy's certificate mean nothing."""
        der = presented(request)
        name = _first(request.headers, self.names)
        if der is None or not name:
            return None
        proxy = self.authorities.subject(der).name
        if self.allowed and proxy not in self.allowed:
            raise Rejected(f"x509: subject with cn={proxy} is not in the allowed list")
        return self.user(request.headers, name)

    def user(self, headers: MultiMapping[str], name: str) -> User:
        """Whom the headers name."""
        groups = [value for header in self.groups for value in headers.getall(header, [])]
        extra = extra_of(headers, self.extra_prefixes)
        return User(name, with_authenticated(groups), _first(headers, self.uids), extra)


def from_config(config: Config) -> RequestHeader:
    """As the flags say."""
    return RequestHeader(
        Authorities.of_file(config.requestheader_client_ca_file), frozenset(config.requestheader_allowed_names),
        config.requestheader_username_headers, config.requestheader_uid_headers,
        config.requestheader_group_headers, config.requestheader_extra_headers_prefix,
    )  # fmt: skip


def _first(headers: MultiMapping[str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := headers.get(name, "").strip())), "")


def extra_of(headers: MultiMapping[str], prefixes: tuple[str, ...]) -> Extra:
    """Further facts: what follows the prefix is the key, in lower case and percent-encoded."""
    found: dict[str, list[str]] = {}
    for header, value in headers.items():
        for prefix in prefixes:
            if header.lower().startswith(prefix.lower()):
                found.setdefault(unquote(header[len(prefix) :].lower()), []).append(value)
    return tuple((key, tuple(values)) for key, values in sorted(found.items()))
