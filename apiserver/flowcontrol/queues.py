"""One priority level: who runs, who waits, and whose turn it is.

Guarantees: never more seats in use than the level has, but one request always may run if it has any; a request that
finds a seat does not wait; of the flows that wait, each gets as much of the seats' time as the others, however many
requests it has; nobody waits longer than WAIT_SECONDS.
Fairness is by start times in virtual time: each queue's clock runs by the seat-seconds that its requests took, and the
queue whose clock is behind goes first. Until a request has ended, ESTIMATE_SECONDS stand for what it will take.
Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/fairqueuing/queueset. Left out: the work of requests that began
before anybody had to wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from apiserver.flowcontrol import metrics
from apiserver.flowcontrol.hands import hand_of
from apiserver.flowcontrol.seats import Bounds
from apiserver.flowcontrol.work import most_seats
from machinery.api.errors import TooManyRequests

WAIT_SECONDS = 15.0
ESTIMATE_SECONDS = 0.003
_REFUSAL = "Too many requests, please try again later."
_clock = attrgetter("clock")


class Tally:
    """What the requests of one schema do in a level just now."""

    __slots__ = ("dispatched", "names", "observe", "running", "seats", "waiting")

    def __init__(self, level: str, schema: str) -> None:
        self.names = (level, schema)
        self.running = self.seats = self.waiting = self.dispatched = 0
        self.observe = {kind: metrics.EXECUTION.observer(level, schema, kind) for kind in ("regular", "watch")}


@dataclass(slots=True, eq=False)
class Waiting:
    """A request in a queue."""

    queue: Queue
    tally: Tally
    flow: str
    width: int
    arrived: float
    asked: Any
    """The Call, for whoever wants to look at what waits."""
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True, eq=False)
class Queue:
    """Requests in the order in which they came, and the queue's clock in virtual seat-seconds."""

    index: int
    waiting: deque[Waiting] = field(default_factory=deque)
    clock: float = 0.0
    running: int = 0
    seats: int = 0

    def wide(self) -> int:
        return sum(each.width for each in self.waiting)


