"""The ServiceAccount controller: every namespace has the account `default`, under which pods run.

Watches Namespaces and ServiceAccounts; creates ServiceAccounts.
In Kubernetes: pkg/controller/serviceaccount. Tokens in Secrets are service_account_tokens' work.
"""

from __future__ import annotations

from controllers.terminating import unless_ending
from machinery.api.core.v1 import Namespace, ServiceAccount
from machinery.api.errors import AlreadyExists
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.controller import Context, Controller, own_key

NAMES = ("default",)


def missing(namespace: Namespace, existing: set[str]) -> tuple[str, ...]:
    """The accounts that the namespace should have and has not; one on its way out needs none."""
    if namespace.status.phase == "Terminating" or namespace.metadata.deletion_timestamp:
        return ()
    return tuple(name for name in NAMES if name not in existing)


class ServiceAccountController(Controller):
    """Keys are namespaces."""

    name = "service-account"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.namespaces = ctx.informers.informer(Namespace)
        self.accounts = ctx.informers.informer(ServiceAccount)
        self.watches = ((self.namespaces, own_key), (self.accounts, keys_if_deleted))

    async def reconcile(self, key: str) -> None:
        namespace = self.namespaces.lister.get("", key)
        if namespace is None:
            return
        for name in missing(namespace, {sa.metadata.name for sa in self.accounts.lister.list(key)}):
            try:
                account = ServiceAccount(metadata=ObjectMeta(name=name, namespace=key))
                await unless_ending(self.ctx.client.create(account))
            except AlreadyExists:
                continue


def keys_if_deleted(old: ServiceAccount | None, new: ServiceAccount | None) -> list[str]:
    """The namespace, when one of its accounts went."""
    return [old.metadata.namespace] if new is None and old.metadata.name in NAMES else []
