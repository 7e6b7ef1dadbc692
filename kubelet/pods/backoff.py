"""How long a failing container waits before it starts again: 10 s, doubling to 300 s.

Pure: a `Delay` is a value and `now` a parameter. The first crash restarts at once; a container that ran for
ten minutes begins anew. Real Kubernetes: client-go's flowcontrol.Backoff as doBackOff uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

INITIAL = 10.0
MAXIMUM = 300.0
RESET = 2 * MAXIMUM


@dataclass(frozen=True)
class Delay:
    """The pause after the next end of a container, and when it was last raised."""

    seconds: float
    raised_at: datetime


def _forgotten(delay: Delay, ended_at: datetime) -> bool:
    return ended_at - delay.raised_at > timedelta(seconds=RESET)


def remaining(delay: Delay | None, ended_at: datetime, now: datetime) -> float:
    """Seconds that something which ended (or failed) at `ended_at` still has to wait; 0 means go."""
    if delay is None or _forgotten(delay, ended_at):
        return 0.0
    return max(0.0, delay.seconds - (now - ended_at).total_seconds())


def raised(delay: Delay | None, ended_at: datetime, now: datetime) -> Delay:
    """The delay after one more restart."""
    if delay is None or _forgotten(delay, ended_at):
        return Delay(INITIAL, now)
    return Delay(min(delay.seconds * 2, MAXIMUM), now)


def words(seconds: float) -> str:
    """As Go prints a duration of whole seconds: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
