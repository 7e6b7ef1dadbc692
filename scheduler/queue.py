"""The scheduling queue: which pod is next. Keys only, never objects.

Three places: ACTIVE (by priority, then by age), BACKOFF (tried, and to be tried again at a known time) and
UNSCHEDULABLE (waiting for a change in the cluster that could help). Pure: the time is a parameter.
In Kubernetes: pkg/scheduler/backend/queue. Left out: gates are not a place; a gated pod is simply not added.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from scheduler.filters import FILTERS, Change

FIRST_BACKOFF = 1.0
MAX_BACKOFF = 10.0
LEFTOVER_SECONDS = 300.0
WOKEN_BY = {entry.name: entry.woken_by for entry in FILTERS}


class Place(Enum):
    """Where a pod is in the queue; GONE also covers pods that never were."""

    ACTIVE = "active"
    IN_FLIGHT = "in flight"
    BACKOFF = "backoff"
    UNSCHEDULABLE = "unschedulable"
    GONE = "gone"


@dataclass(slots=True)
class Entry:
    """One pod's way through the queue. seen: the changes that happened while it was in flight. woken_by: the
    object, at its revision, after whose change it is worth another try."""

    key: str
    priority: int
    place: Place
    attempts: int = 0
    since: float = 0.0
    due: float = 0.0
    refused_by: frozenset[str] = frozenset()
    seen: set[Change] = field(default_factory=set)
    woken_by: str = ""


class SchedulingQueue:
    """Guarantees: a key is in one place; no pod is in flight twice; a change during a flight is not lost."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._attentive: dict[str, Entry] = {}
        """Those that changes concern: in flight or unschedulable. The others would be tried anyway."""
        self._active: list[tuple[int, int, Entry]] = []
        self._backoff: list[tuple[float, int, Entry]] = []
        self._order = itertools.count()

    def place(self, key: str) -> Place:
        """Where a pod is."""
        entry = self._entries.get(key)
        return entry.place if entry else Place.GONE

    def woken_by(self, key: str) -> tuple[str, ...]:
        """What brought a pod back into the queue, if anything but itself did."""
        entry = self._entries.get(key)
        return (entry.woken_by,) if entry and entry.woken_by else ()

    def add(self, key: str, priority: int) -> None:
        """A pod that wants a node appeared, or changed in a way that may make it fit."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(key, priority, Place.GONE)
        if entry.place is Place.IN_FLIGHT:
            entry.seen.update(Change)
        elif entry.place in (Place.GONE, Place.UNSCHEDULABLE):
            self._activate(entry)

    def remove(self, key: str) -> None:
        """The pod has a node, or is gone."""
        if entry := self._entries.pop(key, None):
            self._move(entry, Place.GONE)

    def pop(self, now: float) -> str | None:
        """The next pod to schedule, or None."""
        self._flush(now)
        while self._active:
            entry = heapq.heappop(self._active)[-1]
            if entry.place is Place.ACTIVE:
                self._move(entry, Place.IN_FLIGHT)
                entry.attempts += 1
                entry.seen = set()
                return entry.key
        return None

    def refused(self, key: str, filters: Iterable[str], now: float) -> None:
        """No node fits: wait for a change that could help, unless one happened meanwhile."""
        entry = self._entries.get(key)
        if entry is None:
            return
        entry.refused_by, entry.since = frozenset(filters), now
        if any(_helps(entry, change) for change in entry.seen):
            self._back_off(entry, now)
        else:
            self._move(entry, Place.UNSCHEDULABLE)

    def failed(self, key: str, now: float) -> None:
        """Something went wrong that is not the pod's fault: try again later."""
        if entry := self._entries.get(key):
            self._back_off(entry, now)

    def cluster_changed(self, changes: Iterable[Change], now: float, *, woken_by: str = "") -> bool:
        """Move the pods that these changes may help; says whether any moved. woken_by: what changed."""
        changes, moved = set(changes), False
        for entry in list(self._attentive.values()):
            if entry.place is Place.IN_FLIGHT:
                entry.seen |= changes
            elif any(_helps(entry, change) for change in changes):
                entry.woken_by = woken_by
                self._back_off(entry, entry.since)
                moved = True
        return moved

    def next_due(self) -> float | None:
        """The time at which `pop` may have an answer that it has not now."""
        waiting = [due for due, _, entry in self._backoff if entry.place is Place.BACKOFF]
        leftover = [e.since + LEFTOVER_SECONDS for e in self._attentive.values() if e.place is Place.UNSCHEDULABLE]
        return min([*waiting, *leftover], default=None)

    def _flush(self, now: float) -> None:
        while self._backoff and self._backoff[0][0] <= now:
            due, _, entry = heapq.heappop(self._backoff)
            if entry.place is Place.BACKOFF and entry.due == due:
                self._activate(entry)
        for entry in list(self._attentive.values()):
            if entry.place is Place.UNSCHEDULABLE and entry.since + LEFTOVER_SECONDS <= now:
                self._activate(entry)

    def _move(self, entry: Entry, place: Place) -> None:
        entry.place = place
        if place in (Place.IN_FLIGHT, Place.UNSCHEDULABLE):
            self._attentive[entry.key] = entry
        else:
            self._attentive.pop(entry.key, None)

    def _activate(self, entry: Entry) -> None:
        self._move(entry, Place.ACTIVE)
        heapq.heappush(self._active, (-entry.priority, next(self._order), entry))

    def _back_off(self, entry: Entry, since: float) -> None:
        self._move(entry, Place.BACKOFF)
        entry.due = since + backoff(entry.attempts)
        heapq.heappush(self._backoff, (entry.due, next(self._order), entry))


def backoff(attempts: int) -> float:
    """1 s, 2 s, 4 s, 8 s, 10 s, 10 s …"""
    return min(FIRST_BACKOFF * 2 ** (attempts - 1), MAX_BACKOFF)


def _helps(entry: Entry, change: Change) -> bool:
    """No node at all refuses by no filter: then a new node helps."""
    if not entry.refused_by:
        return change is Change.NODE_ADDED
    return any(change in WOKEN_BY[name] for name in entry.refused_by)
