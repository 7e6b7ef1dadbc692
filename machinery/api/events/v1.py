"""Event (k8s.io/api `events/v1`)."""

from machinery.api.core.v1.event import EventSource
from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, Time, field


class EventSeries(Model):
    """How often an event came again, and when last."""

    count: Int32 = field(1, 0, required=True)
    last_observed_time: MicroTime | None = field(2, None, required=True)


class Event(Object):
    """Something that happened to an object, told to people."""

    api_version: str = field(None, "events.k8s.io/v1", required=True)
    kind: str = field(None, "Event", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta, required=True, optional=True)
    event_time: MicroTime | None = field(2, None, required=True)
    series: EventSeries | None = field(3, None)
    reporting_controller: str = field(4, "")
    reporting_instance: str = field(5, "")
    action: str = field(6, "")
    reason: str = field(7, "")
    regarding: ObjectReference = field(8, ObjectReference)
    related: ObjectReference | None = field(9, None)
    note: str = field(10, "")
    type: str = field(11, "")
    deprecated_source: EventSource = field(12, EventSource)
    deprecated_first_timestamp: Time | None = field(13, None)
    deprecated_last_timestamp: Time | None = field(14, None)
    deprecated_count: Int32 = field(15, 0)
