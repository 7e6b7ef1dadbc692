"""What admission plugins look things up with, made from the stores: the watch cache, nearly always.

Real Kubernetes: the informers that its plugins are initialised with.
"""

from __future__ import annotations

from apiserver.admission.chain import Lookups
from apiserver.cached_objects import CachedObjects
from apiserver.ensure import Stores
from apiserver.namespaces import CachedNamespaces
from apiserver.priority_classes import CachedPriorityClasses
from apiserver.quotas import CachedQuotas
from apiserver.registry.store import Store
from apiserver.service_accounts import CachedServiceAccounts
from machinery.api.scheme import Resource


def lookups(stores: Stores) -> Lookups:
    """All of them."""

    def objects(plural: str, group: str = "", *, keep: bool = True) -> CachedObjects:
        return CachedObjects(stores[group, "v1", plural].cacher, plural, keep=keep)

    def resource_of(version: str, kind: str) -> Resource | None:
        served = (store.resource for store in tuple(stores.values()) if isinstance(store, Store))
        return next((each for each in served if (each.api_version, each.kind) == (version, kind)), None)

    return Lookups(
        namespaces=CachedNamespaces(stores["", "v1", "namespaces"].cacher),
        accounts=CachedServiceAccounts(stores["", "v1", "serviceaccounts"].cacher),
        priority_classes=CachedPriorityClasses(stores["scheduling.k8s.io", "v1", "priorityclasses"].cacher),
        quotas=CachedQuotas(stores["", "v1", "resourcequotas"]),
        objects=objects,
        resource_of=resource_of,
    )
