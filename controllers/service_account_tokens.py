"""The tokens controller: a Secret of type kubernetes.io/service-account-token gets its token and ends with its account.

Watches those Secrets and ServiceAccounts; fills `token`, `ca.crt` and `namespace` of Secrets, deletes Secrets whose
account is gone. Such a token never expires: pods get better ones by themselves.
In Kubernetes: pkg/controller/serviceaccount/tokens_controller.go. Left out: accounts' own lists of Secrets.
"""

from __future__ import annotations

import base64
from functools import cached_property
from typing import TYPE_CHECKING

from machinery.api.core.v1 import Secret, ServiceAccount
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, own_key, split_key

if TYPE_CHECKING:
    from controllers.legacy_tokens import Signer

TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


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

    def __init__(self, ctx: Context, *, key_file: str, certificate: str) -> None:
        super().__init__(ctx)
        self._key_file, self._certificate = key_file, certificate
        self.secrets = ctx.informers.informer(Secret, field_selector=f"type={TYPE}")
        self.accounts = ctx.informers.informer(ServiceAccount)
        self.secrets.add_index("account", lambda secret: [_account_key(secret)])
        self.watches = ((self.secrets, own_key), (self.accounts, self._keys_of_account))

    @cached_property
    def _signer(self) -> Signer:
        # Imported with the first Secret: what it brings weighs more than this controller.
        from controllers.legacy_tokens import Signer

        return Signer.of_file(self._key_file)

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
            elif self._key_file and (wanted := plan(secret, account, self._signer, self._certificate)):
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
