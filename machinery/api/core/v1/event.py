"""Event."""

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, Time, field


class EventSource(Model):
    """Which component tells, and on which host."""

    component: str = field(1, "")
    host: str = field(2, "")


class EventSeries(Model):
    """How often an event came again, and when last."""

    count: Int32 = field(1, 0)
    last_observed_time: MicroTime | None = field(2, None)


class Event(Object):
    """Something that happened to an object, told to people."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Event", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta, required=True)
    involved_object: ObjectReference = field(2, ObjectReference, required=True)
    reason: str = field(3, "")
    message: str = field(4, "")
    source: EventSource = field(5, EventSource)
    first_timestamp: Time | None = field(6, None)
    last_timestamp: Time | None = field(7, None)
    count: Int32 = field(8, 0)
    type: str = field(9, "")
    event_time: MicroTime | None = field(10, None)
    series: EventSeries | None = field(11, None)
    action: str = field(12, "")
    related: ObjectReference | None = field(13, None)
    reporting_component: str = field(14, "", required=True, optional=True)
    reporting_instance: str = field(15, "", required=True, optional=True)
