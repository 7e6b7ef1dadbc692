"""events.k8s.io Event: the same events as the core group's, with other names for their fields and stricter rules.

Stored as v1 Event; `to_core` and `from_core` convert. Real Kubernetes: pkg/apis/events/v1/conversion.go and
ValidateEventCreate, ValidateEventUpdate in pkg/apis/core/validation/events.go.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from apiserver.registry.checks import checked
from apiserver.registry.conversion import Conversion
from apiserver.registry.core.event import EventStrategy as CoreEventStrategy
from apiserver.registry.field_checks import unchanged
from apiserver.registry.strategy import Doc
from machinery.api import names
from machinery.api.core.v1 import Event as CoreEvent
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.events.v1 import Event

_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_BACK = {core: view for view, core in _NAMES.items()}
_TARGET = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FIELDS = {f"regarding.{part}": f"involvedObject.{part}" for part in _TARGET} | {
    "reportingController": "reportingComponent"
}
_SHORT, _LONG = 128, 1024


def to_core(event: Doc) -> Doc:
    return {_NAMES.get(key, key): value for key, value in event.items()}


def from_core(event: Doc) -> Doc:
    return {_BACK.get(key, key): value for key, value in event.items()}


class EventStrategy(CoreEventStrategy):
    """See the module."""

    api_version = "events.k8s.io/v1"
    conversion = Conversion(
        view=("events.k8s.io/v1", "Event"),
        stored=("v1", "Event"),
        to_stored=to_core,
        from_stored=from_core,
        fields=_FIELDS,
    )
    selectable_fields: ClassVar = (*_FIELDS, "reason", "type")

    def validate(self, obj: Event) -> list[FieldError]:
        found = _legacy_errors(obj) + _series_errors(obj)
        if obj.event_time is None:
            found.append(FieldError.required("eventTime"))
        if obj.type not in ("Normal", "Warning"):
            found.append(FieldError.invalid("type", "", f"has invalid value: {obj.type}"))
        source = obj.deprecated_source
        for field, value in (
            ("firstTimestamp", obj.deprecated_first_timestamp),
            ("lastTimestamp", obj.deprecated_last_timestamp),
            ("count", obj.deprecated_count),
            ("source", source.component or source.host),
        ):
            if value:
                found.append(FieldError.invalid(field, "", "needs to be unset"))
        return found

    def validate_update(self, obj: Event, old: Event) -> list[FieldError]:
        """Only the series goes on."""
        found = _legacy_errors(obj) + (_series_errors(obj) if obj.series != old.series else [])
        for attribute, fact in ((fact.attr, fact) for fact in type(obj).fields_table().values()):
            if attribute not in ("api_version", "kind", "metadata", "series"):
                path = _NAMES.get(fact.json, fact.json) if fact.json != "reportingController" else fact.json
                found += unchanged(path, getattr(obj, attribute), getattr(old, attribute))
        return found

    def selectable(self, obj: Doc) -> dict[str, str]:
        values = super().selectable(to_core(obj))
        own = {view: values[core] for view, core in _FIELDS.items()}
        return own | {"reason": values["reason"], "type": values["type"]}

    def row(self, obj: Event, now: datetime) -> list[Any]:
        return super().row(CoreEvent.from_dict(to_core(obj.to_dict()) | {"apiVersion": "v1"}), now)


def _series_errors(obj: Event) -> list[FieldError]:
    if obj.series is None:
        return []
    found = [] if obj.series.count >= 2 else [FieldError.invalid("series.count", "", "should be at least 2")]
    if obj.series.last_observed_time is None:
        found.append(FieldError.required("series.lastObservedTime"))
    return found


def _legacy_errors(obj: Event) -> list[FieldError]:
    """What holds for an event with a time in whichever group."""
    found, namespace = [], obj.regarding.namespace
    if not _belongs(obj.metadata.namespace, namespace, timed=obj.event_time is not None):
        why = "does not match event.namespace"
        found.append(FieldError.invalid("involvedObject.namespace", namespace, why))
    if obj.event_time is None:
        return found
    if not obj.reporting_controller:
        found.append(FieldError.required("reportingController"))
    found += checked("reportingController", obj.reporting_controller, names.qualified_name)
    for field, value in (
        ("reportingInstance", obj.reporting_instance), ("action", obj.action), ("reason", obj.reason),
    ):  # fmt: skip
        if not value:
            found.append(FieldError.required(field))
        elif len(value) > _SHORT:
            found.append(FieldError.invalid(field, "", f"can have at most {_SHORT} characters"))
    if len(obj.note) > _LONG:
        found.append(FieldError.invalid("message", "", f"can have at most {_LONG} characters"))
    return found


def _belongs(own: str, target: str, *, timed: bool) -> bool:
    """An event lives where its object does; those about cluster-wide objects in `default`."""
    if target:
        return timed or own == target
    return own in (("default", "kube-system") if timed else ("", "default"))
