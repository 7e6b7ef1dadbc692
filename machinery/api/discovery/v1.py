"""EndpointSlice (k8s.io/api `discovery/v1`)."""

from typing import ClassVar

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class EndpointConditions(Model):
    """Whether an endpoint is ready, still serving, or ending."""

    ready: bool | None = field(1, None)
    """Whether it takes new connections; false once it is ending. Unknown counts as true."""
    serving: bool | None = field(2, None)
    """The same, but true also while it is ending and still answers."""
    terminating: bool | None = field(3, None)
    """Whether it is ending. Unknown counts as false."""


class ForZone(Model):
    """A zone that an endpoint is meant for."""

    name: str = field(1, "", required=True)
    """The zone's name."""


class EndpointHints(Model):
    """Which zones an endpoint is meant for."""

    for_zones: tuple[ForZone, ...] = field(1, (), list_type="atomic")
    """The zones whose clients should use it; at most 8."""


class Endpoint(Model):
    """One address behind a service: whether it is ready, where it is, what it belongs to."""

    addresses: tuple[str, ...] = field(1, (), required=True, list_type="set")
    """Its addresses, all of the slice's addressType; 1 to 100. Clients may use the first one only."""
    conditions: EndpointConditions = field(2, EndpointConditions)
    """Whether to send it traffic."""
    hostname: str | None = field(3, None)
    """The first part of its DNS name under a headless service."""
    target_ref: ObjectReference | None = field(4, None)
    """What is behind it, most often a pod."""
    deprecated_topology: dict[str, str] = field(5, {})
    """Labels from the former version v1beta1; only read."""
    node_name: str | None = field(6, None)
    """The node that it is on, for those who prefer near ones."""
    zone: str | None = field(7, None)
    """The zone that it is in."""
    hints: EndpointHints | None = field(8, None)
    """Which clients should prefer it."""


class EndpointPort(Model):
    """One port behind a service."""

    atomic: ClassVar[bool] = True
    name: str | None = field(1, None)
    """The port's name in the service; empty if it has none. Unique in the slice."""
    protocol: str | None = field(2, None)
    """TCP (the default), UDP or SCTP."""
    port: Int32 | None = field(3, None)
    """The port's number where the endpoint listens."""
    app_protocol: str | None = field(4, None)
    """What is spoken on it, such as http or kubernetes.io/h2c: only a hint."""


class EndpointSlice(Object):
    """A part of the addresses behind a service, at most a hundred."""

    api_version: str = field(None, "discovery.k8s.io/v1", required=True)
    kind: str = field(None, "EndpointSlice", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    address_type: str = field(4, "", required=True)
    """IPv4, IPv6 or FQDN, for all endpoints of this slice. It cannot be changed."""
    endpoints: tuple[Endpoint, ...] = field(2, (), required=True, list_type="atomic")
    """The endpoints; at most 1000 in one slice."""
    ports: tuple[EndpointPort, ...] = field(3, (), required=True, optional=True, list_type="atomic")
    """The ports that each of them offers; at most 100."""
