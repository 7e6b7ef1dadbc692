"""Whom a client certificate names, and when it names nobody."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.certificates import Authorities
from apiserver.authentication.client_certificate import user_of
from tests.support.pki import Authority, Pair


def der(pair: Pair) -> bytes:
    return x509.load_pem_x509_certificate(pair.cert.read_bytes()).public_bytes(Encoding.DER)


def test_name_and_groups(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    shown = der(authority.issue("jane", organization="devs"))
    subject = Authorities.of_file(str(authority.ca.cert)).subject(shown)
    user = user_of(subject)
    assert user is not None and (user.name, user.groups) == ("jane", ("devs", "system:authenticated"))
    ((key, (value,)),) = user.extra
    assert key.endswith("/credential-id") and value == f"X509SHA256={subject.fingerprint}"


@pytest.mark.parametrize("hours", [-3, 3])
def test_out_of_its_time(tmp_path: Path, hours: int) -> None:
    authority = Authority(tmp_path)
    certificates = x509.load_pem_x509_certificates(authority.ca.cert.read_bytes())
    then = Authorities(certificates, clock=lambda: time.time() + hours * 3600)
    with pytest.raises(Rejected, match="expired or is not yet valid"):
        then.subject(der(authority.issue("jane")))


def test_foreign_and_broken_ones(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours, stranger = Authority(tmp_path / "a"), Authority(tmp_path / "b")
    authorities = Authorities.of_file(str(ours.ca.cert))
    with pytest.raises(Rejected, match="unknown authority"):
        authorities.subject(der(stranger.issue("jane")))
    with pytest.raises(Rejected, match="malformed"):
        authorities.subject(b"nonsense")
