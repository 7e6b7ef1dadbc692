"""The garbage collector: what belongs to an owner that is gone goes too; foreground and orphan deletion.

Watches the metadata of every kind that can be deleted; deletes dependents, removes references and finalizers.
No owner is believed to be gone because our copy lacks it: the API is asked, and answers by uid.
In Kubernetes: pkg/controller/garbagecollector. Kinds that are
defined while it runs are followed as soon as they are served.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from controllers.custom_kinds import model_for
from controllers.discovery import Served, discover_all
from controllers.ownership_graph import FOREGROUND, ORPHAN, Graph, Vertex
from machinery.api import scheme
from machinery.api.core.v1 import Event
from machinery.api.errors import Conflict, NotFound
from machinery.api.meta.v1 import OwnerReference, PartialObjectMetadata
from machinery.api.model import Object
from machinery.api.scheme import Resource
from machinery.client.controller import Context, Controller, enqueuer
from machinery.client.informer import Informer

log = logging.getLogger(__name__)

REMEMBERED = 500
LOOK_AGAIN_SECONDS = 5.0
DEFINING = ("CustomResourceDefinition", "APIService")
"""Kinds whose objects have others be served."""
SERVED = "what is served"
"""The key of discovery itself."""


# The decision.


@dataclass(frozen=True, slots=True)
class Owners:
    """An object's owners by their state: alive, gone, or going and waiting for their dependents."""

    solid: tuple[OwnerReference, ...] = ()
    dangling: tuple[OwnerReference, ...] = ()
    waiting: tuple[OwnerReference, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """drop: references (by uid) to remove. delete: the propagation policy to delete it with, or nothing."""

    drop: tuple[str, ...] = ()
    delete: str = ""


def judge(owners: Owners, finalizers: Sequence[str], *, has_dependents: bool) -> Verdict:
    """One living owner keeps an object; without any it goes, in the way that its finalizers ask for."""
    lost = (*owners.dangling, *owners.waiting)
    if not lost:
        return Verdict()
    if owners.solid:
        return Verdict(drop=tuple(ref.uid for ref in lost))
    if owners.waiting and has_dependents:
        return Verdict(delete="Foreground")
    if ORPHAN in finalizers:
        return Verdict(delete="Orphan")
    return Verdict(delete="Foreground" if FOREGROUND in finalizers else "Background")


def blocking(owner: Vertex, dependents: Iterable[Vertex]) -> list[Vertex]:
    """The dependents without whose end the owner must not go."""
    return [d for d in dependents if any(o.uid == owner.uid and o.block_owner_deletion for o in d.owners)]


# The effect.


class GarbageCollector(Controller):
    """Keys are `Kind/namespace/name@uid`: the name is for people, the uid decides."""

    name = "garbage-collector"
    workers = 5

    def __init__(self, ctx: Context, served: Iterable[Served]) -> None:
        super().__init__(ctx)
        self.graph = Graph()
        self._absent: OrderedDict[str, None] = OrderedDict()
        self._custom: dict[tuple[str, str], type[Object]] = {}
        """Classes of kinds that were defined by users, by group and kind."""
        self._followed: dict[tuple[str, str], Informer[Any]] = {}
        self.watches = tuple((ctx.informers.metadata(resource), self.keys_of) for resource in collectable(served))

    def keys_of(self, old: Object | None, new: Object | None) -> list[str]:
        """Whom the change concerns. A definition's concerns also what there is to follow."""
        defines = (old if new is None else new).kind in DEFINING
        return [*self.graph.keys(self.graph.observe(old, new)), *([SERVED] if defines else ())]

    async def reconcile(self, key: str) -> float | None:
        if key == SERVED:
            return await self._follow()
        item = self.graph.vertices.get(key.rpartition("@")[2])
        if item is None:
            return None
        if item.orphans:
            return await self._orphan(item)
        if item.waits:
            return await self._go_last(item)
        return None if item.deleting or not item.owners else await self._attempt_to_delete(item)

    async def _follow(self) -> float | None:
        """Watch what users have defined; let go what is defined no more, but not what only cannot be asked now."""
        discovered = await discover_all(self.ctx.client)
        wanted = {(each.group, each.kind): each for each in discovered.served if is_custom(each)}
        away = {each.rpartition("/")[0] for each in discovered.stale}
        for name in {each for each in self._followed if each[0] not in away} - wanted.keys():
            self.ctx.informers.forget(self._followed.pop(name))
            del self._custom[name]
        for name in wanted.keys() - self._followed.keys():
            self._custom[name] = model_for(wanted[name])
            informer = self.ctx.informers.informer(PartialObjectMetadata, path=wanted[name].path())
            self._followed[name] = informer
            informer.on_change(enqueuer(self.queue, self.keys_of))
            log.info("garbage-collector: following %s", name)
        return None

    def _model(self, api_version: str, kind: str) -> type[Object] | None:
        """The class of a kind, built in or defined by a user."""
        try:
            return scheme.for_kind(api_version, kind).model
        except scheme.NotRegistered:
            return self._custom.get((api_version.rpartition("/")[0], kind))

    def _model_of(self, item: Vertex) -> type[Object]:
        model = self._model(item.api_version, item.kind)
        if model is None:
            raise NotFound(item.kind, item.name)
        return model

    async def _attempt_to_delete(self, item: Vertex) -> None:
        """Judge it as it is now, not as the copy knows it. All its owners being there, there is nothing to judge."""
        if all(self._stands(item, ref) for ref in item.owners):
            return
        live = await self._live(item)
        if live is None:
            return
        meta = live.metadata
        owners = await self._classified(item, meta.owner_references)
        verdict = judge(owners, meta.finalizers, has_dependents=bool(self.graph.dependents(item.uid)))
        if verdict.drop:
            await self._drop_references(item, verdict.drop)
        if verdict.delete:
            log.info("%s: owner gone, deleting (%s)", item, verdict.delete)
            await self._delete(item, verdict.delete, meta.resource_version)

    def _stands(self, item: Vertex, ref: OwnerReference) -> bool:
        """The graph has this owner, where the reference says it is, and it waits for nobody. Its end will wake us."""
        owner = self.graph.vertices.get(ref.uid)
        return (
            owner is not None and not owner.waits and (owner.kind, owner.name) == (ref.kind, ref.name)
            and owner.namespace in ("", item.namespace)
        )  # fmt: skip

    async def _classified(self, item: Vertex, references: Iterable[OwnerReference]) -> Owners:
        solid, dangling, waiting = [], [], []
        for ref in references:
            owner = self.graph.vertices.get(ref.uid)
            if owner is not None and owner.waits and ref.block_owner_deletion:
                waiting.append(ref)
            elif await self._exists(item, ref):
                solid.append(ref)
            else:
                dangling.append(ref)
        return Owners(tuple(solid), tuple(dangling), tuple(waiting))

    async def _exists(self, item: Vertex, ref: OwnerReference) -> bool:
        """In the graph, where the reference says it is; else the API decides."""
        model = self._model(ref.api_version, ref.kind)
        if model is None:
            return True
        resource = scheme.for_model(model)
        if resource.namespaced and not item.namespace:
            # A cluster-wide object cannot belong to a namespaced one. Nobody is deleted for a senseless reference.
            return True
        namespace = item.namespace if resource.namespaced else ""
        known = self.graph.vertices.get(ref.uid)
        if known and (known.kind, known.namespace, known.name) == (ref.kind, namespace, ref.name):
            return True
        absent = f"{namespace}/{ref.uid}"
        if absent in self._absent:
            return False
        if await self._uid_of(model, ref.name, namespace) == ref.uid:
            return True
        self._absent[absent] = None
        if len(self._absent) > REMEMBERED:
            self._absent.popitem(last=False)
        return False

    async def _uid_of(self, model: type[Object], name: str, namespace: str) -> str:
        try:
            return (await self.ctx.client.get(model, name, namespace)).metadata.uid
        except NotFound:
            return ""

    async def _orphan(self, owner: Vertex) -> None:
        """Free the dependents, then let the owner go."""
        for dependent in self.graph.dependents(owner.uid):
            await self._drop_references(dependent, (owner.uid,))
        await self._remove_finalizer(owner, ORPHAN)

    async def _go_last(self, owner: Vertex) -> float | None:
        """Send the dependents away; once none holds it any more, let the owner go."""
        dependents = self.graph.dependents(owner.uid)
        if not blocking(owner, dependents):
            await self._remove_finalizer(owner, FOREGROUND)
            return None
        for dependent in dependents:
            if not dependent.deleting:
                self.queue.add(dependent.key, self.queue.woken_by(owner.key))
        return LOOK_AGAIN_SECONDS

    async def _live(self, item: Vertex) -> Object | None:
        try:
            live = await self.ctx.client.get(self._model_of(item), item.name, item.namespace)
        except NotFound:
            return None
        return live if live.metadata.uid == item.uid else None

    async def _delete(self, item: Vertex, policy: str, revision: str) -> None:
        try:
            await self.ctx.client.delete(
                self._model_of(item), item.name, item.namespace, propagation_policy=policy, uid=item.uid,
                resource_version=revision)
        except NotFound:
            return

    async def _drop_references(self, item: Vertex, uids: Iterable[str]) -> None:
        model, dropped = self._model_of(item), set(uids)
        references = [{"$patch": "delete", "uid": uid} for uid in dropped]
        body: dict[str, Any] = {"metadata": {"uid": item.uid, "ownerReferences": references}}
        try:
            if model in self._custom.values():
                await self._drop_from_custom(item, dropped)
            else:
                await self.ctx.client.patch(model, item.name, item.namespace, body, patch_type="strategic")
        except NotFound:
            return
        except Conflict as error:
            # Another object has the name by now; ours is gone.
            log.debug("%s: %s", item, error)

    async def _drop_from_custom(self, item: Vertex, dropped: set[str]) -> None:
        """Custom resources take no strategic merge patches: the list goes as a whole, of the object as it was read."""
        live = await self._live(item)
        if live is None:
            return
        left = [ref.to_dict() for ref in live.metadata.owner_references if ref.uid not in dropped]
        body = {"metadata": {"resourceVersion": live.metadata.resource_version, "ownerReferences": left or None}}
        await self.ctx.client.patch(self._model_of(item), item.name, item.namespace, body)

    async def _remove_finalizer(self, item: Vertex, finalizer: str) -> None:
        live = await self._live(item)
        if live is None or finalizer not in live.metadata.finalizers:
            return
        left = [name for name in live.metadata.finalizers if name != finalizer]
        body = {"metadata": {"resourceVersion": live.metadata.resource_version, "finalizers": left or None}}
        try:
            await self.ctx.client.patch(self._model_of(item), item.name, item.namespace, body)
        except NotFound:
            return


def collectable(served: Iterable[Served]) -> list[Resource]:
    """What to watch: all that can be listed, watched and deleted, but for Events, which only expire."""
    found = []
    for resource in served:
        if resource.kind == Event.__name__ or not {"list", "watch", "delete"} <= resource.verbs:
            continue
        try:
            found.append(scheme.for_resource(resource.group, resource.version, resource.plural))
        except scheme.NotRegistered:
            continue  # defined by users: followed once their definitions are seen
    return found


def is_custom(resource: Served) -> bool:
    """Whether users have defined it: followed, as far as it can be."""
    if not {"list", "watch", "delete"} <= resource.verbs:
        return False
    try:
        scheme.for_resource(resource.group, resource.version, resource.plural)
    except scheme.NotRegistered:
        return True
    return False
