"""The pod network's agent from API to kernel: nodes come, move and go; routes and the CNI configuration follow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from addons.network.app import run
from addons.network.cni import FILE_NAME
from addons.network.config import Config
from machinery.api.core.v1 import Node
from tests.support.fake_api import FakeApi
from tests.support.kubeconfig import write_kubeconfig
from tests.support.netlab import LAN, Lab, Machine, ask, inside
from tests.support.services import node
from tests.support.waiting import until

NODES = "/api/v1/nodes"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    lab = Lab(tmp_path)
    try:
        made = lab.add_machine()
        with inside(made.namespace):
            yield made
    finally:
        lab.close()


@pytest.fixture
async def api(machine: Machine, tmp_path: Path) -> AsyncIterator[FakeApi]:
    async with FakeApi() as made:
        stop = asyncio.Event()
        config = Config(
            kubeconfig=write_kubeconfig(made.url, tmp_path), node_name=machine.name,
            cni_conf_dir=str(tmp_path / "net.d"), cni_data_dir=str(tmp_path / "ipam"),
        )  # fmt: skip
        task = asyncio.create_task(run(config, stop))
        yield made
        stop.set()
        await task


def put(api: FakeApi, made: Node) -> None:
    api.put(NODES, made.to_dict())


def routes(machine: Machine) -> dict[str, str]:
    lines = machine.sh("ip", "route", "show", "proto", "77").splitlines()
    return {line.split()[0]: line.split()[2] for line in lines}


async def test_the_configuration_waits_for_the_subnet(machine, api, tmp_path):
    put(api, node(machine.name, machine.ip))
    put(api, node("worker-2", f"{LAN}.2", "10.244.2.0/24"))
    await until(lambda: routes(machine) == {"10.244.2.0/24": f"{LAN}.2"})
    file = tmp_path / "net.d" / FILE_NAME
    assert not file.exists()
    put(api, machine.node)
    await until(file.exists)
    ipam = json.loads(file.read_text())["plugins"][0]["ipam"]
    assert ipam["ranges"] == [[{"subnet": machine.pod_cidr}]]
    assert "-A MINI-POSTRTG -j MASQUERADE" in machine.sh("iptables-save", "-t", "nat")


async def test_routes_follow_addresses_and_departures(machine, api):
    put(api, machine.node)
    put(api, node("worker-2", f"{LAN}.2", "10.244.2.0/24"))
    await until(lambda: routes(machine) == {"10.244.2.0/24": f"{LAN}.2"})
    put(api, node("worker-2", f"{LAN}.9", "10.244.2.0/24"))
    await until(lambda: routes(machine) == {"10.244.2.0/24": f"{LAN}.9"})
    api.delete(NODES, "", "worker-2")
    await until(lambda: routes(machine) == {})


async def test_cleanup_takes_everything_back(machine, api, tmp_path):
    put(api, machine.node)
    put(api, node("worker-2", f"{LAN}.2", "10.244.2.0/24"))
    await until((tmp_path / "net.d" / FILE_NAME).exists)
    await run(Config(cleanup=True, cni_conf_dir=str(tmp_path / "net.d")), asyncio.Event())
    assert list((tmp_path / "net.d").iterdir()) == []
    assert "MINI" not in machine.sh("iptables-save")
    assert routes(machine) == {}


async def test_new_pods_work_when_the_node_gets_another_subnet(tmp_path):
    """A node that was deleted and registers again may be given other addresses."""
    lab = Lab(tmp_path)
    try:
        machine = lab.add_machine()
        lab.add_pod(machine)
        machine.pod_cidr = "10.244.7.0/24"
        pod = lab.add_pod(machine)
        lab.serve(pod.namespace, pod.name)
        assert pod.ip.startswith("10.244.7.")
        assert ask(machine.namespace, pod.ip) == (pod.name, "10.244.7.1")
    finally:
        lab.close()
