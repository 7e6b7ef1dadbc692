"""What can be wrong with a CertificateSigningRequest, and which of its changes which writer may make.

Pure. Real Kubernetes: pkg/apis/certificates/validation.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiserver.registry.field_checks import one_of
from machinery.api import names
from machinery.api.errors import FieldError, quote

if TYPE_CHECKING:
    from machinery.api.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestCondition

_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip
_LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
_SHORTEST = 600
_DOMAIN_LIMIT, _SIGNER_LIMIT = 253, 253 + 1 + 253 + 63 + 1
_FINAL = ("Approved", "Denied", "Failed")
_CONDITIONS, _CERTIFICATE = "status.conditions", "status.certificate"
_PEM = re.compile(rb"-----BEGIN ([^-]+)-----\n(.*?)-----END \1-----", re.DOTALL)


def request_errors(obj: CertificateSigningRequest) -> list[FieldError]:
    """Everything that is wrong with the request as it stands."""
    spec, found = obj.spec, []
    if why := _request_complaint(spec.request):
        found.append(FieldError.invalid("spec.request", spec.request, why))
    found += _usage_errors(spec.usages)
    if spec.signer_name == _LEGACY_SIGNER:
        why = "the legacy signerName is not allowed via this API version"
        found.append(FieldError.invalid("spec.signerName", spec.signer_name, why))
    else:
        found += signer_name_errors(spec.signer_name, "spec.signerName")
    if spec.expiration_seconds is not None and spec.expiration_seconds < _SHORTEST:
        why = "may not specify a duration less than 600 seconds (10 minutes)"
        found.append(FieldError.invalid("spec.expirationSeconds", spec.expiration_seconds, why))
    return found + _condition_errors(obj.status.conditions)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def _request_complaint(encoded: str) -> str:
    from cryptography import x509  # Here: it is large, and few API servers ever see a request.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    block = _PEM.search(_decoded(encoded))
    if block is None or block[1] != b"CERTIFICATE REQUEST":
        return "PEM block type must be CERTIFICATE REQUEST"
    try:
        request = x509.load_pem_x509_csr(block[0])
        return "" if request.is_signature_valid else "x509: signature of the request is not its own key's"
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        return f"x509: {error}"


def _usage_errors(usages: Sequence[str]) -> list[FieldError]:
    found = [] if usages else [FieldError.required("spec.usages")]
    for index, usage in enumerate(usages):
        path = f"spec.usages[{index}]"
        found += one_of(path, usage, _USAGES)
        if usage in usages[:index]:
            found.append(FieldError.duplicate(path, usage))
    return found


def signer_name_errors(name: str, path: str) -> list[FieldError]:
    """`example.com/some-signer`."""
    if not name:
        return [FieldError.required(path)]
    domain, *rest = name.split("/")
    if len(rest) != 1:
        why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [FieldError.invalid(path, name, why)]
    found = [FieldError.too_long(path, domain, _DOMAIN_LIMIT)] if len(domain) > _DOMAIN_LIMIT else []
    found += _first_bad_label(domain, names.dns_label, path)
    if "." not in domain:
        why = "should be a domain with at least two segments separated by dots"
        found.append(FieldError.invalid(path, domain, why))
    found += _first_bad_label(rest[0], names.dns_subdomain, path)
    return found + ([FieldError.too_long(path, name, _SIGNER_LIMIT)] if len(name) > _SIGNER_LIMIT else [])


def _first_bad_label(text: str, complaints: Any, path: str) -> list[FieldError]:
    for label in text.split("."):
        if bad := complaints(label):
            return [FieldError.invalid(path, text, f"validating label {quote(label)}: {why}") for why in bad]
    return []


def _condition_errors(rows: Sequence[CertificateSigningRequestCondition]) -> list[FieldError]:
    found, seen = [], []
    for index, row in enumerate(rows):
        path = f"{_CONDITIONS}[{index}]"
        if not row.type:
            found.append(FieldError.required(f"{path}.type"))
        statuses = ("True",) if row.type in _FINAL else ("False", "True", "Unknown")
        if row.status:
            found += one_of(f"{path}.status", row.status, statuses)
        else:
            found.append(FieldError.required(f"{path}.status"))
        if row.type in ("Approved", "Denied") and ({"Approved", "Denied"} - {row.type}) & set(seen):
            why = "Approved and Denied conditions are mutually exclusive"
            found.append(FieldError.invalid(f"{path}.type", row.type, why))
        if row.type in seen:
            found.append(FieldError.duplicate(f"{path}.type", row.type))
        seen.append(row.type)
    return found


def change_errors(
    obj: CertificateSigningRequest, old: CertificateSigningRequest, *, may_approve: bool = False, may_sign: bool = False
) -> list[FieldError]:
    """What was decided stays; only /approval decides, and only /status issues, once."""
    found = []
    for kind in _FINAL:
        new, was = _of_type(obj, kind), _of_type(old, kind)
        if len(new) < len(was):
            found.append(FieldError.forbidden(_CONDITIONS, f'updates may not remove a condition of type "{kind}"'))
        elif not may_approve and kind != "Failed" and new != was:
            verb = "add" if len(new) > len(was) else "modify"
            found.append(FieldError.forbidden(_CONDITIONS, f'updates may not {verb} a condition of type "{kind}"'))
    certificate = obj.status.certificate
    if certificate == old.status.certificate:
        return found
    if not may_sign:
        return [*found, FieldError.forbidden(_CERTIFICATE, "updates may not set certificate content")]
    if old.status.certificate:
        return [*found, FieldError.forbidden(_CERTIFICATE, "updates may not modify existing certificate content")]
    if why := _certificate_complaint(certificate):
        found.append(FieldError.invalid(_CERTIFICATE, "<certificate data>", why))
    return found


def _of_type(obj: CertificateSigningRequest, kind: str) -> list[CertificateSigningRequestCondition]:
    return [condition for condition in obj.status.conditions if condition.type == kind]


def _certificate_complaint(encoded: str) -> str:
    from cryptography import x509

    blocks = list(_PEM.finditer(_decoded(encoded)))
    if not blocks:
        return "must contain at least one CERTIFICATE PEM block"
    for block in blocks:
        if block[1] != b"CERTIFICATE":
            return f"only CERTIFICATE PEM blocks are allowed, found {quote(block[1].decode(errors='replace'))}"
        if b":" in block[2]:
            return "no PEM block headers are permitted"
        try:
            x509.load_pem_x509_certificate(block[0])
        except ValueError as error:
            return f"x509: {error}"
    return ""
