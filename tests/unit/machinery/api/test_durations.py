"""Durations as kubectl prints them."""

from __future__ import annotations

import pytest

from machinery.api.durations import human

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (2 * MINUTE, "2m"), (2 * MINUTE + 34, "2m34s"),
        (9 * MINUTE + 59, "9m59s"), (10 * MINUTE, "10m"), (17 * MINUTE + 3, "17m"), (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"), (7 * HOUR + 31 * MINUTE, "7h31m"), (8 * HOUR + 1, "8h"), (47 * HOUR, "47h"),
        (2 * DAY, "2d"), (3 * DAY + 4 * HOUR, "3d4h"), (8 * DAY, "8d"), (729 * DAY, "729d"), (2 * YEAR, "2y"),
        (2 * YEAR + 3 * DAY, "2y3d"), (8 * YEAR + 3 * DAY, "8y"),
    ],
)  # fmt: skip
def test_human(seconds: int, text: str) -> None:
    assert human(seconds) == text
