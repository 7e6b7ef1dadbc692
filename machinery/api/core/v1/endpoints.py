"""Endpoints, the elder of EndpointSlice."""

from typing import ClassVar

from machinery.api.core.v1.reference import ObjectReference
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, field


class EndpointAddress(Model):
    """One address behind a service."""

    atomic: ClassVar[bool] = True
    ip: str = field(1, "", required=True)
    """The IP address; no loopback (127.0.0.0/8), link-local or multicast address."""
    hostname: str = field(3, "")
    """The host name by which the cluster's DNS knows this address alone."""
    node_name: str | None = field(4, None)
    """The node that it is on."""
    target_ref: ObjectReference | None = field(2, None)
    """The object behind it, mostly a pod."""


class EndpointPort(Model):
    """One port behind a service."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    """The name of the service's port; may be empty if there is only one."""
    port: Int32 = field(2, 0, required=True)
    """The port's number."""
    protocol: str = field(3, "")
    """TCP (the default), UDP or SCTP."""
    app_protocol: str | None = field(4, None)
    """What is spoken on it, as a hint for proxies: http, https, kubernetes.io/h2c …"""


class EndpointSubset(Model):
    """Addresses that share the same ports."""

    addresses: tuple[EndpointAddress, ...] = field(1, (), list_type="atomic")
    """Addresses that take traffic."""
    not_ready_addresses: tuple[EndpointAddress, ...] = field(2, (), list_type="atomic")
    """Addresses that take none: still starting, or failing their probe."""
    ports: tuple[EndpointPort, ...] = field(3, (), list_type="atomic")
    """The ports that are open on each of them."""


class Endpoints(Object):
    """The addresses behind a service, all in one object."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Endpoints", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subsets: tuple[EndpointSubset, ...] = field(2, (), list_type="atomic")
    """Addresses by the ports they share: every address with every port of its subset."""
