"""A namespace's objects of one kind for parts of this server: from the watch cache, each decoded once per revision.

For kinds of which a namespace has few, such as quotas: what asks pays for one look at the cache.
Real Kubernetes: a lister of an informer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from apiserver.storage.interface import Cacher, Entry, Selection
from apiserver.storage.keys import prefix_of

Doc = dict[str, Any]


class CachedObjects:
    """Wants the Cacher of the kind. Nobody may change what it hands out."""

    def __init__(self, cacher: Cacher, plural: str, *, keep: bool = True) -> None:
        """Without `keep` nothing decoded is kept: for kinds of which there are many."""
        self._cacher, self._keep = cacher, keep
        self._plural = plural
        self._decoded: dict[str, tuple[int, Doc]] = {}
        self._lists: dict[str, Sequence[Doc]] = {}
        """What was asked for by namespace, until any object of the kind changes."""
        if keep:
            cacher.follow(lambda old, new: self._lists.clear())

    @property
    def any(self) -> bool:
        """Whether there are any at all, anywhere."""
        return bool(self._cacher.size)

    async def of(self, namespace: str = "") -> Sequence[Doc]:
        """Those of a namespace, or all, in order of name."""
        if not self.any:
            self._decoded.clear()
            return ()
        if (known := self._lists.get(namespace)) is not None:
            return known
        found = await self._cacher.list(Selection(prefix_of(self._plural, namespace)), resource_version=0)
        documents = [self._document(entry) for entry in found.items]
        if self._keep:
            self._lists[namespace] = documents
        return documents

    async def named(self, name: str, namespace: str = "") -> Doc | None:
        """The one of this name, asking etcd when the cache has not heard of it."""
        key = prefix_of(self._plural, namespace) + name
        entry = self._cacher.peek(key) or await self._cacher.get(key)
        return None if entry is None else self._document(entry)

    def peek(self, name: str, namespace: str = "") -> Doc | None:
        """The same, as far as the cache has heard."""
        entry = self._cacher.peek(prefix_of(self._plural, namespace) + name)
        return None if entry is None else self._document(entry)

    def _document(self, entry: Entry) -> Doc:
        if not self._keep:
            return orjson.loads(entry.body)
        known = self._decoded.get(entry.key)
        if known is None or known[0] != entry.revision:
            if len(self._decoded) > self._cacher.size:
                self._decoded.clear()
            known = self._decoded[entry.key] = (entry.revision, orjson.loads(entry.body))
        return known[1]
