"""The tokens controller: a Secret of type kubernetes.io/service-account-token gets its token and ends with its account.

Watches those Secrets and ServiceAccounts; fills `token`, `ca.crt` and `namespace` of Secrets, deletes Secrets whose
account is gone. Such a token never expires: pods get better ones by themselves.
In Kubernetes: pkg/controller/serviceaccount/tokens_controller.go. Left out: accounts' own lists of Secrets.
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
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, own_key, split_key

TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"
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
    def of_file(path: str) -> Signer | None:
        return Signer(Path(path).read_bytes()) if path else None

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


def belongs(secret: Secret, account: ServiceAccount | None) -> bool:
    """Whether the account that the Secret names is still that one."""
    uid = secret.metadata.annotations.get(UID, "")
    return account is not None and uid in ("", account.metadata.uid)


def plan(secret: Secret, account: ServiceAccount, signer: Signer, certificate: str) -> Secret | None:
    """The Secret with what it lacks; None when it lacks nothing."""
    wanted = {"ca.crt": certificate.encode(), "namespace": account.metadata.namespace.encode()}
    data = secret.data | {key: base64.b64encode(value).decode() for key, value in wanted.items() if value}
    if not data.get("token"):
        data["token"] = base64.b64encode(signer.token(account, secret).encode()).decode()
    annotations = secret.metadata.annotations | {UID: account.metadata.uid}
    if data == secret.data and annotations == secret.metadata.annotations:
        return None
    return secret.replace(data=data, metadata=secret.metadata.replace(annotations=annotations))


class ServiceAccountTokensController(Controller):
    """Keys are Secrets."""

    name = "service-account-tokens"
    workers = 1

    def __init__(self, ctx: Context, *, signer: Signer | None, certificate: str) -> None:
        super().__init__(ctx)
        self._signer, self._certificate = signer, certificate
        self.secrets = ctx.informers.informer(Secret, field_selector=f"type={TYPE}")
        self.accounts = ctx.informers.informer(ServiceAccount)
        self.secrets.add_index("account", lambda secret: [_account_key(secret)])
        self.watches = ((self.secrets, own_key), (self.accounts, self._keys_of_account))

    def _keys_of_account(self, old: ServiceAccount | None, new: ServiceAccount | None) -> list[str]:
        """Its Secrets, when an account came or went."""
        if old is not None and new is not None:
            return []
        meta = (old or new).metadata
        found = self.secrets.lister.by_index("account", f"{meta.namespace}/{meta.name}")
        return [f"{secret.metadata.namespace}/{secret.metadata.name}" for secret in found]

    async def reconcile(self, key: str) -> None:
        namespace, name = split_key(key)
        secret = self.secrets.lister.get(namespace, name)
        owner = secret.metadata.annotations.get(NAME, "") if secret is not None else ""
        if secret is None or not owner or secret.metadata.deletion_timestamp:
            return
        try:
            account = await self._account(secret, owner)
            if account is None:
                await self.ctx.client.delete(Secret, name, namespace, uid=secret.metadata.uid)
            elif self._signer and (wanted := plan(secret, account, self._signer, self._certificate)):
                await self.ctx.client.update(wanted)
        except NotFound:
            return

    async def _account(self, secret: Secret, name: str) -> ServiceAccount | None:
        """Asked afresh before something is deleted: the copy may not have heard of a new account."""
        namespace = secret.metadata.namespace
        found = self.accounts.lister.get(namespace, name)
        if not belongs(secret, found):
            try:
                found = await self.ctx.client.get(ServiceAccount, name, namespace)
            except NotFound:
                return None
        return found if belongs(secret, found) else None


def _account_key(secret: Secret) -> str:
    return f"{secret.metadata.namespace}/{secret.metadata.annotations.get(NAME, '')}"
