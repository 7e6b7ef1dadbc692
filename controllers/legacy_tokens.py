"""Signs the tokens that lie in Secrets of service accounts: they have no times, and end with their Secret.

A module of its own because of what it imports: most clusters have no such Secret, and need not carry it.
In Kubernetes: pkg/serviceaccount/legacy.go.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from machinery.api.core.v1 import Secret, ServiceAccount

_CLAIM = "kubernetes.io/serviceaccount"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_jws = jwt.PyJWS()


class Signer:
    """Signs the claims of legacy tokens."""

    def __init__(self, pem: bytes) -> None:
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ValueError("the key of service account tokens must be an RSA or an elliptic one")
        self._key = key
        self._algorithm = _CURVES[key.curve.name] if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self._id = base64.urlsafe_b64encode(hashlib.sha256(public).digest()).rstrip(b"=").decode()

    @staticmethod
    def of_file(path: str) -> Signer:
        return Signer(Path(path).read_bytes())

    def token(self, account: ServiceAccount, secret: Secret) -> str:
        """A token that holds as long as the Secret does."""
        meta = account.metadata
        claims = {
            "iss": "kubernetes/serviceaccount",
            f"{_CLAIM}/namespace": meta.namespace,
            f"{_CLAIM}/secret.name": secret.metadata.name,
            f"{_CLAIM}/service-account.name": meta.name,
            f"{_CLAIM}/service-account.uid": meta.uid,
            "sub": f"system:serviceaccount:{meta.namespace}:{meta.name}",
        }
        headers = {"typ": None, "kid": self._id}
        return _jws.encode(orjson.dumps(claims), self._key, algorithm=self._algorithm, headers=headers)
