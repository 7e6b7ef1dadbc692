"""Pauses between restarts."""

from __future__ import annotations

from datetime import timedelta

from kubelet.pods.backoff import Delay, raised, remaining, words
from tests.support.runs import NOW, ago


def test_the_first_restart_is_at_once_then_they_double() -> None:
    delay, found = None, []
    now = NOW
    for _ in range(8):
        found.append(remaining(delay, now, now))
        now += timedelta(seconds=found[-1])
        delay = raised(delay, now, now)
    assert found == [0, 10, 20, 40, 80, 160, 300, 300]


def test_ten_quiet_minutes_forget_everything() -> None:
    old = Delay(300, ago(601))
    assert remaining(old, NOW, NOW) == 0
    assert raised(old, NOW, NOW) == Delay(10, NOW)
    assert remaining(Delay(300, ago(599)), NOW, NOW) == 300


def test_words() -> None:
    assert [words(n) for n in (10, 80, 160, 300)] == ["10s", "1m20s", "2m40s", "5m0s"]
