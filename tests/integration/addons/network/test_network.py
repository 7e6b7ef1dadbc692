"""The flat network, with real packets: every pod and node reaches every other, and sees its real address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from addons.network import masquerade
from addons.network.backend import HostGateway
from addons.network.routes import desired_routes
from machinery.api.core.v1 import Node
from tests.support.netlab import LAN, OUTSIDE, Lab, Machine, ask, inside
from tests.support.services import node


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("lab"))
    try:
        for _ in range(2):
            machine = made.add_machine()
            pod = made.add_pod(machine)
            made.serve(pod.namespace, pod.name)
            made.serve(machine.namespace, machine.name)
        made.serve(made.lan, "outside")
        yield made
    finally:
        made.close()


@pytest.fixture
async def network(lab: Lab) -> Lab:
    nodes = [machine.node for machine in lab.machines]
    for machine in lab.machines:
        assert apply(machine, nodes) == []
        with inside(machine.namespace):
            await masquerade.restore(masquerade.desired_rules(nodes, machine.node))
    return lab


def apply(machine: Machine, nodes: Sequence[Node]) -> list[str]:
    return in_thread(machine, desired_routes(nodes, machine.name))


def in_thread(machine: Machine, routes: dict[str, str]) -> list[str]:
    """As the controller does it: pyroute2's plain calls run an event loop, which a thread can have only once."""

    def work() -> list[str]:
        with inside(machine.namespace):
            return HostGateway().apply(routes)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def routes(machine: Machine) -> list[str]:
    return machine.sh("ip", "route", "show", "proto", "77").splitlines()


async def test_pods_reach_pods_without_nat(network):
    one, two = (machine.pods[0] for machine in network.machines)
    assert ask(one.namespace, two.ip) == (two.name, one.ip)
    assert ask(two.namespace, one.ip) == (one.name, two.ip)


async def test_nodes_reach_pods_without_nat(network):
    one, two = network.machines
    assert ask(one.namespace, two.pods[0].ip) == (two.pods[0].name, one.ip)
    assert ask(one.namespace, one.pods[0].ip) == (one.pods[0].name, "10.244.1.1")


async def test_pods_reach_nodes_without_nat(network):
    one, two = network.machines
    assert ask(one.pods[0].namespace, two.ip) == (two.name, one.pods[0].ip)
    assert ask(one.pods[0].namespace, one.ip) == (one.name, one.pods[0].ip)


async def test_pods_reach_the_world_with_their_nodes_address(network):
    for machine in network.machines:
        assert ask(machine.pods[0].namespace, OUTSIDE) == ("outside", machine.ip)


async def test_the_world_does_not_reach_pods(network):
    """As from a laptop: only machines of the cluster have routes to pods."""
    with pytest.raises(OSError):
        ask(network.lan, network.machines[0].pods[0].ip, timeout=0.3)


async def test_forwarding_works_where_the_computer_forbids_it(network):
    one, two = network.machines
    one.sh("iptables", "-P", "FORWARD", "DROP")
    assert ask(one.pods[0].namespace, two.pods[0].ip)[0] == two.pods[0].name
    assert ask(two.pods[0].namespace, one.pods[0].ip)[0] == one.pods[0].name
    one.sh("iptables", "-P", "FORWARD", "ACCEPT")


async def test_applying_again_changes_nothing(network):
    machine = network.machines[0]
    before = machine.sh("iptables-save", "-t", "nat").count("MINI-POSTRTG"), routes(machine)
    nodes = [each.node for each in network.machines]
    assert apply(machine, nodes) == []
    with inside(machine.namespace):
        await masquerade.restore(masquerade.desired_rules(nodes, machine.node))
    assert (machine.sh("iptables-save", "-t", "nat").count("MINI-POSTRTG"), routes(machine)) == before


async def test_routes_follow_nodes_and_leave_foreign_ones(network):
    machine = network.machines[0]
    machine.sh("ip", "route", "add", "10.99.0.0/24", "via", f"{LAN}.2")
    third = node("worker-3", f"{LAN}.3", "10.244.3.0/24")
    known = [each.node for each in network.machines]
    apply(machine, [*known, third])
    assert f"10.244.3.0/24 via {LAN}.3 dev eth0" in {line.strip() for line in routes(machine)}
    apply(machine, [*known, node("worker-3", f"{LAN}.4", "10.244.3.0/24")])
    assert f"10.244.3.0/24 via {LAN}.4 dev eth0" in {line.strip() for line in routes(machine)}
    apply(machine, known)
    assert len(routes(machine)) == 1
    assert "10.99.0.0/24" in machine.sh("ip", "route")
    machine.sh("ip", "route", "del", "10.99.0.0/24")


async def test_a_foreign_route_in_the_way_and_a_node_elsewhere_are_said(network):
    machine = network.machines[0]
    known = [each.node for each in network.machines]
    machine.sh("ip", "route", "add", "10.244.9.0/24", "via", f"{LAN}.2")
    taken = node("worker-9", f"{LAN}.9", "10.244.9.0/24")
    far = node("worker-8", "172.31.255.8", "10.244.8.0/24")
    machine.sh("ip", "route", "del", "default")
    problems = apply(machine, [*known, taken, far])
    machine.sh("ip", "route", "add", "default", "via", OUTSIDE)
    assert any("another route to this subnet exists" in problem for problem in problems)
    assert any("host-gw needs one link" in problem for problem in problems)
    assert f"10.244.9.0/24 via {LAN}.2" in machine.sh("ip", "route")
    machine.sh("ip", "route", "del", "10.244.9.0/24")
    apply(machine, known)


async def test_two_nodes_with_one_subnet_do_not_reach_each_others_pods(lab):
    """The course's picture of two nodes on 10.244.0.0: same subnet, no way between them."""
    one, two = lab.machines
    twin = node(two.name, two.ip, one.pod_cidr)
    apply(one, [one.node, twin])
    assert routes(one) == []


async def test_removal_leaves_nothing_of_ours(network):
    machine = network.machines[0]
    in_thread(machine, {})
    with inside(machine.namespace):
        await masquerade.remove()
        await masquerade.remove()
    assert "MINI" not in machine.sh("iptables-save")
    assert routes(machine) == []
