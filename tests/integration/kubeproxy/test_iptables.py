"""Real packets through the rendered rules: two machines, three pods, a client outside."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from kubeproxy.iptables import Iptables
from kubeproxy.kernel import prepare
from kubeproxy.ports import service_ports
from machinery.api.core.v1 import Service
from machinery.api.discovery.v1 import EndpointSlice
from tests.support.netlab import OUTSIDE, TIMEOUT, Lab, Machine, UdpClient, ask, inside
from tests.support.services import endpoint, endpoint_slice, port, service

PODS = "10.244.0.0/16"
VIP = "10.96.0.20"
GOLDEN = Path(__file__).parents[2] / "unit/kubeproxy/golden"


class Cluster:
    """The lab, and one proxy per machine that is fed by hand."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.one, self.two = lab.machines
        self.pods = [*self.one.pods, *self.two.pods]
        self.proxies = {machine.name: Iptables(PODS) for machine in lab.machines}

    async def apply(self, services: Sequence[Service], slices: Sequence[EndpointSlice]) -> None:
        for machine in self.lab.machines:
            with inside(machine.namespace):
                await self.proxies[machine.name].apply(service_ports(services, slices, machine.node))

    def endpoints(self, *numbers: int, **conditions: bool):
        return [endpoint(self.pods[i].ip, self.pods[i].node.name, **conditions) for i in numbers]

    async def serve(self, *numbers: int, **spec) -> None:
        spec = {"ports": [port(80, node_port=30008)]} | spec
        await self.apply([service("web", VIP, **spec)], [endpoint_slice("web", self.endpoints(*numbers))])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("lab"))
    try:
        for _ in range(2):
            machine = made.add_machine()
            with inside(machine.namespace):
                assert prepare() == []
        one, two = made.machines
        for machine in (one, one, two):
            pod = made.add_pod(machine)
            made.serve(pod.namespace, pod.name)
        one.sh("ip", "route", "add", two.pod_cidr, "via", two.ip)
        two.sh("ip", "route", "add", one.pod_cidr, "via", one.ip)
        yield made
    finally:
        made.close()


@pytest.fixture
async def cluster(lab: Lab) -> AsyncIterator[Cluster]:
    made = Cluster(lab)
    yield made
    for machine in lab.machines:
        with inside(machine.namespace):
            await made.proxies[machine.name].cleanup()


def names(cluster: Cluster) -> set[str]:
    return {pod.name for pod in cluster.pods}


def tally(source: str, ip: str, number: int, times: int = 60) -> Counter[str]:
    return Counter(ask(source, ip, number)[0] for _ in range(times))


async def test_cluster_ip_reaches_every_endpoint_about_equally(cluster):
    await cluster.serve(0, 1, 2)
    found = tally(cluster.pods[0].namespace, VIP, 80, 150)
    assert set(found) == names(cluster)
    assert min(found.values()) > 25


async def test_pods_keep_their_address_through_a_cluster_ip(cluster):
    await cluster.serve(1, 2)
    client = cluster.pods[0]
    answers = {ask(client.namespace, VIP, 80) for _ in range(30)}
    assert answers == {("pod-12", client.ip), ("pod-21", client.ip)}


async def test_a_node_reaches_cluster_ips(cluster):
    await cluster.serve(0, 1, 2)
    for machine in cluster.lab.machines:
        assert set(tally(machine.namespace, VIP, 80)) == names(cluster)


async def test_node_port_answers_on_every_node_with_all_pods(cluster):
    await cluster.serve(0, 1, 2)
    for machine in cluster.lab.machines:
        assert set(tally(cluster.lab.lan, machine.ip, 30008)) == names(cluster)


async def test_node_port_answers_on_loopback_of_the_node(cluster):
    await cluster.serve(0, 1, 2)
    assert set(tally(cluster.two.namespace, "127.0.0.1", 30008)) == names(cluster)


async def test_a_pod_reaches_itself_through_its_service(cluster):
    await cluster.serve(0)
    who, seen = ask(cluster.pods[0].namespace, VIP, 80)
    assert who == "pod-11"
    assert seen == "10.244.1.1"


async def test_without_endpoints_the_connection_is_refused_at_once(cluster):
    await cluster.serve()
    started = time.monotonic()
    for source in (cluster.pods[0].namespace, cluster.one.namespace):
        with pytest.raises(ConnectionRefusedError):
            ask(source, VIP, 80)
    assert time.monotonic() - started < TIMEOUT, "nobody waited for an answer"


async def test_without_endpoints_a_node_port_refuses(cluster):
    """Maybe at the second try: after a redirect, the kernel keeps its next ICMP message back for a second."""
    await cluster.serve()
    with pytest.raises(ConnectionRefusedError):
        ask(cluster.lab.lan, cluster.one.ip, 30008)


