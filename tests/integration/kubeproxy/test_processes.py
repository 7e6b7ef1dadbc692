"""`python -m kubeproxy` and `python -m addons.network` as a node runs them, against the real API server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from machinery.api.core.v1 import Service
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.support.apiserver import ROOT, ApiServer
from tests.support.netlab import Lab, Machine, ask, inside
from tests.support.services import endpoint, endpoint_slice, node, port, service
from tests.support.waiting import until

VIP = "10.96.7.20"
MEGABYTE = 1024


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """The whole test runs inside of this machine."""
    lab = Lab(tmp_path)
    try:
        made = lab.add_machine()
        with inside(made.namespace):
            yield made
    finally:
        lab.close()


@pytest.fixture
async def server(machine: Machine, tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with ApiServer(tmp_path) as made:
        yield made


@contextmanager
def component(module: str, *flags: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as stderr:
        process = subprocess.Popen([sys.executable, "-m", module, *flags], cwd=ROOT, stderr=stderr)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(60) in (0, -signal.SIGKILL), log.read_text()
        finally:
            process.kill()


def resident(process: subprocess.Popen[bytes]) -> float:
    """MB, all pages counted."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / MEGABYTE


def answers(machine: Machine, ip: str, number: int) -> str:
    try:
        return ask(machine.namespace, ip, number, timeout=0.3)[0]
    except OSError:
        return ""


async def test_a_node_from_its_subnet_to_its_services(machine, server, tmp_path):
    identity = server.kubeconfig_of("system:kube-proxy", organization="system:node-proxier")
    log, conflist = tmp_path / "log", tmp_path / "net.d" / "10-mini.conflist"
    network = ("addons.network", "--kubeconfig", identity, "--node-name", machine.name)
    folders = ("--cni-conf-dir", str(conflist.parent), "--cni-data-dir", str(tmp_path / "ipam"))
    proxy = ("kubeproxy", "--kubeconfig", identity, "--hostname-override", machine.name)
    async with Client(load_kubeconfig(server.kubeconfig)) as client:
        with component(*network, *folders, log=log), component(*proxy, log=log) as first:
            await client.create(node(machine.name, pod_cidr=machine.pod_cidr))
            await until(conflist.exists, 60)

            pod = machine_pod(machine)
            await client.create(service("web", VIP, [port(80, node_port=30008)]))
            slice_ = endpoint_slice("web", [endpoint(pod.ip, machine.name, ready=True)])
            await client.create(slice_)
            await until(lambda: answers(machine, VIP, 80) == "web")
            assert answers(machine, machine.ip, 30008) == "web"
            assert resident(first) <= 50

            first.kill()
            first.wait()
            assert answers(machine, VIP, 80) == "web"
            await client.delete(Service, "web", "default")
        with component(*proxy, log=log):
            await until(lambda: VIP not in machine.sh("iptables-save"), 60)


def machine_pod(machine: Machine):
    pod = machine.lab.add_pod(machine)
    machine.lab.serve(pod.namespace, "web")
    return pod
