"""The numbers of priority and fairness, under the names that users of Kubernetes know.

What can be counted when somebody looks is counted then: see Fairness.measured.
Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/metrics. Left out: its histograms over time (…_utilization).
"""

from __future__ import annotations

from machinery.component.metrics import Counter, Gauge, Histogram

_PREFIX = "apiserver_flowcontrol_"
_LEVEL, _BOTH = ("priority_level",), ("priority_level", "flow_schema")
_SECONDS = (0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)


class Total(Gauge):
    """A number that only grows, asked for when somebody looks."""

    type = "counter"


REJECTED = Counter(
    f"{_PREFIX}rejected_requests_total",
    "Requests turned away: queue-full, concurrency-limit, time-out, cancelled.",
    (*_BOTH, "reason"),
)
DISPATCHED = Total(f"{_PREFIX}dispatched_requests_total", "Requests that were let run.", _BOTH)
INQUEUE = Gauge(f"{_PREFIX}current_inqueue_requests", "Requests that wait in queues now.", _BOTH)
EXECUTING = Gauge(f"{_PREFIX}current_executing_requests", "Requests that run now; watches while they begin.", _BOTH)
SEATS = Gauge(f"{_PREFIX}current_executing_seats", "Seats in use now.", _BOTH)
NOMINAL = Gauge(f"{_PREFIX}nominal_limit_seats", "Seats by the level's shares.", _LEVEL)
LOWER = Gauge(f"{_PREFIX}lower_limit_seats", "Seats that the level never lends.", _LEVEL)
UPPER = Gauge(f"{_PREFIX}upper_limit_seats", "Seats that the level can have at most, with what it borrows.", _LEVEL)
CURRENT = Gauge(f"{_PREFIX}current_limit_seats", "Seats that the level has now.", _LEVEL)
WANTED = Gauge(f"{_PREFIX}demand_seats_high_watermark", "Most seats in use and waited for, last period.", _LEVEL)
FRACTION = Gauge(f"{_PREFIX}seat_fair_frac", "Fraction of what levels wanted that was shared out last.")
QUEUE_LENGTH = Histogram(
    f"{_PREFIX}request_queue_length_after_enqueue",
    "Length of a queue as each request saw it that joined it.",
    _BOTH,
    buckets=(0, 10, 25, 50, 100, 250, 500, 1000),
)
WAITED = Histogram(
    f"{_PREFIX}request_wait_duration_seconds",
    "Seconds in a queue, of requests that had to wait.",
    (*_BOTH, "execute"),
    buckets=_SECONDS,
)
EXECUTION = Histogram(
    f"{_PREFIX}request_execution_seconds",
    "Seconds that requests ran; of a watch, until it had begun.",
    (*_BOTH, "type"),
    buckets=_SECONDS,
)
