"""The graph of owners and dependents, as the watch tells it.

A pure data structure: `observe` takes one change and answers with the uids that are worth a look.
In Kubernetes: pkg/controller/garbagecollector/{graph,graph_builder}.go. Left out: virtual nodes; here the dependent
of an owner that was never seen asks the API itself (garbage_collector.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from machinery.api.meta.v1 import OwnerReference
from machinery.api.model import Object

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"


@dataclass(frozen=True, slots=True)
class Vertex:
    """One object: who it is, who owns it, and whether and how it is being deleted."""

    uid: str
    api_version: str
    kind: str
    namespace: str
    name: str
    owners: tuple[OwnerReference, ...]
    deleting: bool
    finalizers: tuple[str, ...]

    @property
    def orphans(self) -> bool:
        """It is going, and its dependents are to stay."""
        return self.deleting and ORPHAN in self.finalizers

    @property
    def waits(self) -> bool:
        """It is going, after its dependents."""
        return self.deleting and FOREGROUND in self.finalizers

    @property
    def key(self) -> str:
        """What stands in queues and in the audit log: readable, and of no other object that has the name later."""
        return f"{self}@{self.uid}"

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


def vertex(obj: Object) -> Vertex:
    """An object, reduced to what the graph needs."""
    meta = obj.metadata
    return Vertex(
        uid=meta.uid, api_version=obj.api_version, kind=obj.kind, namespace=meta.namespace, name=meta.name,
        owners=meta.owner_references, deleting=meta.deletion_timestamp is not None, finalizers=meta.finalizers,
    )


class Graph:
    """Vertices by uid, and who depends on whom."""

    def __init__(self) -> None:
        self.vertices: dict[str, Vertex] = {}
        self._dependents: defaultdict[str, set[str]] = defaultdict(set)

    def __contains__(self, uid: str) -> bool:
        return uid in self.vertices

    def dependents(self, uid: str) -> list[Vertex]:
        """Those that name this owner, in a fixed order."""
        return [self.vertices[dependent] for dependent in sorted(self._dependents.get(uid, ()))]

    def keys(self, uids: Iterable[str]) -> list[str]:
        """The keys of those that are there."""
        return [self.vertices[uid].key for uid in uids if uid in self.vertices]

    def observe(self, old: Object | None, new: Object | None) -> list[str]:
        """Take one change in; answer with the uids to look at."""
        return self._remove(old.metadata.uid) if new is None else self._put(vertex(new))

    def _put(self, new: Vertex) -> list[str]:
        old = self.vertices.get(new.uid)
        if old == new:
            return []
        self._unlink(old)
        self.vertices[new.uid] = new
        for owner in new.owners:
            self._dependents[owner.uid].add(new.uid)
        return self._interesting(old, new)

    def _interesting(self, old: Vertex | None, new: Vertex) -> list[str]:
        before = old.owners if old else ()
        is_owned_anew = not new.deleting and new.owners and new.owners != before
        uids = [new.uid] if new.orphans or new.waits or is_owned_anew else []
        # Owners that wait for their dependents look again when a dependent is released.
        return uids + self._waiting_among(ref for ref in before if ref not in new.owners)

    def _remove(self, uid: str) -> list[str]:
        gone = self.vertices.pop(uid, None)
        self._unlink(gone)
        dependents = sorted(self._dependents.get(uid, ()))
        return dependents + (self._waiting_among(gone.owners) if gone else [])

    def _waiting_among(self, owners: Iterable[OwnerReference]) -> list[str]:
        uids = (ref.uid for ref in owners)
        return [uid for uid in uids if uid in self.vertices and self.vertices[uid].waits]

    def _unlink(self, old: Vertex | None) -> None:
        for owner in old.owners if old else ():
            uids = self._dependents[owner.uid]
            uids.discard(old.uid)
            if not uids:
                del self._dependents[owner.uid]
