"""One stream of every change in etcd, in order, and how far it has come. Survives etcd's restarts.

It watches the whole keyspace rather than one resource each: then every revision shows up as an event, and
"has the cache reached revision N" is answered by the events themselves. Kubernetes uses progress requests
for this; before etcd 3.4.25 and 3.5.8 their answers overtake events, and whoever trusts them reads stale.
In Kubernetes: the reflector and progress requester of k8s.io/apiserver/pkg/storage/cacher.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from itertools import count, groupby

from apiserver.storage.interface import Change, Compacted, Storage, StorageError

log = logging.getLogger(__name__)

_BREATH = 100
"""So many changes are taken in before watchers' connections get a turn."""
MEMORY = 1000
"""So many revisions before the first connection are told too: watches outlive a restart of the API server."""
_SHORTEST, _LONGEST = 0.05, 2.0
"""Seconds between two attempts to follow etcd."""


class Progress:
    """The revision up to which everybody has been told everything, and those who wait for it to grow."""

    def __init__(self) -> None:
        self.revision = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    async def reached(self, revision: int) -> None:
        if self.revision >= revision:
            return
        here = asyncio.get_running_loop().create_future()
        waiter = (revision, next(self._order), here)
        heapq.heappush(self._waiting, waiter)
        try:
            await here
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                heapq.heapify(self._waiting)
            raise

    def advance(self, revision: int) -> None:
        self.revision = revision
        while self._waiting and self._waiting[0][0] <= revision:
            here = heapq.heappop(self._waiting)[2]
            if not here.done():
                here.set_result(None)


class Feed:
    """`take(changes)` gets all changes of one revision; `restart()` says that some were missed."""

    def __init__(
        self,
        storage: Storage,
        *,
        take: Callable[[Sequence[Change]], None],
        restart: Callable[[], None],
    ) -> None:
        self.progress = Progress()
        self.connected = False
        self.start = self.target = 0
        """The first connection begins behind `start`; whoever waits for `target` knows what etcd knew then."""
        self._storage, self._take, self._restart = storage, take, restart

    async def run(self) -> None:
        pause = _SHORTEST
        while True:
            try:
                await self._follow()
            except Compacted as error:
                log.warning("etcd forgot what we have not seen (%s): reading everything again", error)
                self._start_over(0)
            except StorageError as error:
                log.warning("lost etcd's stream at revision %d: %s", self.progress.revision, error)
            pause = _SHORTEST if self.connected else min(2 * pause, _LONGEST)
            self.connected = False
            await asyncio.sleep(pause)

    async def _follow(self) -> None:
        now = await self._storage.current_revision()
        seen = self.progress.revision
        if seen == 0:
            # Only the first time: when that much is compacted already, the next attempt begins now.
            self.start = now if self.start else max(1, now - MEMORY)
            self.target = now
            self.progress.advance(self.start)
        elif now < seen:
            log.error("etcd went back from revision %d to %d: its data was lost or replaced", seen, now)
            self.target = now
            self._start_over(now)
        async with aclosing(self._storage.watch("", self.progress.revision)) as batches:
            async for changes in batches:
                self.connected = True
                await self._deliver(changes)

    def _start_over(self, revision: int) -> None:
        self.progress.revision = revision
        self._restart()

    async def _deliver(self, changes: Sequence[Change]) -> None:
        taken = 0
        for revision, together in groupby(changes, key=lambda change: change.revision):
            same = list(together)
            self._take(same)
            self.progress.advance(revision)
            taken += len(same)
            if taken >= _BREATH:
                taken = 0
                await asyncio.sleep(0)
