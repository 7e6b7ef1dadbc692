"""Event: what happened to an object; forgotten after an hour, by etcd's own lease.

Real Kubernetes: pkg/registry/core/event and printEvent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import UNKNOWN, age
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.core.v1 import Event
from machinery.api.errors import FieldError

_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


class EventStrategy(Strategy):
    """Wants the seconds that an event is kept."""

    kind = "Event"
    allow_create_on_update = True
    has_dependents = False
    columns = tuple(
        sorted(
            columns("Last Seen, Type, Reason, Object, Message", "Subobject, Source, First Seen, Count, Name"),
            key=lambda column: (
                "Last Seen", "Type", "Reason", "Object", "Subobject", "Source", "Message", "First Seen", "Count",
                "Name",
            ).index(column.name),
        )
    )  # fmt: skip
    selectable_fields: ClassVar = (
        *(f"involvedObject.{name}" for name in _INVOLVED), "reason", "reportingComponent", "source", "type",
    )  # fmt: skip
    indexes: ClassVar = ("involvedObject.uid",)

    def __init__(self, ttl: int) -> None:
        super().__init__()
        self.ttl = ttl

    def validate(self, obj: Event) -> list[FieldError]:
        namespace = obj.involved_object.namespace
        if obj.metadata.namespace != (namespace or "default"):
            why = "does not match event.namespace"
            return [FieldError.invalid("involvedObject.namespace", namespace, why)]
        return []

    def selectable(self, obj: Doc) -> dict[str, str]:
        involved, source = obj.get("involvedObject", {}), obj.get("source", {})
        values = {f"involvedObject.{name}": involved.get(name, "") for name in _INVOLVED}
        return values | {
            "reason": obj.get("reason", ""),
            "reportingComponent": obj.get("reportingComponent", ""),
            "source": source.get("component", "") or obj.get("reportingComponent", ""),
            "type": obj.get("type", ""),
        }

    def row(self, obj: Event, now: datetime) -> list[Any]:
        first = age(obj.first_timestamp or obj.event_time, now)
        last = age(obj.last_timestamp, now)
        count = obj.count or 1
        if obj.series is not None:
            last, count = age(obj.series.last_observed_time, now), obj.series.count
        target = obj.involved_object
        return [
            first if last == UNKNOWN else last,
            obj.type,
            obj.reason,
            f"{target.kind.lower()}/{target.name}",
            target.field_path,
            _source(obj),
            obj.message.strip(),
            first,
            count,
            obj.metadata.name,
        ]


def _source(event: Event) -> str:
    component = event.source.component or event.reporting_component
    host = event.source.host or event.reporting_instance
    return f"{component}, {host}" if host else component
