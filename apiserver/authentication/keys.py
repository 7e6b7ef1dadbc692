"""Keys of service account tokens: read from PEM files, named by their hash, published as a JSON Web Key Set.

RSA keys sign with RS256, elliptic ones with ES256, ES384 or ES512.
Real Kubernetes: k8s.io/client-go/util/keyutil; keyIDFromPublicKey and wrapJWKs in pkg/serviceaccount.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import get_default_algorithms

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


class UnusableKey(Exception):
    """Why a key file cannot be used."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and the name by which tokens call it."""

    id: str
    algorithm: str
    key: PublicKey

    def to_jwk(self) -> dict[str, Any]:
        """The key as RFC 7517 writes it."""
        numbers = get_default_algorithms()[self.algorithm].to_jwk(self.key, as_dict=True)
        numbers.pop("key_ops", None)
        return {"use": "sig", "kid": self.id, "alg": self.algorithm, **numbers}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and what is known of its public half."""

    key: PrivateKey
    public: VerificationKey


def verification_key(key: PublicKey) -> VerificationKey:
    """Its id is the hash of the key itself: no two sides have to agree on names."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    identity = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    algorithm = _CURVES.get(key.curve.name, "") if isinstance(key, ec.EllipticCurvePublicKey) else "RS256"
    if not algorithm:
        raise UnusableKey("only the curves P-256, P-384 and P-521 can be used")
    return VerificationKey(identity, algorithm, key)


def read_signing_key(path: str) -> SigningKey:
    """The first private key of a PEM file."""
    for block in _blocks(path):
        key = _private(block)
        if key is not None:
            return SigningKey(key, verification_key(key.public_key()))
    raise UnusableKey(f"{path} holds no RSA or elliptic private key in PEM form")


def read_verification_keys(paths: Iterable[str]) -> tuple[VerificationKey, ...]:
    """Every key of the files, public ones and the public halves of private ones, each once."""
    found: dict[str, VerificationKey] = {}
    for path in paths:
        keys = [key for block in _blocks(path) if (key := _public(block)) is not None]
        if not keys:
            raise UnusableKey(f"{path} holds no RSA or elliptic key in PEM form")
        found |= {each.id: each for each in map(verification_key, keys)}
    return tuple(found.values())


def _blocks(path: str) -> list[bytes]:
    try:
        return [match[0] for match in _BLOCK.finditer(Path(path).read_bytes())]
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}") from None


def _private(block: bytes) -> PrivateKey | None:
    try:
        key = serialization.load_pem_private_key(block, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, PrivateKey) else None


def _public(block: bytes) -> PublicKey | None:
    if (private := _private(block)) is not None:
        return private.public_key()
    for load in (serialization.load_pem_public_key, lambda pem: x509.load_pem_x509_certificate(pem).public_key()):
        try:
            key = load(block)
        except (ValueError, UnsupportedAlgorithm):
            continue
        return key if isinstance(key, PublicKey) else None
    return None
