"""Crontab lines: what they mean and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from machinery.api import cron

NOW = datetime(2026, 1, 15, 10, 30, 20, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("* * * * *", "2026-01-15 10:31"),
        ("*/15 * * * *", "2026-01-15 10:45"),
        ("5/20 * * * *", "2026-01-15 10:45"),
        ("0 9-17 * * mon-fri", "2026-01-15 11:00"),
        ("0 0 * * SUN", "2026-01-18 00:00"),
        ("30 10 15 1 ?", "2027-01-15 10:30"),
        ("0 0 29 feb *", "2028-02-29 00:00"),
        ("0 0 1 * mon", "2026-01-19 00:00"),
        ("0 12 31 4,5 *", "2026-05-31 12:00"),
        ("@hourly", "2026-01-15 11:00"),
        ("@daily", "2026-01-16 00:00"),
        ("@weekly", "2026-01-18 00:00"),
        ("@yearly", "2027-01-01 00:00"),
    ],
)
def test_next(line: str, expected: str) -> None:
    found = cron.parse(line).next(NOW)
    assert found is not None and f"{found:%Y-%m-%d %H:%M}" == expected and found.tzinfo is UTC


def test_never_and_every() -> None:
    assert cron.parse("0 0 31 2 *").next(NOW) is None
    assert cron.parse("@every 1h30m").next(NOW) == NOW + timedelta(minutes=90)
    assert cron.parse("@every 10ms").next(NOW) == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/2/3 * * * *", "too many slashes: */2/3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@often", "unrecognized descriptor: @often"),
        ("@every now", 'failed to parse duration @every now: time: invalid duration "now"'),
    ],
)
def test_mistakes(line: str, expected: str) -> None:
    with pytest.raises(cron.CronError) as caught:
        cron.parse(line)
    assert str(caught.value) == expected