async def test_a_change_moves_traffic_to_the_new_endpoints_alone(cluster):
    await cluster.serve(0, 1)
    await cluster.serve(2)
    assert set(tally(cluster.pods[0].namespace, VIP, 80, 20)) == {"pod-21"}
    assert "KUBE-SEP" not in str([r for r in saved(cluster.one) if cluster.pods[0].ip in r])


async def test_a_terminating_endpoint_serves_while_it_is_the_last(cluster):
    leaving = cluster.endpoints(0, ready=False, serving=True, terminating=True)
    await cluster.apply([service("web", VIP)], [endpoint_slice("web", leaving)])
    assert ask(cluster.pods[2].namespace, VIP, 80)[0] == "pod-11"


async def test_affinity_keeps_a_client_with_its_pod(cluster):
    await cluster.serve(0, 1, 2, session_affinity="ClientIP")
    assert len(tally(cluster.pods[0].namespace, VIP, 80, 30)) == 1
    assert len(tally(cluster.lab.lan, cluster.one.ip, 30008, 30)) == 1


async def test_external_policy_local_shows_the_client_and_stays_on_the_node(cluster):
    await cluster.serve(0, 1, 2, external_traffic_policy="Local")
    found = {ask(cluster.lab.lan, cluster.one.ip, 30008) for _ in range(30)}
    assert found == {("pod-11", OUTSIDE), ("pod-12", OUTSIDE)}


async def test_external_policy_local_on_a_node_without_endpoint_does_not_answer(cluster):
    await cluster.serve(0, external_traffic_policy="Local")
    with pytest.raises(TimeoutError):
        ask(cluster.lab.lan, cluster.two.ip, 30008, timeout=0.3)
    assert ask(cluster.pods[2].namespace, cluster.two.ip, 30008)[0] == "pod-11"


async def test_udp_clients_follow_when_their_endpoint_leaves(cluster):
    dns = service("dns", "10.96.0.10", [port(53, protocol="UDP")])
    client = UdpClient(cluster.pods[0].namespace)
    try:
        for number in (1, 2):
            await cluster.apply([dns], [endpoint_slice("dns", cluster.endpoints(number), protocol="UDP")])
            assert {client.ask("10.96.0.10", 53) for _ in range(3)} == {cluster.pods[number].name}
    finally:
        client.close()


async def test_udp_clients_that_asked_too_early_are_served(cluster):
    dns = service("dns", "10.96.0.10", [port(53, protocol="UDP")])
    client = UdpClient(cluster.pods[0].namespace)
    try:
        await cluster.apply([], [])
        assert client.ask("10.96.0.10", 53) == ""
        await cluster.apply([dns], [endpoint_slice("dns", cluster.endpoints(1), protocol="UDP")])
        assert client.ask("10.96.0.10", 53) == "pod-12"
    finally:
        client.close()


async def test_a_new_proxy_takes_over_what_the_old_one_left(cluster):
    await cluster.serve(0, 1)
    cluster.proxies = {name: Iptables(PODS) for name in cluster.proxies}
    await cluster.serve(2)
    rules = saved(cluster.one)
    assert len([rule for rule in rules if rule.startswith(":KUBE-SEP-")]) == 1
    assert len([rule for rule in rules if "-A PREROUTING" in rule]) == 1
    assert set(tally(cluster.pods[0].namespace, VIP, 80, 10)) == {"pod-21"}


async def test_connections_survive_a_restart_of_the_proxy(cluster):
    """A full restore replaces chains in one transaction: no moment without rules."""
    await cluster.serve(0, 1, 2)
    proxy = cluster.proxies[cluster.one.name]
    ports = service_ports(
        [service("web", VIP)], [endpoint_slice("web", cluster.endpoints(0, 1, 2))], cluster.one.node
    )
    for _ in range(5):
        with inside(cluster.one.namespace):
            await proxy.apply(ports, full=True)
        tally(cluster.pods[0].namespace, VIP, 80, 10)


async def test_cleanup_leaves_what_is_not_ours(cluster):
    cluster.one.sh("iptables", "-t", "nat", "-N", "SOMEONE-ELSES")
    before = saved(cluster.one)
    await cluster.serve(0, 1, 2)
    with inside(cluster.one.namespace):
        await cluster.proxies[cluster.one.name].cleanup()
    assert saved(cluster.one) == before
    cluster.one.sh("iptables", "-t", "nat", "-X", "SOMEONE-ELSES")


@pytest.mark.parametrize("scene", sorted(GOLDEN.glob("*.txt")), ids=lambda file: file.stem)
def test_the_kernel_takes_every_golden_text(lab, scene):
    lab.machines[0].sh("iptables-restore", "--test", "--noflush", stdin=scene.read_text())


def saved(machine: Machine) -> list[str]:
    """Rules and chains, without the counters of built-in chains."""
    lines = machine.sh("iptables-save").splitlines()
    return [line.split(" [")[0] for line in lines if not line.startswith("#")]
