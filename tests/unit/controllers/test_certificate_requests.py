"""Requests for certificates: what signers accept, who may be approved unasked, what is signed, when requests go."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from controllers import csr_approving, csr_cleaner, csr_signing
from controllers.certificate_authority import Authority, asked, parsed
from controllers.signing_rules import CLIENT, KUBELET_CLIENT, KUBELET_SERVING, RULES, Asked
from machinery.api.certificates.v1 import CertificateSigningRequest
from tests.support import pki

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KUBELET = Asked("system:node:a", ["system:nodes"], [], [], [], [])
SERVER = KUBELET._replace(dns=["a"])
DIALS, SERVES = ("digital signature", "client auth"), ("digital signature", "key encipherment", "server auth")


@pytest.mark.parametrize(("signer", "who", "usages", "why"), [
    (KUBELET_CLIENT, KUBELET, DIALS, ""),
    (KUBELET_CLIENT, KUBELET, (*DIALS, "key encipherment"), ""),
    (KUBELET_CLIENT, KUBELET, ("client auth",),
     "usages did not match [client auth digital signature key encipherment]"),
    (KUBELET_CLIENT, SERVER, DIALS, "DNS subjectAltNames are not allowed"),
    (KUBELET_CLIENT, KUBELET._replace(ips=["::1"]), DIALS, "IP subjectAltNames are not allowed"),
    (KUBELET_CLIENT, KUBELET._replace(common_name="a"), DIALS,
     "subject common name does not begin with system:node:"),
    (KUBELET_CLIENT, KUBELET._replace(organizations=["system:nodes", "system:masters"]), DIALS,
     "subject organization is not system:nodes"),
    (KUBELET_SERVING, SERVER, SERVES, ""),
    (KUBELET_SERVING, KUBELET, SERVES, "DNS or IP subjectAltName is required"),
    (KUBELET_SERVING, SERVER._replace(uris=["spiffe://a"]), SERVES, "URI subjectAltNames are not allowed"),
    (KUBELET_SERVING, SERVER, DIALS, "usages did not match [digital signature key encipherment server auth]"),
    (CLIENT, KUBELET, ("client auth",), ""),
    (CLIENT, KUBELET, ("client auth", "server auth"), "invalid usage for client certificate: server auth"),
    (CLIENT, KUBELET, ("key encipherment",), "missing required usage for client certificate: client auth"),
    ("kubernetes.io/legacy-unknown", SERVER, ("any",), ""),
])  # fmt: skip
def test_what_signers_accept(signer: str, who: Asked, usages: tuple[str, ...], why: str) -> None:
    assert RULES[signer](who, usages) == why


def csr(*types: str, username: str = "", certificate: str = "", at: datetime = NOW, **spec: Any) -> Any:
    stamp = at.isoformat()
    return CertificateSigningRequest.from_dict({
        "metadata": {"name": "x", "creationTimestamp": stamp},
        "spec": {"signerName": KUBELET_CLIENT, "username": username, "usages": list(DIALS), **spec},
        "status": {"certificate": certificate,
                   "conditions": [{"type": each, "status": "True", "lastUpdateTime": stamp} for each in types]},
    })  # fmt: skip


def test_which_permission_is_asked_for() -> None:
    assert csr_approving.permissions(csr(username="system:node:a"), KUBELET) == ("selfnodeclient", "nodeclient")
    assert csr_approving.permissions(csr(username="system:bootstrap:x"), KUBELET) == ("nodeclient",)
    assert csr_approving.permissions(csr(), SERVER) == ()
    assert csr_approving.permissions(csr(signerName=CLIENT), KUBELET) == ()


def test_what_is_signed_and_for_how_long() -> None:
    assert csr_signing.is_to_be_signed(csr("Approved"))
    for not_so in (csr(), csr("Approved", "Failed"), csr("Denied"), csr("Approved", certificate="eA==")):
        assert not csr_signing.is_to_be_signed(not_so)
    assert not csr_signing.is_to_be_signed(csr("Approved", signerName="example.com/own"))
    year = timedelta(days=365)
    spans = [csr_signing.lifetime(csr(expirationSeconds=each), year) for each in (600, 60, 10**9)]
    assert [csr_signing.lifetime(csr(), year), *spans] == [
        year, timedelta(seconds=600), timedelta(seconds=600), year,
    ]  # fmt: skip


def test_when_requests_go() -> None:
    assert csr_cleaner.ends(csr()) == NOW + timedelta(days=1)
    assert csr_cleaner.ends(csr("Denied")) == NOW + timedelta(hours=1)
    assert csr_cleaner.ends(csr("Approved")) is None


def test_a_certificate_says_what_was_asked_and_approved(tmp_path: Path) -> None:
    files, now = pki.Authority(tmp_path).ca, datetime.now(UTC).replace(microsecond=0)
    request = parsed(pki.request("system:node:a", "system:nodes", dns=("a", "b")).text)
    assert asked(request) == KUBELET._replace(dns=["a", "b"])
    authority = Authority.of_files(str(files.cert), str(files.key))
    text = authority.sign(request, ["any", *SERVES, "encipher only"], timedelta(minutes=20), now)
    made = x509.load_pem_x509_certificate(base64.b64decode(text))
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(files.cert.read_bytes()))
    assert made.subject == request.subject and made.public_key() == request.public_key()
    assert made.not_valid_before_utc == now - timedelta(minutes=5)
    assert made.not_valid_after_utc == now + timedelta(minutes=20)
    known = {type(each.value).__name__: each.value for each in made.extensions}
    assert not known["BasicConstraints"].ca and known["KeyUsage"].encipher_only
    assert not known["KeyUsage"].key_cert_sign
    assert [each.dotted_string for each in known["ExtendedKeyUsage"]] == ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"]
    assert known["SubjectAlternativeName"].get_values_for_type(x509.DNSName) == ["a", "b"]
    longest = authority.sign(request, SERVES, timedelta(days=999), now)
    ends = x509.load_pem_x509_certificate(base64.b64decode(longest)).not_valid_after_utc
    assert ends <= now + timedelta(hours=1), "never longer than the authority itself"
    issued = csr("Approved", certificate=text, at=now)
    assert csr_cleaner.ends(issued) == now + timedelta(minutes=20)
