"""Ages in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apiserver.durations import age


def test_age() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert age(now - timedelta(minutes=5, seconds=2), now) == "5m2s"
    assert age(None, now) == "<unknown>"
