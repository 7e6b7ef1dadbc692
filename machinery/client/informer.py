"""A local copy of one kind that follows the server, read by many and asked of the server once.

An InformerFactory makes one Informer per scope; whoever needs pods shares the same copy. Handlers run in the loop, in
order of revisions, after the copy has changed: they only add keys to queues. Objects in the copy are never changed.
In real Kubernetes: client-go/tools/cache and client-go/informers. Left out: periodic resync, handlers' own goroutines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from machinery.api import scheme
from machinery.api.meta.v1 import PartialObjectMetadata
from machinery.api.model import Object
from machinery.api.scheme import Resource
from machinery.client.lister import Key, Lister, Store, store_key
from machinery.client.reflector import Changed, Reflector, Replaced, Scope
from machinery.client.rest import Client

M = TypeVar("M", bound=Object)

Handler = Callable[[M | None, M | None], None]
"""Called with (None, new), (old, new) or (old, None): added, updated, deleted."""


class Informer(Generic[M]):
    """The copy of one scope. Read it through `lister`; hear of changes through `on_change`."""

    def __init__(self, client: Client, scope: Scope[M]) -> None:
        self.scope = scope
        self._reflector = Reflector(client, scope)
        self._store: Store[M] = Store()
        self._handlers: list[Handler[M]] = []
        self._synced = asyncio.Event()
        self.lister: Lister[M] = Lister(self._store)

    def on_change(self, handler: Handler[M]) -> None:
        """Calls handler for every change from now on, and for each object already here as if it were added."""
        self._handlers.append(handler)
        for obj in list(self._store.objects.values()):
            handler(None, obj)

    def add_index(self, name: str, values_of: Callable[[M], Iterable[str]]) -> None:
        """Makes `lister.by_index(name, value)` answer without looking at every object."""
        self._store.add_index(name, values_of)

    async def synced(self) -> None:
        """Returns once the first list is in the copy."""
        await self._synced.wait()

    @property
    def has_synced(self) -> bool:
        return self._synced.is_set()

    async def run(self) -> None:
        """Follows the server until cancelled."""
        async with aclosing(self._reflector.changes()) as changes:
            async for change in changes:
                self.apply(change)

    def apply(self, change: Replaced[M] | Changed[M]) -> None:
        """Brings the copy up to date and tells the handlers what is different."""
        if isinstance(change, Replaced):
            self._replace(change.objects)
            self._synced.set()
        elif change.deleted:
            self._forget(store_key(change.object), change.object)
        else:
            self._put(change.object)

    def _replace(self, objects: tuple[M, ...]) -> None:
        for key in self._store.objects.keys() - {store_key(obj) for obj in objects}:
            self._forget(key, self._store.objects[key])
        for obj in objects:
            self._put(obj)

    def _put(self, new: M) -> None:
        old = self._store.objects.get(store_key(new))
        if old and old.metadata.uid != new.metadata.uid:
            # Deleted and made again while we looked away: two changes, not one.
            self._forget(store_key(old), old)
            old = None
        if old and old.metadata.resource_version == new.metadata.resource_version:
            return
        self._store.put(new)
        self._tell(old, new)

    def _forget(self, key: Key, last: M) -> None:
        if self._store.remove(key):
            self._tell(last, None)

    def _tell(self, old: M | None, new: M | None) -> None:
        for handler in self._handlers:
            handler(old, new)


class InformerFactory:
    """Makes informers, one per scope, and runs them all."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._informers: dict[Scope[Any], Informer[Any]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def metadata(self, resource: Resource) -> Informer[Any]:
        """An informer of one resource for those who read only metadata: the shared whole one if somebody has it.

        Otherwise nothing but the metadata of its objects is decoded and kept, and their classes stay unloaded.
        """
        for scope, informer in self._informers.items():
            if scope == Scope(scope.kind) and scheme.for_model(scope.kind) is resource:
                return informer
        return self.informer(PartialObjectMetadata, path=resource.path())

    def informer(self, kind: type[M], *, namespace: str = "", field_selector: str = "",
                 label_selector: str = "", path: str = "") -> Informer[M]:
        """The shared informer of this scope; made while the factory runs, it starts at once."""
        scope = Scope(kind, namespace, label_selector, field_selector, path)
        if scope not in self._informers:
            self._informers[scope] = Informer(self._client, scope)
            if self._group:
                self._start(self._informers[scope])
        return self._informers[scope]

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps every informer up to date until stop."""
        async with asyncio.TaskGroup() as self._group:
            for informer in self._informers.values():
                self._start(informer)
            await stop.wait()
            self._group, tasks = None, self._tasks
            for task in tasks:
                task.cancel()

    def forget(self, informer: Informer[Any]) -> None:
        """Follow this one no longer; its copy stays as it is."""
        self._informers.pop(informer.scope, None)
        for task in self._tasks:
            if task.get_name() == _task_name(informer):
                task.cancel()
        self._tasks = [task for task in self._tasks if task.get_name() != _task_name(informer)]

    async def synced(self) -> None:
        """Returns once every informer has its first list."""
        for informer in list(self._informers.values()):
            await informer.synced()

    def _start(self, informer: Informer[Any]) -> None:
        self._tasks.append(self._group.create_task(informer.run(), name=_task_name(informer)))


def _task_name(informer: Informer[Any]) -> str:
    return f"informer {informer.scope}"
