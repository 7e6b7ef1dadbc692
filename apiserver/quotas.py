"""How admission looks at the quotas of a namespace, and writes what it reserves: by compare-and-swap on their status.

Writers of one quota in this server wait for one another, which saves them conflicts; other servers meet the swap.
Real Kubernetes: the quotaAccessor of k8s.io/apiserver/pkg/admission/plugin/resourcequota.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

import orjson

from apiserver.admission.resource_quota import Change
from apiserver.cached_objects import CachedObjects
from apiserver.registry.store import Store
from apiserver.storage.interface import KeyMissing, Stored

Doc = dict[str, Any]


class CachedQuotas:
    """Wants the Store of resourcequotas."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cached = CachedObjects(store.cacher, store.resource.plural)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._written: dict[str, Stored] = {}
        """Our last write of a quota, until the watch cache has it too."""

    @property
    def any(self) -> bool:
        return self._cached.any

    async def of(self, namespace: str) -> Sequence[Doc]:
        return await self._cached.of(namespace)

    async def use(self, namespace: str, name: str, change: Change) -> None:
        """Write what `change` makes of the quota as it is now; nothing where the quota has gone."""
        key = self._store.key(namespace, name)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            try:
                written = await self._store.storage.guaranteed_update(
                    key, lambda stored: self._changed(key, stored, change), suggestion=self._newest(key)
                )
            except KeyMissing:
                return
            self._written[key] = written

    def _newest(self, key: str) -> Stored | None:
        written, entry = self._written.pop(key, None), self._store.cacher.peek(key)
        if entry is None:
            return None
        newer = written is not None and written.revision > entry.revision
        return written if newer else entry.stored()

    def _changed(self, key: str, stored: Stored | None, change: Change) -> bytes | None:
        if stored is None:
            raise KeyMissing(key)
        quota = orjson.loads(stored.body)
        used = change(quota)
        status = quota.setdefault("status", {})
        if used == status.get("used", {}):
            return None
        status["used"] = used
        quota["metadata"].pop("resourceVersion", None)  # etcd's text has none: it is the key's own revision
        return self._store.strategy.model.from_dict(quota).to_json()
