"""Which endpoints serve which service port, seen from one node: the input of every backend.

Pure. Reads Service and EndpointSlice objects and the node's own name and zone.
Real Kubernetes: pkg/proxy (servicechangetracker, endpointslicecache, topology). Left out: IPv6, health check node
ports, and change trackers (everything is computed again; it is cheap, and the backend only applies differences).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from machinery.api.core.v1 import Node, Service
from machinery.api.core.v1 import ServicePort as ServicePortSpec
from machinery.api.discovery.v1 import Endpoint as SliceEndpoint
from machinery.api.discovery.v1 import EndpointSlice

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
OTHER_PROXY_LABEL = "service.kubernetes.io/service-proxy-name"
ZONE_LABEL = "topology.kubernetes.io/zone"
DEFAULT_AFFINITY_SECONDS = 10800


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that may receive a service port's traffic."""

    ip: str
    port: int
    local: bool = False
    ready: bool = True
    draining: bool = False
    zones: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.ip}:{self.port}"


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of one Service and the endpoints that this node may choose from.

    * `cluster` is what an unrestricted policy uses, `local` what a Local policy uses.
    * Endpoints that are shutting down are in a list only when nothing ready is left for it.
    """

    name: str
    protocol: str
    cluster_ip: str
    port: int
    node_port: int = 0
    external_ips: tuple[str, ...] = ()
    load_balancer_ips: tuple[str, ...] = ()
    source_ranges: tuple[str, ...] = ()
    affinity_seconds: int = 0
    internal_local: bool = False
    external_local: bool = False
    cluster: tuple[Endpoint, ...] = ()
    local: tuple[Endpoint, ...] = ()

    @property
    def is_external(self) -> bool:
        return bool(self.node_port or self.external_ips or self.load_balancer_ips)

    @property
    def uses_cluster(self) -> bool:
        """Pods and the node itself reach a Local service's outer addresses through every endpoint."""
        return bool(self.cluster) and (not self.internal_local or self.is_external)

    @property
    def uses_local(self) -> bool:
        return bool(self.local) and (self.internal_local or (self.external_local and self.is_external))

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint that some chain of this port may choose."""
        chosen = dict.fromkeys(self.cluster if self.uses_cluster else ())
        chosen.update(dict.fromkeys(self.local if self.uses_local else ()))
        return tuple(chosen)


def service_ports(services: Iterable[Service], slices: Iterable[EndpointSlice], node: Node) -> list[ServicePort]:
    """Every service port that this node's kernel must know, in a stable order."""
    by_service = slices_by_service(slices)
    ports = []
    for service in sorted(filter(is_proxied, services), key=identity):
        ports += ports_of(service, by_service.get(identity(service), ()), node)
    return ports


def ports_of(service: Service, slices: Sequence[EndpointSlice], node: Node) -> list[ServicePort]:
    return [service_port(service, spec, slices, node=node) for spec in service.spec.ports]


def identity(service: Service) -> tuple[str, str]:
    return service.metadata.namespace, service.metadata.name


def is_proxied(service: Service) -> bool:
    """Headless and ExternalName services live in DNS only; a label hands a service to another proxy."""
    has_address = service.spec.cluster_ip not in ("", "None") and ":" not in service.spec.cluster_ip
    elsewhere = OTHER_PROXY_LABEL in service.metadata.labels
    return has_address and service.spec.type != "ExternalName" and not elsewhere


def slices_by_service(slices: Iterable[EndpointSlice]) -> Mapping[tuple[str, str], list[EndpointSlice]]:
    found: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
    for piece in slices:
        owner = piece.metadata.labels.get(SERVICE_NAME_LABEL)
        if owner and piece.address_type == "IPv4":
            found[piece.metadata.namespace, owner].append(piece)
    return found


def service_port(
    service: Service, spec: ServicePortSpec, slices: Sequence[EndpointSlice], *, node: Node
) -> ServicePort:
    protocol = spec.protocol or "TCP"
    found = endpoints_of(spec.name, protocol, slices, node.metadata.name)
    return ServicePort(
        name=port_name(service, spec.name),
        protocol=protocol.lower(),
        cluster_ip=service.spec.cluster_ip,
        port=spec.port,
        node_port=spec.node_port,
        external_ips=tuple(service.spec.external_ips),
        load_balancer_ips=load_balancer_ips(service),
        source_ranges=tuple(service.spec.load_balancer_source_ranges),
        affinity_seconds=affinity_seconds(service),
        internal_local=service.spec.internal_traffic_policy == "Local",
        external_local=service.spec.external_traffic_policy == "Local",
        cluster=usable(in_zone(found, node.metadata.labels.get(ZONE_LABEL, ""))),
        local=usable([endpoint for endpoint in found if endpoint.local]),
    )


def port_name(service: Service, port: str) -> str:
    """`namespace/service:port`, the name that chain hashes and comments carry."""
    name = f"{service.metadata.namespace}/{service.metadata.name}"
    return f"{name}:{port}" if port else name


def affinity_seconds(service: Service) -> int:
    if service.spec.session_affinity != "ClientIP":
        return 0
    config = service.spec.session_affinity_config
    client_ip = config.client_ip if config else None
    return (client_ip.timeout_seconds if client_ip else None) or DEFAULT_AFFINITY_SECONDS


def load_balancer_ips(service: Service) -> tuple[str, ...]:
    """Addresses that a load balancer delivers to us unchanged (ipMode Proxy arrives at the node port)."""
    ingress = service.status.load_balancer.ingress
    return tuple(entry.ip for entry in ingress if entry.ip and (entry.ip_mode or "VIP") == "VIP")


def endpoints_of(port: str, protocol: str, slices: Sequence[EndpointSlice], node_name: str) -> list[Endpoint]:
    """The endpoints behind one named port, each address once, in a stable order.

    A slice carries the target port already resolved: one port name may stand for different
    numbers in different slices of the same service.
    """
    found: dict[str, Endpoint] = {}
    for piece in slices:
        for target in piece.ports:
            if (target.name or "") == port and (target.protocol or "TCP") == protocol and target.port:
                for entry in piece.endpoints:
                    endpoint = endpoint_from(entry, target.port, node_name)
                    found[str(endpoint)] = better(found.get(str(endpoint)), endpoint)
    return [found[key] for key in sorted(found)]


def endpoint_from(entry: SliceEndpoint, port: int, node_name: str) -> Endpoint:
    conditions = entry.conditions
    return Endpoint(
        ip=entry.addresses[0],
        port=port,
        local=entry.node_name == node_name,
        ready=conditions.ready is not False,
        draining=conditions.serving is not False and conditions.terminating is True,
        zones=tuple(zone.name for zone in entry.hints.for_zones) if entry.hints else (),
    )


def better(known: Endpoint | None, new: Endpoint) -> Endpoint:
    """While an endpoint moves from slice to slice it is briefly in both: the ready one counts."""
    return known if known is not None and known.ready else new


def usable(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    ready = tuple(endpoint for endpoint in endpoints if endpoint.ready)
    return ready or tuple(endpoint for endpoint in endpoints if endpoint.draining)


def in_zone(endpoints: Sequence[Endpoint], zone: str) -> Sequence[Endpoint]:
    """Follow the zone hints only when they are complete: one endpoint without a hint voids them all."""
    ready = [endpoint for endpoint in endpoints if endpoint.ready]
    if not zone or not all(endpoint.zones for endpoint in ready):
        return endpoints
    near = [endpoint for endpoint in ready if zone in endpoint.zones]
    return near or endpoints
