"""Times as kubectl prints them: `Thu, 07 Jul 2022 22:22:47 +0200` in the reader's zone, and ages such as `2m34s`.

Pure. Real Kubernetes: kubectl's describer and Go's time.RFC1123Z.
"""

from __future__ import annotations

from datetime import UTC, datetime

from machinery.api.durations import human

UNKNOWN = "<unknown>"
NEVER = "Mon, 01 Jan 0001 00:00:00 +0000"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
