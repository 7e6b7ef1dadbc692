"""Wakes the watchers of one resource that have something to read: all together, and not more often than is good.

The first change after a quiet moment is told at once. A round that kept the event loop busy is followed by a pause of
the same length: what changes meanwhile reaches each watcher in one write, and requests get their turn in between.
In Kubernetes each watcher has a goroutine of its own, and a write for each event.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 0.02
"""Seconds. A few watchers are never made to wait; hundreds wait for no longer than a person would notice."""


class Rounds:
    """`wake(sleeper)`: the future is done in the next round."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sleepers: list[asyncio.Future[None]] = []
        self._busy = False

    def wake(self, sleeper: asyncio.Future[None]) -> None:
        if sleeper.done():
            return
        self._sleepers.append(sleeper)
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        sleepers, self._sleepers = self._sleepers, []
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        # One turn of the loop runs those who woke; what they wrote has been sent only when the next one begins.
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._pause, self._clock())

    def _pause(self, begun: float) -> None:
        took = self._clock() - begun
        if took < SHORTEST_PAUSE:
            self._rest()
        else:
            asyncio.get_running_loop().call_later(min(took, LONGEST_PAUSE), self._rest)

    def _rest(self) -> None:
        if self._sleepers:
            self._round()
        else:
            self._busy = False
