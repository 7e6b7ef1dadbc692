"""Endpoints, the elder of EndpointSlice."""

from typing import ClassVar

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class EndpointAddress(Model):
    """One address behind a service."""

    atomic: ClassVar[bool] = True
    ip: str = field(1, "", required=True)
    hostname: str = field(3, "")
    node_name: str | None = field(4, None)
    target_ref: ObjectReference | None = field(2, None)


class EndpointPort(Model):
    """One port behind a service."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    port: Int32 = field(2, 0, required=True)
    protocol: str = field(3, "")
    app_protocol: str | None = field(4, None)


class EndpointSubset(Model):
    """Addresses that share the same ports."""

    addresses: tuple[EndpointAddress, ...] = field(1, (), list_type="atomic")
    not_ready_addresses: tuple[EndpointAddress, ...] = field(2, (), list_type="atomic")
    ports: tuple[EndpointPort, ...] = field(3, (), list_type="atomic")


class Endpoints(Object):
    """The addresses behind a service, all in one object."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Endpoints", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subsets: tuple[EndpointSubset, ...] = field(2, (), list_type="atomic")
