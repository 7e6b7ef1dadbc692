"""Durations as one types them: `1h2m3s`, in seconds."""

from __future__ import annotations

import re

from minictl.failure import Failure

DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def seconds(text: str, flag: str) -> int:
    """Raises Failure naming the flag."""
    match = DURATION.fullmatch(text)
    if not match or not text:
        raise Failure(f'invalid argument "{text}" for "{flag}": write a duration such as 5s, 2m or 3h')
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest
