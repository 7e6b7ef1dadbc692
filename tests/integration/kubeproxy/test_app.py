"""kubeproxy from API to packets: an API server's watch on one side, a pod that connects on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kubeproxy.app import run
from kubeproxy.config import Config
from machinery.api.model import Object
from tests.support.fake_api import FakeApi
from tests.support.kubeconfig import write_kubeconfig
from tests.support.netlab import Lab, Machine, ask, inside
from tests.support.services import endpoint, endpoint_slice, node, port, service
from tests.support.waiting import until

VIP = "10.96.0.20"
COLLECTIONS = {
    "Service": "/api/v1/services",
    "Node": "/api/v1/nodes",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/endpointslices",
}


def put(api: FakeApi, obj: Object) -> None:
    api.put(COLLECTIONS[obj.kind], obj.to_dict())


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """One machine with a pod; the test itself runs inside of it, as a node's processes do."""
    lab = Lab(tmp_path)
    try:
        made = lab.add_machine()
        pod = lab.add_pod(made)
        lab.serve(pod.namespace, pod.name)
        with inside(made.namespace):
            yield made
    finally:
        lab.close()


@pytest.fixture
async def api(machine: Machine, tmp_path: Path) -> AsyncIterator[FakeApi]:
    """An API server and a running kubeproxy."""
    async with FakeApi() as made:
        put(made, node(machine.name, machine.ip, machine.pod_cidr))
        stop = asyncio.Event()
        file = write_kubeconfig(made.url, tmp_path)
        config = Config(kubeconfig=file, hostname_override=machine.name, cluster_cidr="10.244.0.0/16")
        task = asyncio.create_task(run(config, stop))
        yield made
        stop.set()
        await task


def reached(source: str, ip: str, number: int) -> str:
    try:
        return ask(source, ip, number, timeout=0.3)[0]
    except OSError:
        return ""


async def test_a_service_works_from_its_creation_to_its_end(machine, api):
    (pod,) = machine.pods
    put(api, service("web", VIP, [port(80, node_port=30008)]))
    put(api, endpoint_slice("web", [endpoint(pod.ip, machine.name)]))
    await until(lambda: reached(pod.namespace, VIP, 80) == pod.name)
    assert reached(machine.namespace, machine.ip, 30008) == pod.name
    put(api, endpoint_slice("web", []))
    await until(lambda: reached(pod.namespace, VIP, 80) == "")
    api.delete(COLLECTIONS["Service"], "default", "web")
    await until(lambda: VIP not in machine.sh("iptables-save"))


async def test_rules_stay_while_the_api_server_is_away(machine, api):
    (pod,) = machine.pods
    put(api, service("web", VIP))
    put(api, endpoint_slice("web", [endpoint(pod.ip, machine.name)]))
    await until(lambda: reached(pod.namespace, VIP, 80) == pod.name)
    await api.stop()
    assert reached(pod.namespace, VIP, 80) == pod.name
    await api.start()
    put(api, service("other", "10.96.0.21"))
    put(api, endpoint_slice("other", [endpoint(pod.ip, machine.name)]))
    await until(lambda: reached(pod.namespace, "10.96.0.21", 80) == pod.name)


async def test_rules_stay_when_the_process_ends_and_go_with_cleanup(machine, tmp_path):
    (pod,) = machine.pods
    before = machine.sh("iptables-save").count("\n")
    stop = asyncio.Event()
    async with FakeApi() as api:
        put(api, service("web", VIP))
        put(api, endpoint_slice("web", [endpoint(pod.ip, machine.name)]))
        config = Config(kubeconfig=write_kubeconfig(api.url, tmp_path), hostname_override=machine.name)
        task = asyncio.create_task(run(config, stop))
        await until(lambda: reached(pod.namespace, VIP, 80) == pod.name)
        stop.set()
        await task
    assert reached(pod.namespace, VIP, 80) == pod.name
    await run(Config(cleanup=True), asyncio.Event())
    left = machine.sh("iptables-save")
    assert "KUBE" not in left
    assert before <= left.count("\n")
