"""Key files, and the set of keys that is published."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from apiserver.authentication.keys import UnusableKey, read_signing_key, read_verification_keys, verification_key
from tests.support.pki import Authority
from tests.support.tokens import NAME, elliptic, issuer, rsa_key, signed


def private(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public(key) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_files_may_hold_several_keys_of_every_form(tmp_path: Path) -> None:
    one, two = elliptic(), rsa_key()
    authority = Authority(tmp_path)
    both, again = tmp_path / "both.pem", tmp_path / "again.pem"
    both.write_bytes(b"# a comment\n" + public(one) + private(two))
    again.write_bytes(authority.ca.cert.read_bytes() + public(one))
    keys = read_verification_keys([str(both), str(again)])
    assert [key.algorithm for key in keys] == ["ES256", "RS256", "ES256"]
    assert keys[0].id == verification_key(one.public_key()).id
    assert read_signing_key(str(both)).public.id == keys[1].id


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", private(ed25519.Ed25519PrivateKey.generate()), private(elliptic(ec.SECP256K1()))])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sa.key"
    file.write_bytes(content)
    with pytest.raises(UnusableKey):
        read_signing_key(str(file))
    with pytest.raises(UnusableKey, match=r"missing.key: No such file"):
        read_verification_keys([str(tmp_path / "missing.key")])


@pytest.mark.parametrize("key", [elliptic(), rsa_key()])
def test_anybody_can_check_a_token_by_the_published_keys(key) -> None:
    by = issuer(key)
    token = signed(by, audiences=("vault",), now=1_700_000_000, seconds=10**9)
    (jwk,) = by.jwks()["keys"]
    assert jwk["use"] == "sig" and "d" not in jwk and jwk["kid"] == jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(token, jwt.PyJWK(jwk), audience="vault", issuer=NAME)
    assert claims["sub"] == "system:serviceaccount:team:robot"
    assert by.discovery("https://x/jwks")["id_token_signing_alg_values_supported"] == [jwk["alg"]]
