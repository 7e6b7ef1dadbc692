"""How other parts of this server look at priority classes: from the watch cache, as it is now.

Real Kubernetes: the PriorityClass lister that the Priority plugin holds.
"""

from __future__ import annotations

from typing import Any

import orjson

from apiserver.storage.interface import Cacher, Selection
from apiserver.storage.keys import key_of, prefix_of
from machinery.api import fields

_PLURAL = "priorityclasses"
_DEFAULTS = Selection(prefix_of(_PLURAL), fields=fields.parse("globalDefault=true"))
Doc = dict[str, Any]


class CachedPriorityClasses:
    """Wants the Cacher of priority classes, which has an index on globalDefault."""

    def __init__(self, cacher: Cacher) -> None:
        self._cacher = cacher

    async def named(self, name: str) -> Doc | None:
        """The class of this name; asks etcd when the cache has not heard of it."""
        key = key_of(_PLURAL, name)
        entry = self._cacher.peek(key) or await self._cacher.get(key)
        return None if entry is None else orjson.loads(entry.body)

    async def default(self) -> Doc | None:
        """The class of pods that name none; the least of several."""
        found = await self._cacher.list(_DEFAULTS, resource_version=0)
        return min((orjson.loads(entry.body) for entry in found.items), key=lambda each: each["value"], default=None)
