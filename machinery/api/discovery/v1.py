"""EndpointSlice (k8s.io/api `discovery/v1`)."""

from typing import ClassVar

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class EndpointConditions(Model):
    """Whether an endpoint is ready, still serving, or ending."""

    ready: bool | None = field(1, None)
    serving: bool | None = field(2, None)
    terminating: bool | None = field(3, None)


class ForZone(Model):
    """A zone that an endpoint is meant for."""

    name: str = field(1, "", required=True)


class EndpointHints(Model):
    """Which zones an endpoint is meant for."""

    for_zones: tuple[ForZone, ...] = field(1, (), list_type="atomic")


class Endpoint(Model):
    """One address behind a service: whether it is ready, where it is, what it belongs to."""

    addresses: tuple[str, ...] = field(1, (), required=True, list_type="set")
    conditions: EndpointConditions = field(2, EndpointConditions)
    hostname: str | None = field(3, None)
    target_ref: ObjectReference | None = field(4, None)
    deprecated_topology: dict[str, str] = field(5, {})
    node_name: str | None = field(6, None)
    zone: str | None = field(7, None)
    hints: EndpointHints | None = field(8, None)


class EndpointPort(Model):
    """One port behind a service."""

    atomic: ClassVar[bool] = True
    name: str | None = field(1, None)
    protocol: str | None = field(2, None)
    port: Int32 | None = field(3, None)
    app_protocol: str | None = field(4, None)


class EndpointSlice(Object):
    """A part of the addresses behind a service, at most a hundred."""

    api_version: str = field(None, "discovery.k8s.io/v1", required=True)
    kind: str = field(None, "EndpointSlice", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    address_type: str = field(4, "", required=True)
    endpoints: tuple[Endpoint, ...] = field(2, (), required=True, list_type="atomic")
    ports: tuple[EndpointPort, ...] = field(3, (), required=True, optional=True, list_type="atomic")
