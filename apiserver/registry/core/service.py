"""Service: a stable address in front of pods. Its ClusterIP and node ports are reserved beside it.

Real Kubernetes: pkg/registry/core/service (strategy, alloc.go) and printService. Left out so far: dual-stack,
load balancer classes, health check node ports.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.core.service_ranges import OutOfRange, Owner, Range, ServiceRanges, Taken
from apiserver.registry.core.service_validation import service_errors, service_update_errors
from apiserver.registry.strategy import Doc, Reservation, Strategy, columns
from machinery.api import labels, names
from machinery.api.core.v1 import Service
from machinery.api.errors import FieldError, Invalid

HEADLESS = "None"
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


class ServiceStrategy(Strategy):
    """Wants the ranges of addresses and ports."""

    kind = "Service"
    has_status = True
    allow_create_on_update = True
    returns_deleted = True
    columns = columns("Name, Type, Cluster-IP, External-IP, Port(s), Age", "Selector")
    selectable_fields = ("spec.clusterIP", "spec.type")

    def __init__(self, ranges: ServiceRanges) -> None:
        super().__init__()
        self._ranges = ranges

    def name_errors(self, name: str) -> list[str]:
        return names.dns1035_label(name)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec["type"] = spec.get("type") or "ClusterIP"
        spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
        if spec["sessionAffinity"] == "ClientIP":
            client = spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {})
            client.setdefault("timeoutSeconds", 10800)
        for port in spec.get("ports", []):
            port["protocol"] = port.get("protocol") or "TCP"
            port["targetPort"] = port.get("targetPort") or port.get("port", 0)
        if spec["type"] == "ExternalName":
            return
        spec.setdefault("internalTrafficPolicy", "Cluster")
        if spec["type"] in _WITH_NODE_PORTS:
            spec["externalTrafficPolicy"] = spec.get("externalTrafficPolicy") or "Cluster"
        if spec["type"] == "LoadBalancer":
            spec.setdefault("allocateLoadBalancerNodePorts", True)
        _default_families(spec)

    def prepare_for_create(self, obj: Doc) -> None:
        obj["status"] = {"loadBalancer": {}}
        _mirror_cluster_ip(obj["spec"], {})

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        spec, was = obj["spec"], old["spec"]
        _keep_allocated(spec, was)
        _drop_unneeded(spec, was)
        _mirror_cluster_ip(spec, was)

    def validate(self, obj: Service) -> list[FieldError]:
        return service_errors(obj)

    def validate_update(self, obj: Service, old: Service) -> list[FieldError]:
        return service_errors(obj) + service_update_errors(obj, old)

    def reservation(self, *, dry_run: bool) -> Reservation:
        return ServiceReservation(self._ranges, dry_run=dry_run)

    async def after_delete(self, obj: Doc) -> None:
        for space, value in held(self._ranges, obj):
            await self._ranges.release(space, value, owner_of(obj))

    def selectable(self, obj: Doc) -> dict[str, str]:
        spec = obj.get("spec", {})
        return {"spec.clusterIP": spec.get("clusterIP", ""), "spec.type": spec.get("type", "")}

    def row(self, obj: Service, now: datetime) -> list[Any]:
        spec = obj.spec
        return [
            obj.metadata.name,
            spec.type,
            spec.cluster_ips[0] if spec.cluster_ips else "<none>",
            _external(obj),
            _ports(obj),
            age(obj.metadata.creation_timestamp, now),
            str(labels.from_labels(spec.selector)) or "<none>",
        ]


def _external(service: Service) -> str:
    spec = service.spec
    if spec.type == "ExternalName":
        return spec.external_name
    addresses = [ingress.ip or ingress.hostname for ingress in service.status.load_balancer.ingress]
    addresses = [address for address in addresses if address] if spec.type == "LoadBalancer" else []
    nothing = "<pending>" if spec.type == "LoadBalancer" else "<none>"
    return ",".join([*addresses, *spec.external_ips]) or nothing


def _ports(service: Service) -> str:
    shown = [
        f"{port.port}:{port.node_port}/{port.protocol}" if port.node_port else f"{port.port}/{port.protocol}"
        for port in service.spec.ports
    ]
    return ",".join(shown) or "<none>"


def _default_families(spec: Doc) -> None:
    """One family, except for headless Services without selector, whose endpoints may be of any."""
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector") and not spec.get("ipFamilyPolicy"):
        spec["ipFamilyPolicy"] = "RequireDualStack"
        spec["ipFamilies"] = spec.get("ipFamilies") or ["IPv4", "IPv6"]
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    spec["ipFamilies"] = spec.get("ipFamilies") or ["IPv4"]


def _mirror_cluster_ip(spec: Doc, old: Doc) -> None:
    """clusterIP and clusterIPs[0] say the same; who changed one of them means both."""
    single, several = spec.get("clusterIP", ""), spec.get("clusterIPs", [])
    if single and (not several or single != old.get("clusterIP", "")):
        spec["clusterIPs"] = [single, *several[1:]]
    elif several and not single and not old:
        spec["clusterIP"] = several[0]
    elif not single and several:
        spec.pop("clusterIPs")


def _keep_allocated(spec: Doc, was: Doc) -> None:
    """A writer who leaves allocated values out does not mean to lose them."""
    if spec["type"] != "ExternalName" and was["type"] != "ExternalName" and not spec.get("clusterIP"):
        for field in ("clusterIP", "clusterIPs"):
            if field in was:
                spec[field] = was[field]
    if spec["type"] in _WITH_NODE_PORTS and was["type"] in _WITH_NODE_PORTS:
        known = {(port["protocol"], port["port"]): port.get("nodePort", 0) for port in was.get("ports", [])}
        taken = {port.get("nodePort") for port in spec.get("ports", [])}
        for port in spec.get("ports", []):
            held_before = known.get((port["protocol"], port["port"]), 0)
            if not port.get("nodePort") and held_before and held_before not in taken:
                port["nodePort"] = held_before


def _drop_unneeded(spec: Doc, was: Doc) -> None:
    """Changing the type drops what only the old type needed, unless the writer touched it."""
    if spec["type"] == was["type"]:
        return
    if spec["type"] == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            if spec.get(field) == was.get(field):
                spec.pop(field, None)
    if spec["type"] not in _WITH_NODE_PORTS:
        old_ports = {port.get("nodePort") for port in was.get("ports", [])}
        for port in spec.get("ports", []):
            if port.get("nodePort") in old_ports:
                port.pop("nodePort", None)
        if spec.get("externalTrafficPolicy") == was.get("externalTrafficPolicy"):
            spec.pop("externalTrafficPolicy", None)
    if spec["type"] != "LoadBalancer":
        spec.pop("allocateLoadBalancerNodePorts", None)


def held(ranges: ServiceRanges, obj: Doc) -> list[tuple[Range, str]]:
    """What a Service holds of the ranges."""
    spec = obj.get("spec", {})
    found = [(ranges.ips, ip) for ip in spec.get("clusterIPs", []) if ip not in ("", HEADLESS)]
    return found + [(ranges.ports, str(port["nodePort"])) for port in spec.get("ports", []) if port.get("nodePort")]


def owner_of(obj: Doc) -> Owner:
    meta = obj["metadata"]
    return Owner(f"{meta['namespace']}/{meta['name']}", meta.get("uid", ""))


class ServiceReservation(Reservation):
    """What one write of a Service reserves; kept when the write is stored, released when it is not."""

    def __init__(self, ranges: ServiceRanges, *, dry_run: bool) -> None:
        self._ranges = ranges
        self._dry_run = dry_run
        self._owner = Owner("", "")
        self._taken: list[tuple[Range, str]] = []
        self._before: list[tuple[Range, str]] = []
        self._after: list[tuple[Range, str]] = []

    async def fill(self, obj: Doc, old: Doc | None) -> bool:
        await self.release()
        self._before = held(self._ranges, old) if old else []
        spec, self._owner = obj["spec"], owner_of(obj)
        if spec["type"] != "ExternalName" and spec.get("clusterIP") != HEADLESS:
            spec["clusterIP"] = await self._ip(obj)
            spec["clusterIPs"] = [spec["clusterIP"]]
        elif spec.get("clusterIP") == HEADLESS:
            spec["clusterIPs"] = [HEADLESS]
        if self._wants_node_ports(spec):
            for index, port in enumerate(spec.get("ports", [])):
                port["nodePort"] = int(await self._port(obj, index))
        self._after = held(self._ranges, obj)
        return True

    @staticmethod
    def _wants_node_ports(spec: Doc) -> bool:
        if spec["type"] == "LoadBalancer":
            return bool(spec.get("allocateLoadBalancerNodePorts", True))
        return spec["type"] == "NodePort"

    async def _ip(self, obj: Doc) -> str:
        wanted = obj["spec"].get("clusterIP", "")
        try:
            return await self._take(self._ranges.ips, wanted)
        except Taken:
            raise self._refused(obj, f"failed to allocate IP {wanted}: provided IP is already allocated") from None
        except OutOfRange:
            why = (
                f"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. "
                f"The range of valid IPs is {self._ranges.ips.shown}"
            )
            raise self._refused(obj, why) from None

    def _refused(self, obj: Doc, why: str) -> Invalid:
        error = FieldError.invalid("spec.clusterIPs", [obj["spec"].get("clusterIP", "")], why)
        return Invalid("Service", obj["metadata"]["name"], [error])

    async def _port(self, obj: Doc, index: int) -> str:
        wanted = str(obj["spec"]["ports"][index].get("nodePort") or "")
        path = f"spec.ports[{index}].nodePort"
        try:
            return await self._take(self._ranges.ports, wanted)
        except Taken:
            why = "provided port is already allocated"
        except OutOfRange:
            why = (
                "provided port is not in the valid range. "
                f"The range of valid ports is {self._ranges.ports.shown}"
            )
        raise Invalid("Service", obj["metadata"]["name"], [FieldError.invalid(path, int(wanted), why)]) from None

    async def _take(self, space: Range, wanted: str) -> str:
        if wanted and ((space, wanted) in self._before or (space, wanted) in self._taken):
            return wanted
        value = await self._ranges.reserve(space, wanted, self._owner, dry_run=self._dry_run)
        if not self._dry_run:
            self._taken.append((space, value))
        return value

    async def keep(self) -> None:
        self._taken = []
        if not self._dry_run:
            for space, value in self._before:
                if (space, value) not in self._after:
                    await self._ranges.release(space, value, self._owner)

    async def release(self) -> None:
        taken, self._taken = self._taken, []
        for space, value in taken:
            await self._ranges.release(space, value, self._owner)
