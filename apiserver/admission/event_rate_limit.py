"""EventRateLimit: how many events may be written per second: in all, by namespace, by user, by source and object.

Off by default, and of no effect without a configuration. Each limit is a token bucket; of the buckets by key the ones
longest unused are forgotten. What is over a limit is answered 429.
Real Kubernetes: plugin/pkg/admission/eventratelimit.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.configuration import check_kind, refuse, unknown_fields
from apiserver.admission.plugin import Doc, Plugin
from machinery.api.errors import TooManyRequests
from machinery.api.field_errors import FieldError

KIND, VERSIONS = "Configuration", ("eventratelimit.admission.k8s.io/v1alpha1",)
CACHE_SIZE = 4096
_FIELDS = ("type", "qps", "burst", "cacheSize")
Key = Callable[[Attributes, Doc], str]


def _source_and_object(_: Attributes, event: Doc) -> str:
    source, about = event.get("source") or {}, event.get("involvedObject") or {}
    of_source = (source.get(field, "") for field in ("component", "host"))
    of_object = (about.get(field, "") for field in ("kind", "namespace", "name", "uid", "apiVersion"))
    return "".join((*of_source, *of_object))


KEYS: Mapping[str, Key] = {
    "Server": lambda attributes, event: "",
    "Namespace": lambda attributes, event: attributes.namespace,
    "User": lambda attributes, event: attributes.user.name,
    "SourceAndObject": _source_and_object,
}


class Bucket:
    """Holds at most `burst` tokens and gains `qps` of them per second."""

    __slots__ = ("_at", "_burst", "_qps", "_tokens")

    def __init__(self, qps: float, burst: int, now: float) -> None:
        self._qps, self._burst, self._tokens, self._at = qps, burst, float(burst), now

    def take(self, now: float) -> bool:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._qps)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limit:
    """One row of the configuration, with its buckets."""

    def __init__(self, row: Doc) -> None:
        self.type, self._qps, self._burst = row["type"], row["qps"], row["burst"]
        self._size = row.get("cacheSize") or CACHE_SIZE
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def check(self, attributes: Attributes, event: Doc, now: float) -> None:
        key = KEYS[self.type](attributes, event)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._qps, self._burst, now)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        if not bucket.take(now):
            raise TooManyRequests(f"limit reached on type {self.type} for key {key}")


class EventRateLimit(Plugin):
    """See the module."""

    def __init__(self, configuration: Doc | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits_from(configuration) if configuration is not None else []
        self._clock = clock

    def handles(self, attributes: Attributes) -> bool:
        return (
            attributes.resource.plural == "events"
            and bool(self._limits)
            and attributes.operation != "DELETE"
            and not attributes.dry_run
        )

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        for limit in self._limits:
            limit.check(attributes, obj, self._clock())


def limits_from(document: Doc) -> list[Limit]:
    """Raises Mistaken."""
    check_kind(document, KIND, VERSIONS, where="EventRateLimit")
    rows = document.get("limits")
    errors = unknown_fields(document, ("apiVersion", "kind", "limits"))
    if not rows or not isinstance(rows, list):
        errors.append(FieldError.invalid("limits", rows, "must not be empty"))
        rows = []
    for number, row in enumerate(rows):
        errors += _errors(row, f"limits[{number}]")
    refuse("EventRateLimit", errors)
    return [Limit(row) for row in rows]


def _errors(row: Any, path: str) -> list[FieldError]:
    if not isinstance(row, dict):
        return [FieldError.invalid(path, row, "must be an object")]
    found = unknown_fields(row, _FIELDS, path)
    if row.get("type") not in KEYS:
        found.append(FieldError.not_supported(f"{path}.type", row.get("type"), KEYS))
    for field in ("burst", "qps"):
        if not isinstance(row.get(field), int) or row[field] <= 0:
            found.append(FieldError.invalid(f"{path}.{field}", row.get(field, 0), "must be positive"))
    size = row.get("cacheSize", 0)
    if not isinstance(size, int) or size < 0:
        found.append(FieldError.invalid(f"{path}.cacheSize", size, "must not be negative"))
    return found
