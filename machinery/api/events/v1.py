"""Event (k8s.io/api `events/v1`)."""

from machinery.api.core.v1.event import EventSource
from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, Time, field


class EventSeries(Model):
    """How often an event came again, and when last."""

    count: Int32 = field(1, 0, required=True)
    """How often it happened until now."""
    last_observed_time: MicroTime | None = field(2, None, required=True)
    """When it happened last."""


class Event(Object):
    """Something that happened to an object, told to people."""

    api_version: str = field(None, "events.k8s.io/v1", required=True)
    kind: str = field(None, "Event", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta, required=True, optional=True)
    event_time: MicroTime | None = field(2, None, required=True)
    """When it was first noticed, to the microsecond."""
    series: EventSeries | None = field(3, None)
    """For events that go on: how often and when last. Absent for one that happened once."""
    reporting_controller: str = field(4, "")
    """Who tells, such as kubernetes.io/kubelet. Required for new events."""
    reporting_instance: str = field(5, "")
    """Which instance of it, such as kubelet-worker1. Required for new events."""
    action: str = field(6, "")
    """What the component did or tried, such as Binding. At most 128 characters."""
    reason: str = field(7, "")
    """Why, as one word in CamelCase: Scheduled, Pulled, BackOff … At most 128 characters."""
    regarding: ObjectReference = field(8, ObjectReference)
    """The object that it happened to."""
    related: ObjectReference | None = field(9, None)
    """A second object that was concerned."""
    note: str = field(10, "")
    """The same for people to read; at most 1 kB."""
    type: str = field(11, "")
    """Normal or Warning."""
    deprecated_source: EventSource = field(12, EventSource)
    """Who tells, as the core group's events say it."""
    deprecated_first_timestamp: Time | None = field(13, None)
    """When it happened first, as the core group's events say it."""
    deprecated_last_timestamp: Time | None = field(14, None)
    """When it happened last, as the core group's events say it."""
    deprecated_count: Int32 = field(15, 0)
    """How often it happened, as the core group's events say it."""
