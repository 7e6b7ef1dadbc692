"""All watch caches of the API server: loads each resource once, hands every change to the one it concerns.

Watches all of etcd by feed.py, sends a bookmark each minute to the watchers that asked for them.
In Kubernetes: one Cacher per resource, each with an etcd watch of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from apiserver.storage.cacher import ResourceCacher
from apiserver.storage.feed import Feed
from apiserver.storage.interface import CachedResource, Change, Storage, StorageError
from apiserver.storage.keys import ROOT

log = logging.getLogger(__name__)

_MINUTE = 60.0


class Cache:
    """`cache.resource(...)` for each resource, `await cache.run()` in a task; see interface.WatchCache."""

    def __init__(self, storage: Storage, *, bookmark_interval: float = _MINUTE) -> None:
        self._storage = storage
        self._bookmark_interval = bookmark_interval
        self._cachers: dict[str, ResourceCacher] = {}
        self._to_load: asyncio.Queue[ResourceCacher] = asyncio.Queue()
        self._from_start: set[ResourceCacher] = set()
        self._complete = False
        self._late: set[ResourceCacher] = set()
        """New since the start and not loaded yet: who asks for these waits, and nobody else is concerned."""
        self._feed = Feed(storage, take=self._take, restart=self._restart)

    @property
    def healthy(self) -> bool:
        known = (cacher for cacher in self._cachers.values() if cacher not in self._late)
        return self._feed.connected and all(cacher.ready.is_set() for cacher in known)

    def sizes(self) -> dict[str, int]:
        """How many objects there are of each resource."""
        return {cacher.resource.prefix.split("/")[2]: cacher.size for cacher in self._cachers.values()}

    def resource(self, resource: CachedResource) -> ResourceCacher:
        if resource.prefix not in self._cachers:
            cacher = ResourceCacher(resource, self._storage, self._feed.progress)
            self._cachers[resource.prefix] = cacher
            self._to_load.put_nowait(cacher)
            if self._complete:
                self._late.add(cacher)
            if not self._feed.start:
                self._from_start.add(cacher)
        return self._cachers[resource.prefix]

    def forget(self, prefix: str) -> None:
        """Nobody asks for this resource any more, or shall ask anew: end its watches and drop what is held."""
        if cacher := self._cachers.pop(prefix, None):
            self._from_start.discard(cacher)
            self._late.discard(cacher)
            for watcher in cacher.watchers():
                watcher.close()

    def reload_unreadable(self) -> None:
        """There are other keys now: read again what could not be decrypted."""
        for cacher in self._cachers.values():
            if cacher.has_unreadable:
                cacher.reset()
                self._to_load.put_nowait(cacher)

    async def synced(self) -> None:
        for cacher in tuple(self._cachers.values()):
            await cacher.ready.wait()
        self._complete = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._feed.run(), name="etcd feed")
            tasks.create_task(self._load(), name="watch cache loader")
            tasks.create_task(self._send_bookmarks(), name="bookmarks")

    async def _load(self) -> None:
        while True:
            cacher = await self._to_load.get()
            if self._cachers.get(cacher.resource.prefix) is not cacher:
                continue
            # The feed must have begun before a list is read, or changes between the two would be missed.
            await self._feed.progress.reached(1)
            try:
                await self._load_one(cacher)
            except StorageError as error:
                log.warning("cannot load %s yet: %s", cacher.resource.prefix, error)
                self._to_load.put_nowait(cacher)
                await asyncio.sleep(0.2)

    async def _load_one(self, cacher: ResourceCacher) -> None:
        # Who has heard the feed from its start may begin with the list of back then, and so gets a history.
        at = self._feed.start if cacher in self._from_start else 0
        self._from_start.discard(cacher)
        await cacher.load(at, self._feed.target)
        self._late.discard(cacher)

    def _take(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if cacher := self._cachers.get(_resource_prefix(change.key)):
                cacher.apply((change,))

    def _restart(self) -> None:
        for cacher in self._cachers.values():
            cacher.reset()
            self._to_load.put_nowait(cacher)

    async def _send_bookmarks(self) -> None:
        while True:
            await asyncio.sleep(self._bookmark_interval)
            for cacher in tuple(self._cachers.values()):
                for watcher in cacher.watchers():
                    if watcher.wants_bookmarks:
                        watcher.bookmark()


def _resource_prefix(key: str) -> str:
    """/registry/pods/ of /registry/pods/default/web."""
    return key[: key.find("/", len(ROOT)) + 1]
