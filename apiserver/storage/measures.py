"""How long etcd takes, by operation and resource: etcd_request_duration_seconds.

Real Kubernetes: k8s.io/apiserver/pkg/storage/etcd3/metrics.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from apiserver.storage.keys import ROOT
from machinery.component.metrics import Histogram

DURATIONS = Histogram(
    "etcd_request_duration_seconds",
    "Seconds that etcd took, by operation and resource.",
    ("operation", "type"),
    buckets=(0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60),
)


_observer = cache(DURATIONS.observer)


def measured(operation: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a method whose first argument is a key or a prefix; also what fails counts."""

    def around(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        async def timed(self: Any, key: str, *args: Any, **options: Any) -> Any:
            begun = time.perf_counter()
            try:
                return await method(self, key, *args, **options)
            finally:
                resource = key[len(ROOT) : key.find("/", len(ROOT))]
                _observer(operation, resource)(time.perf_counter() - begun)

        return timed

    return around
