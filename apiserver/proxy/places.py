"""Where a proxied request goes: from a name like `https:web:8443` and the objects it means to a host and a port. Pure.

Real Kubernetes: apimachinery's util/net/port_split.go, pkg/registry/core/{pod/strategy.go,service/storage,node}.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from machinery.api.errors import BadRequest, NotFound, ServiceUnavailable

Doc = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """`[scheme:]name[:port]`; with a scheme the second colon is needed even without a port."""

    scheme: str
    name: str
    port: str


def split(text: str, resource: str) -> Wanted:
    """Read the name in the URL of a pod, service or node."""
    parts = text.split(":")
    match parts:
        case [name] if name:
            return Wanted("", name, "")
        case [name, port] if name and port:
            return Wanted("", name, port)
        case [("" | "http" | "https") as scheme, name, port] if name:
            return Wanted(scheme, name, port)
    raise BadRequest(f'invalid {resource} request "{text}"')


@dataclass(frozen=True)
class Place:
    """A host and a port, with TLS or without."""

    host: str
    port: int
    secure: bool = False

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _proxyable(host: str) -> str:
    """This server's own machine is nobody's pod, whatever a status says."""
    address = ip_address(host)
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise BadRequest("address not allowed")
    return host


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadRequest(f'invalid port "{text}"')
    return int(text)


def pod_place(wanted: Wanted, pod: Doc) -> Place:
    """The port that was asked for, else the first that a container declares, else the scheme's own."""
    secure = wanted.scheme == "https"
    host = pod.get("status", {}).get("podIP", "")
    if not host:
        raise BadRequest("address not allowed")
    ports = [port for container in pod["spec"].get("containers", []) for port in container.get("ports", [])]
    named = {port["name"]: port["containerPort"] for port in ports if port.get("name")}
    if wanted.port:
        return Place(_proxyable(host), named.get(wanted.port) or _number(wanted.port), secure)
    default = 443 if secure else 80
    return Place(_proxyable(host), ports[0]["containerPort"] if ports else default, secure)


def _port_name(wanted: Wanted, service: Doc) -> str:
    """A number means the service's own port of that number; slices know ports by name."""
    if not wanted.port.isdecimal():
        return wanted.port
    for port in service["spec"].get("ports", []):
        if port["port"] == int(wanted.port):
            return port.get("name", "")
    raise ServiceUnavailable(f'no service port {wanted.port} found for service "{wanted.name}"')


def service_places(wanted: Wanted, service: Doc | None, slices: Iterable[Doc], namespace: str) -> list[Place]:
    """Every ready endpoint behind that port of the service; never an empty list."""
    if service is None:
        raise NotFound("services", wanted.name)
    name = _port_name(wanted, service)
    found = [
        Place(_proxyable(address), port["port"], wanted.scheme == "https")
        for each in slices
        for port in each.get("ports") or []
        if port.get("name", "") == name and port.get("port")
        for endpoint in each.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready", True)
        for address in endpoint["addresses"][:1]
    ]
    if not found:
        raise ServiceUnavailable(f'no endpoints available for service "{wanted.name}"')
    return found


def node_place(wanted: Wanted, host: str, kubelet_port: int) -> Place | None:
    """Another port of the node; None means its kubelet."""
    if not wanted.port or wanted.port == str(kubelet_port):
        return None
    return Place(_proxyable(host), _number(wanted.port), wanted.scheme == "https")
