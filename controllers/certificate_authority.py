"""The cluster's certificate authority: reads requests, and signs them with the key that its files hold right now.

A module of its own because of what it imports: most clusters never sign anything.
In Kubernetes: pkg/controller/certificates/authority.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from controllers.signing_rules import Asked

_BACKDATE, _SHORT = timedelta(minutes=5), timedelta(hours=8)
_KEY_USAGES = {
    "signing": "digital_signature", "digital signature": "digital_signature",
    "content commitment": "content_commitment", "key encipherment": "key_encipherment",
    "key agreement": "key_agreement", "data encipherment": "data_encipherment", "cert sign": "key_cert_sign",
    "crl sign": "crl_sign", "encipher only": "encipher_only", "decipher only": "decipher_only",
}  # fmt: skip
_PURPOSES = {
    "any": "2.5.29.37.0", "server auth": "1.3.6.1.5.5.7.3.1", "client auth": "1.3.6.1.5.5.7.3.2",
    "code signing": "1.3.6.1.5.5.7.3.3", "email protection": "1.3.6.1.5.5.7.3.4", "s/mime": "1.3.6.1.5.5.7.3.4",
    "ipsec end system": "1.3.6.1.5.5.7.3.5", "ipsec tunnel": "1.3.6.1.5.5.7.3.6", "ipsec user": "1.3.6.1.5.5.7.3.7",
    "timestamping": "1.3.6.1.5.5.7.3.8", "ocsp signing": "1.3.6.1.5.5.7.3.9",
    "microsoft sgc": "1.3.6.1.4.1.311.10.3.3", "netscape sgc": "2.16.840.1.113730.4.1",
}  # fmt: skip


def parsed(request: str) -> x509.CertificateSigningRequest:
    """A request as it stands in a CertificateSigningRequest. ValueError when it is none."""
    return x509.load_pem_x509_csr(base64.b64decode(request))


def asked(request: x509.CertificateSigningRequest) -> Asked:
    """What it says."""
    names = _alternatives(request)

    def all_of(kind: type[Any]) -> list[str]:
        return [str(each) for each in names.get_values_for_type(kind)] if names is not None else []

    return Asked(
        "".join(_subject(request, NameOID.COMMON_NAME)[-1:]), _subject(request, NameOID.ORGANIZATION_NAME),
        all_of(x509.DNSName), all_of(x509.IPAddress), all_of(x509.RFC822Name), all_of(x509.UniformResourceIdentifier),
    )  # fmt: skip


def expires(certificate: str) -> datetime:
    """When a certificate as it stands in a CertificateSigningRequest ends."""
    return x509.load_pem_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc


def _subject(request: x509.CertificateSigningRequest, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in request.subject.get_attributes_for_oid(oid)]


def _alternatives(request: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    try:
        return request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


@dataclass(frozen=True)
class Authority:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes

    @staticmethod
    def of_files(certificate: str, key: str) -> Authority:
        return Authority(Path(certificate).read_bytes(), Path(key).read_bytes())

    def sign(
        self, request: x509.CertificateSigningRequest, usages: Iterable[str], lifetime: timedelta, now: datetime
    ) -> str:
        """The certificate, as a CertificateSigningRequest holds it. Of what is asked only the names carry over."""
        own, key = x509.load_pem_x509_certificate(self.certificate), serialization.load_pem_private_key(self.key, None)
        end = now + lifetime - (timedelta() if lifetime < _SHORT else _BACKDATE)
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(own.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATE)
            .not_valid_after(min(end, own.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_issuer(own), critical=False)
        )
        for extension, critical in _extensions(request, usages):
            builder = builder.add_extension(extension, critical=critical)
        algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        signed = builder.sign(key, algorithm)  # type: ignore[arg-type]  # a key that cannot sign raises TypeError
        return base64.b64encode(signed.public_bytes(serialization.Encoding.PEM)).decode()


def _issuer(own: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        known = own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())  # type: ignore[arg-type]
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)


def _extensions(request: x509.CertificateSigningRequest, usages: Iterable[str]) -> list[tuple[Any, bool]]:
    usages, found = list(usages), []
    if keys := {_KEY_USAGES[usage] for usage in usages if usage in _KEY_USAGES}:
        keys |= {"key_agreement"} if keys & {"encipher_only", "decipher_only"} else set()
        found.append((x509.KeyUsage(**{name: name in keys for name in _KEY_USAGES.values()}), True))
    if purposes := {_PURPOSES[usage] for usage in usages if usage in _PURPOSES}:
        found.append((x509.ExtendedKeyUsage(list(map(x509.ObjectIdentifier, sorted(purposes)))), False))
    if (names := _alternatives(request)) is not None:
        found.append((names, not list(request.subject)))
    return found
