"""Which authority signed a client's certificate, and whether it holds now.

The TLS layer only sees to it that the client owns the certificate's key (see `tls`): a certificate that has expired
or is of a foreign authority is an ordinary 401, not a broken connection. A certificate is checked once and remembered,
until the file of authorities changes.
Real Kubernetes: x509.Verifier of k8s.io/apiserver. Left out: intermediate authorities.
"""

from __future__ import annotations

import hashlib
import logging
import os
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from apiserver.authentication.authenticator import Rejected

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate of the authority names, and from when to when (seconds since 1970) it holds."""

    name: str
    organizations: tuple[str, ...]
    fingerprint: str
    not_before: float
    not_after: float


_presented: WeakKeyDictionary[ssl.SSLObject, bytes | None] = WeakKeyDictionary()
"""A connection's certificate is the same to its end: we never ask for another one."""


def presented(request: web.BaseRequest) -> bytes | None:
    """The certificate of this connection's client, in DER."""
    transport = request.transport
    tls = transport.get_extra_info("ssl_object") if transport else None
    if tls is None:
        return None
    try:
        return _presented[tls]
    except KeyError:
        return _presented.setdefault(tls, tls.getpeercert(True))


class Authorities:
    """The certificates of a CA file. `subject` says whom a certificate of theirs names."""

    def __init__(self, certificates: Sequence[x509.Certificate], clock: Callable[[], float] = time.time) -> None:
        self._certificates = tuple(certificates)
        self._clock = clock
        self._checked = lru_cache(maxsize=4096)(self._check)

    def _look(self, now: float) -> None:
        """A chance to notice that the certificates are others now."""

    @staticmethod
    def of_file(path: str) -> Authorities:
        return _AuthoritiesOfFile(path)

    def subject(self, der: bytes) -> Subject:
        """Rejected when another authority signed it, when it is for another use, or out of its time."""
        now = self._clock()
        self._look(now)
        found = self._checked(der)
        if isinstance(found, str):
            raise Rejected(found)
        if not found.not_before <= now <= found.not_after:
            raise Rejected("x509: certificate has expired or is not yet valid")
        return found

    def _check(self, der: bytes) -> Subject | str:
        try:
            certificate = x509.load_der_x509_certificate(der)
            if not any(_issued_by(certificate, authority) for authority in self._certificates):
                return "x509: certificate signed by unknown authority"
            if not _for_clients(certificate):
                return "x509: certificate specifies an incompatible key usage"
            return _subject(certificate, der)
        except ValueError as error:
            return f"x509: malformed certificate: {error}"


class _AuthoritiesOfFile(Authorities):
    """Each second somebody asks, the file is looked at; a new one counts at once, an unusable one changes nothing."""

    def __init__(self, path: str) -> None:
        self._path, self._next_look, self._seen = path, 0.0, _stamp(path)
        super().__init__(_read(path))

    def _look(self, now: float) -> None:
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        try:
            if (stamp := _stamp(self._path)) == self._seen:
                return
            self._seen = stamp
            self._certificates = _read(self._path)
        except (OSError, ValueError) as error:
            log.error("the old authorities stay in use: cannot use %s: %s", self._path, error)
        else:
            self._checked.cache_clear()


def _read(path: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))


def _stamp(path: str) -> tuple[int, ...]:
    stat = os.stat(path)
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _for_clients(certificate: x509.Certificate) -> bool:
    """A certificate that lists its uses must list this one."""
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in uses or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses


def _subject(certificate: x509.Certificate, der: bytes) -> Subject:
    names = certificate.subject
    common = [str(each.value) for each in names.get_attributes_for_oid(NameOID.COMMON_NAME)]
    organizations = tuple(str(each.value) for each in names.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
    return Subject(
        common[-1] if common else "", organizations, hashlib.sha256(der).hexdigest(),
        certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp(),
    )  # fmt: skip
