"""One watch on the cache: a queue that the cache fills without ever waiting, and the reader empties.

Whoever lets more than 10 000 events pile up is dropped: the others, and the cache, are not delayed.
In Kubernetes: cacheWatcher in k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from typing import Self

from apiserver.storage.entry import Entry
from apiserver.storage.event import CacheEvent, Emission, transition
from apiserver.storage.interface import Selection, SlowWatcher, StorageError
from apiserver.storage.rounds import Rounds
from apiserver.storage.selection import is_prefix, restricting

_AT_ONCE = 500
_MANY = 100
"""So many events wait for no round."""
CAPACITY = 10_000


def matcher(selection: Selection) -> Callable[[Entry | None], bool]:
    """Whether an object (None: absent) is selected."""
    prefix, labels, fields = selection.prefix, restricting(selection.labels), restricting(selection.fields)
    within = str.startswith if is_prefix(prefix) else str.__eq__

    def matches(entry: Entry | None) -> bool:
        return (
            entry is not None
            and within(entry.key, prefix)
            and (labels is None or labels.matches(entry.labels))
            and (fields is None or fields.matches(entry.fields))
        )

    return matches


class CacheWatcher:
    """Iterate it for batches of emissions; see interface.Watcher."""

    def __init__(
        self,
        selection: Selection,
        *,
        after: int,
        forget: Callable[[CacheWatcher], None],
        mark: Callable[[], Emission],
        rounds: Rounds,
        bookmarks: bool = False,
        initial: Iterator[Emission] | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        self.after = after
        """Events up to this revision are not for us."""
        self.wants_bookmarks = bookmarks
        self.selection = selection
        self._matches = matcher(selection)
        self._forget, self._mark, self._rounds, self._capacity = forget, mark, rounds, capacity
        self._initial = initial
        self._queue: list[Emission] = []
        self._wake: asyncio.Future[None] | None = None
        self._error: StorageError | None = None
        self._closed = False

    # --- the cache's side: never waits

    def offer(self, event: CacheEvent) -> None:
        if event.revision <= self.after or self._closed:
            return
        type_ = transition(self._matches(event.old), self._matches(event.new))
        if type_ is not None:
            self._push(event.emission(type_))

    def bookmark(self) -> Emission:
        emission = self._mark()
        self._push(emission)
        return emission

    def end(self, error: StorageError) -> None:
        """Let the reader have what is queued, then the error."""
        self._error = self._error or error
        self.close()

    def _push(self, emission: Emission) -> None:
        if len(self._queue) >= self._capacity:
            self._queue.clear()
            self.end(SlowWatcher(f"dropped: {self._capacity} events were not read in time"))
            return
        self._queue.append(emission)
        if len(self._queue) == 1 and self._wake is not None:
            self._rounds.wake(self._wake)
        elif len(self._queue) == _MANY:
            self._rouse()

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    # --- the reader's side

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._forget(self)
        self._rouse()

    def __aiter__(self) -> AsyncIterator[Sequence[Emission]]:
        return self

    async def __anext__(self) -> Sequence[Emission]:
        if self._initial is not None:
            if batch := list(islice(self._initial, _AT_ONCE)):
                return batch
            self._initial = None
        while not self._queue:
            if self._error:
                raise self._error
            if self._closed:
                raise StopAsyncIteration
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        batch, self._queue = self._queue, []
        return batch

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
