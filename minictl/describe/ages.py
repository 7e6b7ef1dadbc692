"""Times as kubectl prints them: `Thu, 07 Jul 2022 22:22:47 +0200` in the reader's zone, and ages such as `2m34s`.

Pure. Real Kubernetes: k8s.io/apimachinery/pkg/util/duration, time.RFC1123Z.
"""

from __future__ import annotations

from datetime import UTC, datetime

UNKNOWN = "<unknown>"
NEVER = "Mon, 01 Jan 0001 00:00:00 +0000"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEAR = 365


def parse(text: str) -> datetime:
    """A wire time."""
    return datetime.fromisoformat(text).astimezone(UTC)


def clock(text: str | None) -> str:
    """A wire time as RFC 1123 in local time, in English whatever the locale."""
    if not text:
        return NEVER
    at = parse(text).astimezone()
    return f"{DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at:%Y %H:%M:%S %z}"


def age(text: str | None, now: datetime) -> str:
    """How long ago a wire time was."""
    return human((now - parse(text)).total_seconds()) if text else UNKNOWN


def human(seconds: float) -> str:
    """A duration with at most two units, the second only while it matters."""
    whole = int(seconds)
    if whole < 0:
        return "0s" if whole >= -1 else "<invalid>"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    for limit, value, first, unit in (
        (whole < 120, whole, 0, "s"), (minutes < 10, minutes, whole % 60, "ms"), (hours < 3, minutes, 0, "m"),
        (hours < 8, hours, minutes % 60, "hm"), (hours < 48, hours, 0, "h"), (days < 8, days, hours % 24, "dh"),
        (days < 2 * YEAR, days, 0, "d"), (days < 8 * YEAR, days // YEAR, days % YEAR, "yd"),
    ):  # fmt: skip
        if limit:
            return f"{value}{unit[0]}" + (f"{first}{unit[1]}" if first else "")
    return f"{days // YEAR}y"
