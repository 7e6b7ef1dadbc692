"""How many answers make a verdict."""

from __future__ import annotations

from kubelet.probes.streak import Streak, Thresholds
from machinery.api.core.v1 import Probe

THRESHOLDS = Thresholds.of(Probe(failure_threshold=2, success_threshold=3))


def verdicts(*answers: bool) -> list[bool | None]:
    streak, found = Streak(), []
    for answer in answers:
        streak = streak.after(answer)
        found.append(streak.verdict(THRESHOLDS))
    return found


def test_only_answers_in_a_row_count() -> None:
    assert verdicts(True, True, False, True, True, True) == [None, None, None, None, None, True]
    assert verdicts(False, True, False, False, False) == [None, None, None, False, False]


def test_defaults() -> None:
    assert Thresholds.of(Probe()) == Thresholds(delay=0, period=10, timeout=1, success=1, failure=3)
