"""Thresholds: what is said about them, when they are crossed, and what is remembered from look to look."""

from __future__ import annotations

from typing import Any

import pytest

from kubelet.config import Config
from kubelet.eviction.thresholds import (
    Crossings,
    Observation,
    ThresholdError,
    crossed,
    step,
    thresholds,
)


def a_config(**settings: Any) -> Config:
    return Config(node_name="n1", node_ip="10.0.0.1", **{"eviction_hard": (), **settings})


def seen(available: int, signal: str = "memory.available", capacity: int = 1000) -> dict[str, Observation]:
    return {signal: Observation(available, capacity)}


def test_what_is_asked_for() -> None:
    hard, soft = thresholds(a_config(
        eviction_hard=("memory.available<10%", "nodefs.available<0%"), eviction_soft=("memory.available<200",),
        eviction_soft_grace_period={"memory.available": "1m30s"}, eviction_minimum_reclaim={"memory.available": "50"},
    ))  # fmt: skip
    assert (hard.hard, hard.amount.of(1000), hard.reclaim and hard.reclaim.of(1000)) == (True, 100, 50)
    assert (soft.hard, soft.grace, soft.condition, soft.resource) == (False, 90.0, "MemoryPressure", "memory")
    assert len(thresholds(Config(node_name="n", node_ip=""))) == 5


@pytest.mark.parametrize(("settings", "why"), [
    ({"eviction_hard": ("memory.available>1",)}, "invalid eviction threshold"),
    ({"eviction_hard": ("swap.available<1",)}, "invalid eviction threshold"),
    ({"eviction_hard": ("memory.available<much",)}, "invalid amount"),
    ({"eviction_soft": ("memory.available<1",)}, "grace period must be specified"),
])  # fmt: skip
def test_mistakes(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ThresholdError, match=why):
        thresholds(a_config(**settings))


def test_crossed() -> None:
    every = thresholds(a_config(eviction_hard=("memory.available<100", "pid.available<10")))
    assert [t.signal for t in crossed(every, seen(99))] == ["memory.available"]
    assert crossed(every, seen(100)) == () and crossed(every, {}) == ()


def test_a_condition_outlasts_its_cause() -> None:
    every = thresholds(a_config(eviction_hard=("memory.available<100",)))
    now = step(Crossings(), every, seen(50), now=0, transition=300)
    assert now.due == every and now.conditions == {"MemoryPressure"}
    now = step(now, every, seen(500), now=299, transition=300)
    assert now.due == () and now.conditions == {"MemoryPressure"}
    assert step(now, every, seen(500), now=300, transition=300).conditions == frozenset()
    assert step(Crossings(), every, seen(50), now=5, transition=0).conditions == {"MemoryPressure"}


def test_a_soft_threshold_waits() -> None:
    every = thresholds(a_config(eviction_soft=("memory.available<100",),
                                eviction_soft_grace_period={"memory.available": "30s"}))  # fmt: skip
    now = step(Crossings(), every, seen(50), now=0, transition=0)
    assert now.due == () and now.conditions == {"MemoryPressure"}
    assert step(now, every, seen(50), now=29, transition=0).due == ()
    assert step(now, every, seen(50), now=30, transition=0).due == every
    well = step(now, every, seen(500), now=15, transition=0)
    assert step(well, every, seen(50), now=30, transition=0).due == (), "the time begins anew"


def test_more_is_won_back_than_the_threshold() -> None:
    every = thresholds(a_config(eviction_hard=("memory.available<100",),
                                eviction_minimum_reclaim={"memory.available": "50"}))  # fmt: skip
    before = step(Crossings(), every, seen(120), now=0, transition=0)
    assert before.due == (), "what was never crossed need not be left behind"
    now = step(before, every, seen(90), now=1, transition=0)
    now = step(now, every, seen(120), now=2, transition=0)
    assert now.due == every
    assert step(now, every, seen(150), now=3, transition=0).due == ()


def test_memory_comes_first() -> None:
    every = thresholds(a_config(eviction_hard=("nodefs.available<100", "memory.available<100")))
    both = {**seen(1), **seen(1, "nodefs.available")}
    due = step(Crossings(), every, both, now=0, transition=0).due
    assert [threshold.signal for threshold in due] == ["memory.available", "nodefs.available"]
