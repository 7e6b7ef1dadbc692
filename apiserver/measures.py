"""The numbers that /metrics shows, under the names that users of Kubernetes know.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/metrics.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apiserver.call import Call
from machinery.component.metrics import Counter, Gauge, Histogram

REQUESTS = Counter(
    "apiserver_request_total",
    "Counter of apiserver requests broken out for each verb, resource and HTTP response code.",
    ("verb", "group", "version", "resource", "subresource", "code"),
)
DURATIONS = Histogram(
    "apiserver_request_duration_seconds",
    "Response latency distribution in seconds for each verb, group, version and resource.",
    ("verb", "group", "version", "resource"),
)
IN_FLIGHT = Gauge("apiserver_current_inflight_requests", "Number of requests in flight.", ("request_kind",))
WATCHES = Gauge("apiserver_longrunning_requests", "Gauge of all active long-running requests.", ("verb", "resource"))

_MUTATING = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(slots=True)
class Measure:
    """What is learnt of one request while it runs."""

    code: int = 0


@contextmanager
def request(call: Call) -> Iterator[Measure]:
    """Counts a request while it runs and when it ends. A watch's duration is not a latency."""
    info, measure, begun = call.info, Measure(), time.monotonic()
    gauge, labels = (
        (WATCHES, ("WATCH", info.resource))
        if info.verb == "watch"
        else (IN_FLIGHT, ("mutating" if info.verb in _MUTATING else "readOnly",))
    )
    gauge.set(gauge.values.get(labels, 0) + 1, *labels)
    try:
        yield measure
    finally:
        gauge.set(gauge.values[labels] - 1, *labels)
        if info.is_resource:
            identity = (info.verb.upper(), info.group, info.version, info.resource)
            REQUESTS.inc(*identity, info.subresource, str(measure.code))
            if info.verb != "watch":
                DURATIONS.observe(time.monotonic() - begun, *identity)
