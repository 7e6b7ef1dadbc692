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
from apiserver.service_accounts import CachedServiceAccounts


def lookups(stores: Stores) -> Lookups:
    """All of them."""

    def objects(plural: str, group: str = "", *, keep: bool = True) -> CachedObjects:
        return CachedObjects(stores[group, "v1", plural].cacher, plural, keep=keep)

    return Lookups(
        namespaces=CachedNamespaces(stores["", "v1", "namespaces"].cacher),
        accounts=CachedServiceAccounts(stores["", "v1", "serviceaccounts"].cacher),
        priority_classes=CachedPriorityClasses(stores["scheduling.k8s.io", "v1", "priorityclasses"].cacher),
        quotas=CachedQuotas(stores["", "v1", "resourcequotas"]),
        objects=objects,
    )
