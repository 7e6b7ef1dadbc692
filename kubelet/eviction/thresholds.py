"""Signals, thresholds and the time for which they were crossed: one pure step from one look to the next.

    memory.available<100Mi     nodefs.available<10%     pid.available<1000

A hard threshold evicts at once, a soft one when its grace period is over. A condition lasts the transition period
longer than its cause; a threshold with a minimum reclaim is only done with when so much more is free.
Real Kubernetes: kubelet/eviction/helpers.go. Left out: allocatableMemory.available, containerfs (as imagefs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kubelet.config import Config
from machinery.api.quantity import QuantityError, value
from machinery.component.errors import FatalError
from machinery.component.flags import seconds

SIGNALS: dict[str, tuple[str, str]] = {
    "memory.available": ("MemoryPressure", "memory"),
    "nodefs.available": ("DiskPressure", "ephemeral-storage"),
    "nodefs.inodesFree": ("DiskPressure", "inodes"),
    "imagefs.available": ("DiskPressure", "ephemeral-storage"),
    "imagefs.inodesFree": ("DiskPressure", "inodes"),
    "pid.available": ("PIDPressure", "pids"),
}
"""Signal -> (condition, resource), as users read them."""


class ThresholdError(FatalError):
    """A setting of eviction that makes no sense; the text says which."""


@dataclass(frozen=True)
class Amount:
    """So many units, or a part of all."""

    text: str

    def of(self, capacity: int) -> int:
        if self.text.endswith("%"):
            return int(capacity * float(self.text[:-1]) / 100)
        return value(self.text)


@dataclass(frozen=True)
class Threshold:
    signal: str
    amount: Amount
    hard: bool = True
    grace: float = 0.0
    reclaim: Amount | None = None

    @property
    def condition(self) -> str:
        return SIGNALS[self.signal][0]

    @property
    def resource(self) -> str:
        return SIGNALS[self.signal][1]


@dataclass(frozen=True)
class Observation:
    available: int
    capacity: int


Observations = Mapping[str, Observation]


def thresholds(config: Config) -> tuple[Threshold, ...]:
    """Those that the configuration asks for. Raises ThresholdError."""
    reclaim = {signal: _amount(text) for signal, text in config.eviction_minimum_reclaim.items()}
    found = [_threshold(text, hard=True, grace=0.0, reclaim=reclaim) for text in config.eviction_hard]
    for text in config.eviction_soft:
        signal = text.partition("<")[0]
        if signal not in config.eviction_soft_grace_period:
            raise ThresholdError(f"grace period must be specified for the soft eviction threshold {signal}")
        grace = seconds(config.eviction_soft_grace_period[signal])
        found.append(_threshold(text, hard=False, grace=grace, reclaim=reclaim))
    return tuple(each for each in found if each.amount.text not in ("0%", "100%"))


def _threshold(text: str, *, hard: bool, grace: float, reclaim: Mapping[str, Amount]) -> Threshold:
    signal, operator, amount = text.partition("<")
    if not operator or signal not in SIGNALS:
        raise ThresholdError(f'invalid eviction threshold "{text}": expected signal<amount with {", ".join(SIGNALS)}')
    return Threshold(signal, _amount(amount), hard, grace, reclaim.get(signal))


def _amount(text: str) -> Amount:
    try:
        Amount(text).of(100)
    except (QuantityError, ValueError) as error:
        raise ThresholdError(f'invalid amount "{text}" of an eviction threshold') from error
    return Amount(text)


def crossed(every: Iterable[Threshold], seen: Observations, *, reclaim: bool = False) -> tuple[Threshold, ...]:
    """Those below which the node is now; with `reclaim`, or not far enough above."""
    found = []
    for threshold in every:
        observed = seen.get(threshold.signal)
        if observed is None:
            continue
        least = threshold.amount.of(observed.capacity)
        if reclaim and threshold.reclaim is not None:
            least += threshold.reclaim.of(observed.capacity)
        if observed.available < least:
            found.append(threshold)
    return tuple(found)


@dataclass(frozen=True)
class Crossings:
    """What must be remembered between two looks."""

    since: Mapping[Threshold, float] = field(default_factory=dict)
    due: tuple[Threshold, ...] = ()
    """Crossed for longer than their grace period: memory first, it cannot wait."""
    seen_at: Mapping[str, float] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()


def step(
    before: Crossings, every: Iterable[Threshold], seen: Observations, *, now: float, transition: float
) -> Crossings:
    """From the last look to this one."""
    open_ones = dict.fromkeys((*crossed(every, seen), *crossed(before.due, seen, reclaim=True)))
    since = {threshold: before.since.get(threshold, now) for threshold in open_ones}
    due = [threshold for threshold, began in since.items() if now - began >= threshold.grace]
    seen_at = {**before.seen_at, **{threshold.condition: now for threshold in open_ones}}
    seen_at = {condition: at for condition, at in seen_at.items() if now == at or now - at < transition}
    due.sort(key=lambda threshold: threshold.resource != "memory")
    return Crossings(since, tuple(due), seen_at, frozenset(seen_at))
