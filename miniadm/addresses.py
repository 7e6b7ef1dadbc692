"""Chooses the lab's LAN: a private /24 that no route or address of this computer overlaps.

`candidates` is data, `free_subnet` is pure; only `host_networks` looks at the computer, through `ip -json`.
kind asks Docker for a network, minikube tries 192.168.49.0/24 and counts up: this is the latter.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
from collections.abc import Iterable

from miniadm.cluster import POD_CIDR, SERVICE_CIDR, SetupError

Network = ipaddress.IPv4Network
# Seldom met in homes and offices, and none is what Docker, libvirt, VirtualBox or minikube take first.
CANDIDATES = tuple(Network(f"192.168.{third}.0/24") for third in range(77, 117, 3)) + tuple(
    Network(f"172.{second}.77.0/24") for second in range(24, 32)
)


def free_subnet(taken: Iterable[Network]) -> Network:
    """The first candidate that overlaps nothing in `taken`."""
    used = (*taken, Network(POD_CIDR), Network(SERVICE_CIDR))
    for candidate in CANDIDATES:
        if not any(candidate.overlaps(network) for network in used):
            return candidate
    raise SetupError("every private network that the lab could use is taken by a route of this computer")


def is_free(subnet: str, taken: Iterable[Network]) -> bool:
    return not any(Network(subnet).overlaps(network) for network in taken)


def host_networks() -> list[Network]:
    """Every IPv4 network that this computer has an address in or a route to, but for the default route."""
    return [*_routes(_ip("route", "show", "table", "all")), *_addresses(_ip("address"))]


def _ip(*words: str) -> list[dict[str, object]]:
    done = subprocess.run(["ip", "-4", "-json", *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "[]")


def _routes(rows: list[dict[str, object]]) -> Iterable[Network]:
    for row in rows:
        destination = str(row.get("dst", "default"))
        if destination != "default" and row.get("type") not in ("multicast", "broadcast"):
            yield Network(destination, strict=False)


def _addresses(rows: list[dict[str, object]]) -> Iterable[Network]:
    for row in rows:
        for address in row.get("addr_info", ()):
            yield Network(f"{address['local']}/{address['prefixlen']}", strict=False)