class Level:
    """A PriorityLevelConfiguration at work. `seats` is how many it has now; see Flow.take."""

    def __init__(self, name: str) -> None:
        self.name, self.uid = name, ""
        self.exempt = False
        self.seats = self.in_use = self.peak = self.waiting = 0
        self.most = 1
        self.bounds = Bounds(0, 0, 0)
        self.queues: dict[int, Queue] = {}
        self.tallies: dict[str, Tally] = {}
        self._queuing: dict[str, int] | None = None
        self._active: dict[int, Queue] = {}
        self._clock = 0.0

    def configure(self, document: dict[str, Any], limits: Bounds) -> None:
        """From now on as the object says. What waits already goes on waiting."""
        spec = document["spec"]
        self.uid, self.exempt = document["metadata"].get("uid", ""), spec["type"] == "Exempt"
        self._queuing = ((spec.get("limited") or {}).get("limitResponse") or {}).get("queuing")
        if limits != self.bounds:
            self.bounds, self.seats, self.most = limits, limits.nominal, most_seats(limits.nominal)
        self.dispatch()

    def tally(self, schema: str) -> Tally:
        if schema not in self.tallies:
            self.tallies[schema] = Tally(self.name, schema)
        return self.tallies[schema]

    # --- coming and going

    def free(self, width: int) -> bool:
        """Whether nobody waits and there is room."""
        return not self.waiting and self.fits(width)

    def fits(self, width: int) -> bool:
        return self.in_use + width <= self.seats or (self.in_use == 0 < self.seats)

    async def turn(
        self, tally: Tally, flow: str, width: int, *, asked: Any,
        when_gone: Callable[[Callable[[], object]], AbstractContextManager[None]] = lambda _: nullcontext(),
    ) -> Waiting:  # fmt: skip
        """Wait for seats, which are then taken. Raises TooManyRequests."""
        queue = self._queue_for(tally, flow)
        loop = asyncio.get_running_loop()
        waiting = Waiting(queue, tally, flow, width, loop.time(), asked)
        self._enqueue(waiting)
        timer = loop.call_later(WAIT_SECONDS, self._refuse, waiting, "time-out")
        try:
            with when_gone(lambda: self._refuse(waiting, "cancelled")):
                self.dispatch()
                await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled() and waiting.turn.exception() is None:
                self.leave(waiting, 0.0)
            else:
                self._take_out(waiting)
            raise
        finally:
            timer.cancel()
            took = loop.time() - waiting.arrived
            metrics.WAITED.observe(took, *tally.names, "true" if _succeeded(waiting.turn) else "false")
        return waiting

    def leave(self, waiting: Waiting, seconds: float) -> None:
        """A request that had to wait has ended; it took so long."""
        queue = waiting.queue
        queue.running -= 1
        queue.seats -= waiting.width
        queue.clock += waiting.width * (seconds - ESTIMATE_SECONDS)
        self.in_use -= waiting.width
        self.dispatch()

    def dispatch(self) -> None:
        """Let run whoever's turn it is, as long as there are seats."""
        while self._active:
            queue = min(self._active.values(), key=_clock)
            if not self.fits(queue.waiting[0].width):
                return
            waiting = queue.waiting.popleft()
            self._left(waiting)
            if waiting.turn.done():  # cancelled, and does not know it yet
                continue
            self._clock = max(self._clock, queue.clock)
            queue.clock += waiting.width * ESTIMATE_SECONDS
            queue.running += 1
            queue.seats += waiting.width
            self.in_use += waiting.width
            waiting.turn.set_result(None)

    # --- queues

    def _queue_for(self, tally: Tally, flow: str) -> Queue:
        """The one of the flow's hand in which least waits and runs."""
        if self._queuing is None:
            raise self._refused(tally, "concurrency-limit")
        hand = hand_of(tally.names[1], flow, self._queuing["queues"], self._queuing["handSize"])
        dealt = [self.queues.setdefault(index, Queue(index)) for index in hand]
        queue = min(dealt, key=lambda each: each.wide() + each.seats)
        if len(queue.waiting) >= self._queuing["queueLengthLimit"]:
            raise self._refused(tally, "queue-full")
        return queue

    def _enqueue(self, waiting: Waiting) -> None:
        queue, tally = waiting.queue, waiting.tally
        if not queue.waiting:
            queue.clock = max(queue.clock, self._clock)
            self._active[queue.index] = queue
        queue.waiting.append(waiting)
        self.waiting += waiting.width
        tally.waiting += 1
        self.peak = max(self.peak, self.in_use + self.waiting)
        metrics.QUEUE_LENGTH.observe(len(queue.waiting), *tally.names)

    def _left(self, waiting: Waiting) -> None:
        """It waits no more, for whatever reason."""
        if not waiting.queue.waiting:
            self._active.pop(waiting.queue.index, None)
        self.waiting -= waiting.width
        waiting.tally.waiting -= 1

    def _take_out(self, waiting: Waiting) -> bool:
        if waiting not in waiting.queue.waiting:
            return False
        waiting.queue.waiting.remove(waiting)
        self._left(waiting)
        self.dispatch()
        return True

    def _refuse(self, waiting: Waiting, why: str) -> None:
        if not waiting.turn.done():
            waiting.turn.set_exception(self._refused(waiting.tally, why))
            self._take_out(waiting)

    def _refused(self, tally: Tally, why: str) -> TooManyRequests:
        metrics.REJECTED.inc(*tally.names, why)
        return TooManyRequests(_REFUSAL, retry_after=1)

    def in_queues(self) -> Iterator[tuple[Queue, int, Waiting]]:
        """Everything that waits, with its place."""
        for index in sorted(self._active):
            queue = self._active[index]
            for place, waiting in enumerate(queue.waiting):
                yield queue, place, waiting


def _succeeded(turn: asyncio.Future[None]) -> bool:
    return turn.done() and not turn.cancelled() and turn.exception() is None
