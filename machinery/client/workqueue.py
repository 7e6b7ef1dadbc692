"""A queue of keys for workers.

- fair: keys are handed out in the order in which they were added.
- stingy: a key that is added many times before a worker takes it is handed out once.
- exclusive: one key is never in two workers' hands; added meanwhile, it is handed out again after `done`.
- patient: `add_rate_limited` waits longer after each failure of that key: 5 ms, 10 ms, … 1000 s; `forget` resets it.
- it remembers for each key who woke it, so that what a worker then writes can name its cause.

In real Kubernetes: client-go/util/workqueue. Left out: priorities, a global rate limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

from machinery.client.cause import merged
from machinery.component.clock import Clock, RealClock, Timer

K = TypeVar("K", bound=Hashable)

BASE_DELAY = 0.005
MAX_DELAY = 1000.0

Wakers = tuple[str, ...]


class WorkQueue(Generic[K]):
    """Not for threads: one event loop adds and takes."""

    def __init__(self, *, clock: Clock | None = None, base_delay: float = BASE_DELAY,
                 max_delay: float = MAX_DELAY) -> None:
        self._clock = clock or RealClock()
        self._base_delay, self._max_delay = base_delay, max_delay
        self._ready: asyncio.Queue[K] = asyncio.Queue()
        self._wanted: dict[K, Wakers] = {}
        """Keys that want processing, with their wakers: those in _ready, and those added while in work."""
        self._in_work: dict[K, Wakers] = {}
        self._waiting: dict[K, tuple[float, Timer, Wakers]] = {}
        self._failures: dict[K, int] = {}

    def __len__(self) -> int:
        """How many keys are ready for a worker."""
        return self._ready.qsize()

    def add(self, key: K, woken_by: str | Wakers = ()) -> None:
        """Wants the key processed, as soon as it is not in work any more."""
        wakers = (woken_by,) if isinstance(woken_by, str) else woken_by
        if key not in self._wanted and key not in self._in_work:
            self._ready.put_nowait(key)
        self._wanted[key] = merged(self._wanted.get(key, ()), wakers)

    def add_after(self, key: K, seconds: float, woken_by: str | Wakers = ()) -> None:
        """Adds the key later; of several such times the earliest counts. A key in work hands on its wakers."""
        wakers = (woken_by,) if isinstance(woken_by, str) else woken_by
        wakers = merged(self._in_work.get(key, ()), wakers)
        if seconds <= 0:
            return self.add(key, wakers)
        due = self._clock.monotonic() + seconds
        if key in self._waiting:
            known_due, timer, known = self._waiting[key]
            wakers = merged(known, wakers)
            if known_due <= due:
                self._waiting[key] = (known_due, timer, wakers)
                return None
            timer.cancel()
        self._waiting[key] = (due, self._clock.call_later(seconds, lambda: self._come_due(key)), wakers)
        return None

    def add_rate_limited(self, key: K, woken_by: str | Wakers = ()) -> None:
        """Adds the key after a wait that doubles with each of its failures."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(self._base_delay * 2 ** min(failures, 60), self._max_delay), woken_by)

    def forget(self, key: K) -> None:
        """The key went well: its next failure waits the shortest time again."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        """How often the key was added rate-limited since it was last forgotten."""
        return self._failures.get(key, 0)

    async def get(self) -> K:
        """The next key; it is in the caller's hands until `done`."""
        key = await self._ready.get()
        self._in_work[key] = self._wanted.pop(key)
        return key

    def woken_by(self, key: K) -> Wakers:
        """Who woke a key that is in work, oldest first."""
        return self._in_work.get(key, ())

    def done(self, key: K) -> None:
        """The worker let go of the key; if it was added meanwhile, it is ready again."""
        self._in_work.pop(key, None)
        if key in self._wanted:
            self._ready.put_nowait(key)

    def close(self) -> None:
        """Takes back every add that is yet to come due."""
        for _, timer, _ in self._waiting.values():
            timer.cancel()
        self._waiting.clear()

    def _come_due(self, key: K) -> None:
        _, _, wakers = self._waiting.pop(key)
        self.add(key, wakers)
