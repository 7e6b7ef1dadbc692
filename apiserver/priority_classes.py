"""How other parts of this server look at priority classes: from the watch cache, as it is now.

Real Kubernetes: the PriorityClass lister that the Priority plugin holds.
"""

from __future__ import annotations

from typing import Any

from apiserver.cached_objects import CachedObjects
from apiserver.storage.interface import Cacher, Entry

Doc = dict[str, Any]


class CachedPriorityClasses:
    """Wants the Cacher of priority classes. Nobody may change what it hands out."""

    def __init__(self, cacher: Cacher) -> None:
        self._classes = CachedObjects(cacher, "priorityclasses")
        self._defaults: set[str] = set()
        """Names of the classes that say that they are the default."""
        cacher.follow(self._note)

    def _note(self, old: Entry | None, new: Entry | None) -> None:
        for entry in filter(None, (old, new)):
            self._defaults.discard(entry.fields["metadata.name"])
        if new is not None and new.fields["globalDefault"] == "true":
            self._defaults.add(new.fields["metadata.name"])

    async def named(self, name: str) -> Doc | None:
        """The class of this name; asks etcd when the cache has not heard of it."""
        return await self._classes.named(name)

    async def default(self) -> Doc | None:
        """The class of pods that name none; the least of several."""
        found = [self._classes.peek(name) for name in self._defaults]
        return min(filter(None, found), key=lambda each: each["value"], default=None)
