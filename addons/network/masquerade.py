"""desired_rules(nodes, me): pods keep their address inside the cluster, and borrow the node's to the rest of the world.

Who is outside has no route back to a pod's address. Nodes and pods have one, so between them nothing is rewritten.
Pure, but for `restore`; writes two chains of its own and one jump to each.
Real Kubernetes: left to plugins; compare ip-masq-agent, and flannel's --ip-masq.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, collapse_addresses

from addons.network.routes import has_subnet, internal_ip
from machinery.api.core.v1 import Node
from machinery.component.programs import finished

POSTROUTING = "MINI-POSTRTG"
FORWARD = "MINI-FORWARD"
MULTICAST = "224.0.0.0/4"
JUMPS = {
    "nat": ("POSTROUTING", "-m comment --comment pod-network-to-the-world -j " + POSTROUTING),
    "filter": ("FORWARD", "-m comment --comment pod-network -j " + FORWARD),
}


class RulesError(Exception):
    """The kernel did not take the rules; its words follow."""


def desired_rules(nodes: Iterable[Node], me: Node) -> str:
    """The whole text of our two chains on this node, ready for `iptables-restore --noflush`."""
    subnet = me.spec.pod_cidr
    exempt = "".join(f"-A {POSTROUTING} -d {inside} -j RETURN\n" for inside in inside_addresses(nodes))
    return (
        f"*nat\n:{POSTROUTING} - [0:0]\n-A {POSTROUTING} ! -s {subnet} -j RETURN\n{exempt}"
        f"-A {POSTROUTING} -d {MULTICAST} -j RETURN\n-A {POSTROUTING} -j MASQUERADE --random-fully\nCOMMIT\n"
        f"*filter\n:{FORWARD} - [0:0]\n-A {FORWARD} -s {subnet} -j ACCEPT\n"
        f"-A {FORWARD} -d {subnet} -j ACCEPT\nCOMMIT\n"
    )


def inside_addresses(nodes: Iterable[Node]) -> list[str]:
    """All pod subnets and node addresses, neighbours merged: a cluster's subnets are usually one range."""
    inside = []
    for node in nodes:
        inside += [node.spec.pod_cidr] if has_subnet(node) else []
        inside += [f"{address}/32"] if (address := internal_ip(node)) else []
    return [str(network) for network in collapse_addresses(map(IPv4Network, inside))]


async def restore(text: str) -> None:
    """Replaces our chains in one transaction per table, then makes sure that packets get to them."""
    await run("iptables-restore", "-w", "5", "--noflush", stdin=text)
    for table, (chain, rule) in JUMPS.items():
        if not await succeeds("iptables", "-w", "5", "-t", table, "-C", chain, *rule.split()):
            await run("iptables", "-w", "5", "-t", table, "-A", chain, *rule.split())


async def remove() -> None:
    """Takes our chains and the jumps to them away, and nothing else."""
    for table, (chain, rule) in JUMPS.items():
        ours = rule.rpartition(" ")[2]
        await succeeds("iptables", "-w", "5", "-t", table, "-D", chain, *rule.split())
        if await succeeds("iptables", "-w", "5", "-t", table, "-F", ours):
            await run("iptables", "-w", "5", "-t", table, "-X", ours)


async def run(*command: str, stdin: str = "") -> None:
    code, _, words = await finished(command, stdin)
    if code:
        raise RulesError(f"{' '.join(command)}: {words.strip() or code}")


async def succeeds(*command: str) -> bool:
    return (await finished(command)).code == 0
