"""Ages in tables: `age(then, now)` -> `2m34s`.

Pure. Real Kubernetes: the printers' translateTimestampSince.
"""

from __future__ import annotations

from datetime import datetime

from machinery.api.durations import human

UNKNOWN = "<unknown>"


def age(then: datetime | None, now: datetime) -> str:
    """How long ago something happened."""
    return UNKNOWN if then is None else human((now - then).total_seconds())
