"""The webhooks that are configured right now: read from the watch cache, unpacked once per change.

Ordered by the name of their configuration, then as they stand in it.
Real Kubernetes: admission/configuration/{mutating,validating}_webhook_manager.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from apiserver.admission.matching import selector
from apiserver.storage.interface import Cacher, Selection
from apiserver.storage.keys import prefix_of
from machinery.api import labels

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook. `key` tells it from every other."""

    key: str
    configuration: str
    name: str
    doc: Doc
    namespaces: labels.Selector
    objects: labels.Selector

    @property
    def exact(self) -> bool:
        return self.doc.get("matchPolicy") == "Exact"

    @property
    def ignores_failures(self) -> bool:
        return self.doc.get("failurePolicy") == "Ignore"

    @property
    def timeout(self) -> int:
        return self.doc.get("timeoutSeconds", 10)

    @property
    def again(self) -> bool:
        """Whether it is asked once more when others have changed the object after it."""
        return self.doc.get("reinvocationPolicy") == "IfNeeded"

    @property
    def safe_to_try(self) -> bool:
        return self.doc.get("sideEffects") in ("None", "NoneOnDryRun")


class Configurations:
    """Wants the Cacher of one of the two kinds and its plural."""

    def __init__(self, cacher: Cacher, plural: str) -> None:
        self._cacher = cacher
        self._all = Selection(prefix_of(plural))
        self._known: dict[str, tuple[int, tuple[Hook, ...]]] = {}

    @property
    def any(self) -> bool:
        """Whether anything is configured at all: what is asked of every write."""
        return bool(self._cacher.size)

    async def hooks(self) -> tuple[Hook, ...]:
        found = (await self._cacher.list(self._all, resource_version=0)).items
        if not found:
            self._known = {}
            return ()
        self._known = {entry.key: self._unpacked(entry) for entry in sorted(found, key=lambda each: each.key)}
        return tuple(hook for _, hooks in self._known.values() for hook in hooks)

    def _unpacked(self, entry: Any) -> tuple[int, tuple[Hook, ...]]:
        known = self._known.get(entry.key)
        if known is not None and known[0] == entry.revision:
            return known
        obj = orjson.loads(entry.body)
        name = obj["metadata"]["name"]
        return entry.revision, tuple(
            Hook(
                f"{name}/{index}/{doc['name']}", name, doc["name"], doc,
                selector(doc.get("namespaceSelector")), selector(doc.get("objectSelector")),
            )
            for index, doc in enumerate(obj.get("webhooks", ()))
        )  # fmt: skip
