"""Services, EndpointSlices and Nodes for tests of the network's parts, in one short call each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from machinery.api.core.v1 import Node, NodeAddress, NodeSpec, NodeStatus, Service, ServicePort, ServiceSpec
from machinery.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from machinery.api.meta.v1 import ObjectMeta


def port(number: int = 80, *, name: str = "", protocol: str = "TCP", node_port: int = 0) -> ServicePort:
    return ServicePort(name=name, port=number, protocol=protocol, node_port=node_port)


def service(
    name: str, cluster_ip: str, ports: Sequence[ServicePort] = (), *, namespace: str = "default", **spec: Any
) -> Service:
    ports = tuple(ports) or (port(),)
    outer = any(each.node_port for each in ports)
    spec.setdefault("type", "NodePort" if outer else "ClusterIP")
    return Service(
        metadata=ObjectMeta(name=name, namespace=namespace),
        spec=ServiceSpec(cluster_ip=cluster_ip, ports=ports, **spec),
    )


def endpoint(ip: str, node_name: str = "", *, zone: str = "", **conditions: bool) -> Endpoint:
    hints = {"hints": {"forZones": [{"name": zone}]}} if zone else {}
    made = Endpoint.from_dict({"addresses": [ip]} | hints)
    return made.replace(node_name=node_name or None, conditions=EndpointConditions(**conditions))


def endpoint_slice(
    owner: str,
    endpoints: Sequence[Endpoint],
    target: int = 8080,
    *,
    name: str = "",
    protocol: str = "TCP",
    suffix: str = "abcde",
    namespace: str = "default",
) -> EndpointSlice:
    labels = {"kubernetes.io/service-name": owner}
    return EndpointSlice(
        metadata=ObjectMeta(name=f"{owner}-{suffix}", namespace=namespace, labels=labels),
        address_type="IPv4",
        ports=(EndpointPort(name=name, port=target, protocol=protocol),),
        endpoints=tuple(endpoints),
    )


def node(name: str, ip: str = "", pod_cidr: str = "", *, labels: dict[str, str] | None = None) -> Node:
    addresses = (NodeAddress(type="InternalIP", address=ip),) if ip else ()
    return Node(
        metadata=ObjectMeta(name=name, labels=labels or {}),
        spec=NodeSpec(pod_cidr=pod_cidr, pod_cidrs=(pod_cidr,) if pod_cidr else ()),
        status=NodeStatus(addresses=addresses),
    )
