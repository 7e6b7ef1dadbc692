"""The serving certificate, and the CAs that clients are told of, as they are on disk when a client connects.

Each handshake looks at the files' times; who changed them has them used from the next connection on. A pair that does
not fit, or a file that cannot be read, changes nothing: it is logged, and the old pair serves on.
Real Kubernetes: k8s.io/apiserver/pkg/server/dynamiccertificates. Left out: certificates by server name.
"""

from __future__ import annotations

import logging
import os
import ssl

from apiserver.authentication.tls import server_context
from apiserver.config import Config

log = logging.getLogger(__name__)
Stamp = tuple[tuple[int, int, int], ...]


class ServingCertificates:
    """`context` is for the listener: at each handshake it hands over to a context made of the newest files."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._files = [config.tls_cert_file, config.tls_private_key_file, *_authorities(config)]
        self._seen = self._stamp()
        self.context = self._current = _context(config)
        self.context.sni_callback = self._choose

    def _stamp(self) -> Stamp:
        stats = map(os.stat, self._files)
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in stats)

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        self.refresh()
        if self._current is not self.context:
            connection.context = self._current

    def refresh(self) -> None:
        """Read the files again if they are others than those seen last."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._seen = stamp
            self._current = _context(self._config)
        except OSError as error:
            log.error("the old certificates stay in use: cannot use %s: %s", ", ".join(self._files), error)
        else:
            log.info("certificates read again: %s", ", ".join(self._files))


def _context(config: Config) -> ssl.SSLContext:
    context = server_context(config.tls_cert_file, config.tls_private_key_file, _authorities(config))
    # A resumed session would carry a client's certificate past a change of the CA.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def _authorities(config: Config) -> list[str]:
    return [path for path in (config.client_ca_file, config.requestheader_client_ca_file) if path]
