"""The node IPAM controller: every node gets its own part of the cluster's pod network.

Watches Nodes; writes spec.podCIDR and spec.podCIDRs, once and for ever. No table is kept anywhere: what is taken is
what the nodes say, plus what was given a moment ago.
In Kubernetes: pkg/controller/nodeipam (RangeAllocator). Left out: dual stack, other allocators.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from machinery.api.core.v1 import Node
from machinery.client.controller import Context, Controller, own_key

log = logging.getLogger(__name__)


def next_free(cluster: IPv4Network, mask: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first subnet that overlaps nothing that is taken; None when the network is full."""
    size, place = 1 << (32 - mask), int(cluster.network_address)
    for first, last in sorted(map(_ends, taken)):
        if place + size <= first:
            break
        if place <= last:
            place = (last // size + 1) * size
    return IPv4Network((place, mask)) if place + size - 1 <= int(cluster.broadcast_address) else None


@lru_cache(maxsize=8192)
def _network(cidr: str) -> IPv4Network | IPv6Network:
    """Every node's is asked for whenever a node comes."""
    return ip_network(cidr)


@lru_cache(maxsize=8192)
def _ends(network: IPv4Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


class NodeIpamController(Controller):
    """Keys are names of nodes. One worker: two could give the same subnet."""

    name = "node-ipam"
    workers = 1

    def __init__(self, ctx: Context, *, cluster_cidr: str = "10.244.0.0/16", mask: int = 24) -> None:
        super().__init__(ctx)
        self.cluster, self.mask = ip_network(cluster_cidr), mask
        self.nodes = ctx.informers.informer(Node)
        self._given: dict[str, IPv4Network] = {}
        self.watches = ((self.nodes, own_key),)

    async def reconcile(self, key: str) -> None:
        node = self.nodes.lister.get("", key)
        if node is None or node.spec.pod_cidr or node.metadata.deletion_timestamp:
            self._given.pop(key, None)
            return
        subnet = self._given.get(key) or next_free(self.cluster, self.mask, self._taken())
        if subnet is None:
            log.error("node %s: no subnet of /%d left in %s", key, self.mask, self.cluster)
            self.ctx.events.record(
                node, "Normal", "CIDRNotAvailable", f"Node {key} status is now: CIDRNotAvailable")
            return
        self._given[key] = subnet
        body = {"metadata": {"uid": node.metadata.uid},
                "spec": {"podCIDR": str(subnet), "podCIDRs": [str(subnet)]}}
        await self.ctx.client.patch(Node, key, "", body)
        log.info("node %s: pod network %s", key, subnet)

    def _taken(self) -> list[IPv4Network]:
        said = [_network(cidr) for node in self.nodes.lister for cidr in cidrs_of(node)]
        return [*(net for net in said if net.version == 4), *self._given.values()]


def cidrs_of(node: Node) -> tuple[str, ...]:
    """All that a node says it has."""
    return node.spec.pod_cidrs or ((node.spec.pod_cidr,) if node.spec.pod_cidr else ())
