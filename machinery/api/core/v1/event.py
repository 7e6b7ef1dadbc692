"""Event."""

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, Time, field


class EventSource(Model):
    """Which component tells, and on which host."""

    component: str = field(1, "")
    """The component that tells, such as kubelet."""
    host: str = field(2, "")
    """The node that it runs on."""


class EventSeries(Model):
    """How often an event came again, and when last."""

    count: Int32 = field(1, 0)
    """How often it happened until now."""
    last_observed_time: MicroTime | None = field(2, None)
    """When it happened last."""


class Event(Object):
    """Something that happened to an object, told to people."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Event", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta, required=True)
    involved_object: ObjectReference = field(2, ObjectReference, required=True)
    """The object that it happened to."""
    reason: str = field(3, "")
    """What happened, as one word in CamelCase: Scheduled, Pulled, BackOff …"""
    message: str = field(4, "")
    """The same for people to read."""
    source: EventSource = field(5, EventSource)
    """Who tells, in the old form; reportingComponent is the new one."""
    first_timestamp: Time | None = field(6, None)
    """When it happened first."""
    last_timestamp: Time | None = field(7, None)
    """When it happened last."""
    count: Int32 = field(8, 0)
    """How often it happened."""
    type: str = field(9, "")
    """Normal or Warning."""
    event_time: MicroTime | None = field(10, None)
    """When it was first noticed, to the microsecond."""
    series: EventSeries | None = field(11, None)
    """For events that go on: how often and when last. Absent for one that happened once."""
    action: str = field(12, "")
    """What the component did or tried, such as Binding."""
    related: ObjectReference | None = field(13, None)
    """A second object that was concerned."""
    reporting_component: str = field(14, "", required=True, optional=True)
    """Who tells: a controller such as kubernetes.io/kubelet."""
    reporting_instance: str = field(15, "", required=True, optional=True)
    """Which instance of it, such as the name of its node or pod."""
