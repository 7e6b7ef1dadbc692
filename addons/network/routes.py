"""desired_routes(nodes, me): which pod subnet is reached through which node.

Pure. The whole network in one sentence: a node's pods are behind that node's address. Whether another host-gw route
or a tunnel carries the packets there is the backend's business.
Real Kubernetes: left to plugins; flannel (host-gw), kindnet and Calico do the same. Left out: IPv6, several subnets
per node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from machinery.api.core.v1 import Node


def desired_routes(nodes: Iterable[Node], me: str) -> dict[str, str]:
    """Pod subnet -> address of the node that has it, for every other node."""
    routes: dict[str, str] = {}
    for node in claims(nodes, me):
        if node.metadata.name != me and (address := internal_ip(node)):
            routes[node.spec.pod_cidr] = address
    return routes


def claims(nodes: Iterable[Node], me: str) -> Iterator[Node]:
    """Nodes whose subnet is theirs alone; where two claim the same addresses, we win, then the older node."""
    taken: list[IPv4Network] = []
    for node in by_seniority(nodes, me):
        subnet = IPv4Network(node.spec.pod_cidr)
        if not any(subnet.overlaps(other) for other in taken):
            taken.append(subnet)
            yield node


def conflicts(nodes: Iterable[Node], me: str) -> list[str]:
    """One sentence for each node whose pods cannot be reached, because another node has the same addresses."""
    nodes = by_seniority(nodes, me)
    accepted = [node.metadata.name for node in claims(nodes, me)]
    return [
        f"node {node.metadata.name}: its pod subnet {node.spec.pod_cidr} overlaps another node's; "
        "pods there are not reachable from here, and some have the same address as pods elsewhere"
        for node in nodes
        if node.metadata.name not in accepted
    ]


def by_seniority(nodes: Iterable[Node], me: str) -> list[Node]:
    def rank(node: Node) -> tuple[bool, float, str]:
        born = node.metadata.creation_timestamp
        return node.metadata.name != me, born.timestamp() if born else 0.0, node.metadata.name

    return sorted((node for node in nodes if has_subnet(node)), key=rank)


def has_subnet(node: Node) -> bool:
    return bool(node.spec.pod_cidr) and ":" not in node.spec.pod_cidr


def internal_ip(node: Node) -> str:
    """The node's address on the machines' own network; empty until its kubelet has reported one."""
    found = (entry.address for entry in node.status.addresses if entry.type == "InternalIP")
    return next((address for address in found if ":" not in address), "")
