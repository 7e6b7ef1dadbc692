"""How many equal answers in a row make a verdict. Pure.

Real Kubernetes: prober/worker.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from machinery.api.core.v1 import Probe


@dataclass(frozen=True)
class Thresholds:
    """A probe's numbers, with the defaults that the API server writes."""

    delay: float
    period: float
    timeout: float
    success: int
    failure: int

    @classmethod
    def of(cls, probe: Probe) -> Thresholds:
        return cls(
            delay=probe.initial_delay_seconds,
            period=probe.period_seconds or 10,
            timeout=probe.timeout_seconds or 1,
            success=probe.success_threshold or 1,
            failure=probe.failure_threshold or 3,
        )


@dataclass(frozen=True)
class Streak:
    """The last answer, and how often it came in a row."""

    ok: bool = False
    length: int = 0

    def after(self, ok: bool) -> Streak:
        return Streak(ok, self.length + 1 if ok == self.ok else 1)

    def verdict(self, thresholds: Thresholds) -> bool | None:
        """True or False once it is certain; None while it is too early to say."""
        needed = thresholds.success if self.ok else thresholds.failure
        return self.ok if self.length >= needed else None
