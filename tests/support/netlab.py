"""A LAN of small machines made of network namespaces, with pods that our own CNI configuration connects.

    lan ----- eth0 worker-1 cni0 --- pods        lan is the world outside: no node, no pod
        `---- eth0 worker-2 cni0 --- pods

Everything is real (bridges, veth pairs, routes, iptables) and apart from this computer's own network.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from addons.network import cni
from machinery.api.core.v1 import Node
from tests.support.services import node

LAN = "192.168.77"
OUTSIDE = f"{LAN}.254"
CNI_PATHS = ("/usr/lib/cni", "/opt/cni/bin")
CLONE_NEWNET = 0x40000000
TIMEOUT = 3.0


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """What this thread opens or starts in here belongs to that network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home, there = (os.open(path, os.O_RDONLY) for path in ("/proc/thread-self/ns/net", f"/run/netns/{namespace}"))
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
        try:
            yield
        finally:
            libc.setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
        os.close(there)


def sh(*command: str, stdin: str = "", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=env, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Pod:
    name: str
    namespace: str
    ip: str
    node: Machine


@dataclass
class Machine:
    """One node: its namespace, its address on the LAN, its pod subnet."""

    lab: Lab = field(repr=False)
    name: str
    namespace: str
    ip: str
    pod_cidr: str
    pods: list[Pod] = field(default_factory=list)

    @property
    def node(self) -> Node:
        return node(self.name, self.ip, self.pod_cidr)

    def sh(self, *command: str, stdin: str = "") -> str:
        with inside(self.namespace):
            return sh(*command, stdin=stdin)


class Lab:
    """Machines, pods and servers; `close` leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machines: list[Machine] = []
        self._prefix = "t" + uuid.uuid4().hex[:6]
        self._namespaces: list[str] = []
        self._open = ExitStack()
        self.lan = self._namespace("lan")
        sh("ip", "-n", self.lan, "link", "add", "br0", "up", "type", "bridge")
        sh("ip", "-n", self.lan, "addr", "add", f"{OUTSIDE}/24", "dev", "br0")

    def close(self) -> None:
        self._open.close()
        for name in self._namespaces:
            sh("ip", "netns", "del", name)

    def add_machine(self) -> Machine:
        number = len(self.machines) + 1
        name = f"worker-{number}"
        machine = Machine(self, name, self._namespace(f"w{number}"), f"{LAN}.{number}", f"10.244.{number}.0/24")
        there = ("ip", "-n", machine.namespace)
        sh(*there, "link", "add", "eth0", "up", "type", "veth", "peer", "name", f"w{number}", "netns", self.lan)
        sh("ip", "-n", self.lan, "link", "set", f"w{number}", "master", "br0", "up")
        sh(*there, "addr", "add", f"{machine.ip}/24", "dev", "eth0")
        sh(*there, "route", "add", "default", "via", OUTSIDE)
        self.machines.append(machine)
        return machine

    def add_pod(self, machine: Machine) -> Pod:
        """As a runtime does it: a namespace, then the CNI plugin of our configuration."""
        number = len(machine.pods) + 1
        name = f"pod-{machine.name[-1]}{number}"
        namespace = self._namespace(name)
        config = cni.conflist(machine.pod_cidr, str(self.folder / machine.name))
        plugin = config["plugins"][0] | {key: config[key] for key in ("name", "cniVersion")}
        folder = next(path for path in CNI_PATHS if Path(path, "bridge").exists())
        env = os.environ | {
            "CNI_COMMAND": "ADD", "CNI_CONTAINERID": namespace, "CNI_NETNS": f"/run/netns/{namespace}",
            "CNI_IFNAME": "eth0", "CNI_PATH": folder,
        }  # fmt: skip
        with inside(machine.namespace):
            result = json.loads(sh(f"{folder}/bridge", stdin=json.dumps(plugin), env=env))
        pod = Pod(name, namespace, result["ips"][0]["address"].split("/")[0], machine)
        machine.pods.append(pod)
        return pod

    def serve(self, namespace: str, answer: str, port: int = 8080) -> None:
        """TCP and UDP: answers `<answer> <address of the client>`."""
        with inside(namespace):
            tcp = socket.create_server(("0.0.0.0", port), backlog=256)
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("0.0.0.0", port))
        for sock, loop in ((tcp, serve_tcp), (udp, serve_udp)):
            threading.Thread(target=loop, args=(sock, answer), daemon=True).start()
            self._open.callback(shut, sock)

    def _namespace(self, name: str) -> str:
        full = f"{self._prefix}-{name}"
        sh("ip", "netns", "add", full)
        self._namespaces.append(full)
        sh("ip", "-n", full, "link", "set", "lo", "up")
        return full


def serve_tcp(server: socket.socket, answer: str) -> None:
    try:
        while True:
            connection, (client, _) = server.accept()
            with connection:
                connection.sendall(f"{answer} {client}".encode())
    except OSError:
        return


def serve_udp(server: socket.socket, answer: str) -> None:
    try:
        while True:
            question, client = server.recvfrom(100)
            if not question:
                return
            server.sendto(f"{answer} {client[0]}".encode(), client)
    except OSError:
        return


def shut(sock: socket.socket) -> None:
    """Closing alone does not wake a thread that waits in accept."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        sock.close()


def ask(namespace: str, ip: str, port: int = 8080, *, timeout: float = TIMEOUT) -> tuple[str, str]:
    """(who answered, the client's address as the server saw it)."""
    with inside(namespace):
        connection = socket.create_connection((ip, port), timeout=timeout)
    with connection:
        who, _, seen = connection.makefile().read().partition(" ")
    return who, seen


class UdpClient:
    """Keeps one source port, as a resolver does: the same flow for conntrack."""

    def __init__(self, namespace: str) -> None:
        with inside(namespace):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.4)

    def ask(self, ip: str, port: int) -> str:
        """Who answered; "" for nobody."""
        try:
            self._socket.sendto(b"?", (ip, port))
            return self._socket.recv(100).decode().split()[0]
        except OSError:
            return ""

    def close(self) -> None:
        self._socket.close()
