"""The last events of a resource, so that a watch can begin where an earlier one or a list ended. Pure.

Keeps at least 1024 events; beyond these, as many as are younger than five minutes, 8192 at most.
In Kubernetes: the cyclic buffer of k8s.io/apiserver/pkg/storage/cacher/watch_cache.go.
"""

from __future__ import annotations

from collections import deque

from apiserver.storage.event import CacheEvent
from apiserver.storage.interface import Compacted


class History:
    """Events with revision > floor, in order; `now` in seconds of any monotonic clock."""

    def __init__(self, floor: int, *, least: int = 1024, most: int = 8192, age: float = 300.0) -> None:
        self.floor = floor
        self._least, self._most, self._age = least, most, age
        self._events: deque[tuple[float, CacheEvent]] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def append(self, event: CacheEvent, now: float) -> None:
        self._events.append((now, event))
        while len(self._events) > self._least and (
            len(self._events) > self._most or self._events[0][0] < now - self._age
        ):
            self.floor = self._events.popleft()[1].revision

    def since(self, revision: int) -> list[CacheEvent]:
        """Events after a revision; Compacted when some of them are forgotten."""
        if revision < self.floor:
            raise Compacted(revision, self.floor)
        found: list[CacheEvent] = []
        # Watches begin near the end, and a deque is slow in its middle: walk backwards.
        for _, event in reversed(self._events):
            if event.revision <= revision:
                break
            found.append(event)
        found.reverse()
        return found
