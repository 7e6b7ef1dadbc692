"""A flow, which is found once and remembered, and the seats of one request of it.

When its level is not full a request costs no more than `take` and `leave`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any

from apiserver.flowcontrol.matching import Schema
from apiserver.flowcontrol.queues import Level, Tally, Waiting

SCHEMA_UID, LEVEL_UID = "X-Kubernetes-PF-FlowSchema-UID", "X-Kubernetes-PF-PriorityLevel-UID"


class Seat:
    """What a request holds while it runs; `leave` as often as one likes."""

    __slots__ = ("_begun", "_flow", "_held", "_waited", "_width")

    def __init__(self, flow: Flow, width: int, waited: Waiting | None = None) -> None:
        self._flow, self._width, self._waited = flow, width, waited
        self._held, self._begun = True, perf_counter()
        tally: Tally = flow.tally
        tally.dispatched += 1
        tally.running += 1
        tally.seats += width
        flow.running[flow.kind] += 1

    def leave(self) -> None:
        if not self._held:
            return
        self._held = False
        flow, width = self._flow, self._width
        level, tally = flow.level, flow.tally
        seconds = perf_counter() - self._begun
        tally.running -= 1
        tally.seats -= width
        flow.running[flow.kind] -= 1
        flow.observe(seconds)
        if self._waited is not None:
            level.leave(self._waited, seconds)
        else:
            level.in_use -= width
            if level.waiting:
                level.dispatch()


class Flow:
    """Where requests of one sort go. `running` counts those that read and those that write (`kind` 0 and 1)."""

    __slots__ = ("headers", "kind", "level", "name", "observe", "running", "tally")

    def __init__(self, level: Level, schema: Schema, name: str, *, running: list[int], kind: int, type: str) -> None:
        self.level, self.name, self.running, self.kind = level, name, running, kind
        self.tally = level.tally(schema.name)
        self.observe = self.tally.observe[type]
        found = {SCHEMA_UID: schema.uid, LEVEL_UID: level.uid}
        self.headers = {header: uid for header, uid in found.items() if uid}

    def take(self, width: int) -> Seat | None:
        """A seat at once; None when it takes waiting."""
        level = self.level
        in_use = level.in_use + width
        if not level.exempt and (in_use > level.seats or level.waiting) and not level.free(width):
            return None
        level.in_use = in_use
        if in_use > level.peak:
            level.peak = in_use
        return Seat(self, width)

    async def wait(
        self, width: int, asked: Any, when_gone: Callable[[Callable[[], object]], AbstractContextManager[None]]
    ) -> Seat:
        """A seat when it is this flow's turn. Raises TooManyRequests."""
        waited = await self.level.turn(self.tally, self.name, width, asked=asked, when_gone=when_gone)
        return Seat(self, width, waited)
