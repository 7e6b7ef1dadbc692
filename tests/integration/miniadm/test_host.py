"""The host's part of the network, on a computer where Docker has been: forwarding is refused unless allowed.

The computer is a network namespace; beyond it lies an internet that knows nothing of the lab's addresses.

    machines -- bridge -- computer (FORWARD drops, bridges ask the firewall) -- internet
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import PROJECT, LabCluster

INTERNET = "203.0.113.1"
COMPUTER = "203.0.113.2"
_TELL_WHO_ASKS = """
import socket
server = socket.create_server(("", 80))
print("ready", flush=True)
while True:
    asker, address = server.accept()
    asker.sendall(address[0].encode())
    asker.close()
"""
_ASK = "import socket, sys; print(socket.create_connection((sys.argv[1], 80), 5).recv(99).decode())"
_SET_UP = """
import subprocess, sys
from pathlib import Path
from miniadm import host
from dataclasses import replace
from miniadm.cluster import from_environment
cluster = replace(from_environment(), subnet="192.168.77.0/24", workers=1)
for switch in Path("/proc/sys/net/bridge").glob("bridge-nf-call-iptables"):
    switch.write_text("1")
subprocess.run(["iptables", "-P", "FORWARD", "DROP"], check=True)
host.link_up(cluster)
host.link_up(cluster)
for machine in cluster.machines:
    host.plug(machine)
"""
_TAKE_DOWN = """
from miniadm import host
from dataclasses import replace
from miniadm.cluster import from_environment
host.link_down(replace(from_environment(), subnet="192.168.77.0/24", workers=1))
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def enter(namespace: str) -> list[str]:
    """`ip netns exec` would keep what is mounted in there, such as further namespaces, to itself."""
    return ["nsenter", f"--net=/run/netns/{namespace}"]


class Computer:
    def __init__(self, lab: LabCluster) -> None:
        self.lab, self.name = lab, f"{lab.name}-host"

    def python(self, script: str, *words: str, inside: str = "") -> str:
        command = [*enter(inside or self.name), sys.executable, "-c", script, *words]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.lab.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rules(self) -> list[str]:
        command = [*enter(self.name), "iptables-save"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [line for line in text.splitlines() if line.startswith("-A") or "MINI" in line]


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    computer = Computer(LabCluster(f"t{uuid.uuid4().hex[:6]}", tmp_path / "home"))
    outside = f"{computer.lab.name}-inet"
    ip("netns", "add", computer.name)
    ip("netns", "add", outside)
    ip("-n", computer.name, "link", "add", "eth0", "up", "type", "veth", "peer", "name", "eth0", "netns", outside)
    ip("-n", computer.name, "address", "add", f"{COMPUTER}/24", "dev", "eth0")
    ip("-n", outside, "address", "add", f"{INTERNET}/24", "dev", "eth0")
    ip("-n", outside, "link", "set", "eth0", "up")
    command = [*enter(outside), sys.executable, "-c", _TELL_WHO_ASKS]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "ready\n"
        computer.python(_SET_UP)
        yield computer
    finally:
        server.kill()
        server.wait()
        computer.python(_TAKE_DOWN)
        ip("netns", "delete", computer.name)
        ip("netns", "delete", outside)


def test_machines_reach_the_internet_under_the_computers_address(computer: Computer):
    assert computer.python(_ASK, INTERNET, inside=f"{computer.lab.name}-worker-1") == COMPUTER


def test_machines_reach_each_other_under_their_own(computer: Computer):
    command = [*enter(f"{computer.lab.name}-control-plane"), sys.executable, "-c", _TELL_WHO_ASKS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "ready\n"
        found = computer.python(_ASK, "192.168.77.10", inside=f"{computer.lab.name}-worker-1")
        server.kill()
    assert found == "192.168.77.11"


def test_rules_are_made_once_and_taken_away_whole(computer: Computer):
    assert len(computer.rules()) == 7
    computer.python(_TAKE_DOWN)
    assert computer.rules() == []
    assert json.loads((computer.lab.home / "host.json").read_text())["ip_forward"] in "01"
