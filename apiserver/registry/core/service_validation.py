"""Everything that can be wrong with a Service. Real Kubernetes: ValidateService in pkg/apis/core/validation."""

from __future__ import annotations

from apiserver.registry.core.container_validation import port_or_name_errors
from apiserver.registry.metadata import label_errors
from machinery.api import names
from machinery.api.core.v1 import Service, ServicePort
from machinery.api.errors import FieldError

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_POLICIES = ("Cluster", "Local")


def service_errors(service: Service) -> list[FieldError]:
    """All errors of a Service."""
    spec, found = service.spec, []
    if not spec.ports and spec.cluster_ip != "None" and spec.type != "ExternalName":
        found.append(FieldError.required("spec.ports"))
    found += _choice_errors(service) + _address_errors(service)
    found += label_errors(spec.selector, "spec.selector")
    seen_names: set[str] = set()
    seen_ports: set[tuple[str, int]] = set()
    seen_nodes: set[tuple[str, int]] = set()
    for index, port in enumerate(spec.ports):
        path = f"spec.ports[{index}]"
        found += _port_errors(port, path, named=len(spec.ports) > 1)
        if port.name and port.name in seen_names:
            found.append(FieldError.duplicate(f"{path}.name", port.name))
        if (port.protocol, port.port) in seen_ports:
            found.append(FieldError.duplicate(path, {"port": port.port, "protocol": port.protocol}))
        if port.node_port and (port.protocol, port.node_port) in seen_nodes:
            found.append(FieldError.duplicate(f"{path}.nodePort", port.node_port))
        if port.node_port and spec.type in ("ClusterIP", "ExternalName"):
            why = f"may not be used when `type` is '{spec.type}'"
            found.append(FieldError.forbidden(f"{path}.nodePort", why))
        seen_names.add(port.name)
        seen_ports.add((port.protocol, port.port))
        seen_nodes.add((port.protocol, port.node_port))
    return found


def _choice_errors(service: Service) -> list[FieldError]:
    spec, found = service.spec, []
    for field, value, supported in (
        ("type", spec.type, _TYPES),
        ("sessionAffinity", spec.session_affinity, _AFFINITIES),
        ("internalTrafficPolicy", spec.internal_traffic_policy, _POLICIES),
        ("externalTrafficPolicy", spec.external_traffic_policy, _POLICIES),
    ):
        if value and value not in supported:
            found.append(FieldError.not_supported(f"spec.{field}", value, supported))
    if spec.external_traffic_policy and spec.type in ("ClusterIP", "ExternalName") and not spec.external_ips:
        why = "may only be set for externally-accessible services"
        found.append(FieldError.invalid("spec.externalTrafficPolicy", spec.external_traffic_policy, why))
    return found


def _address_errors(service: Service) -> list[FieldError]:
    spec, found = service.spec, []
    if spec.type == "ExternalName":
        if spec.cluster_ip:
            found.append(FieldError.forbidden("spec.clusterIPs", "may not be set when `type` is 'ExternalName'"))
        if not spec.external_name:
            found.append(FieldError.required("spec.externalName"))
        name = spec.external_name.removesuffix(".")
        return found + [
            FieldError.invalid("spec.externalName", spec.external_name, why)
            for why in (names.dns_subdomain(name) if name else ())
        ]
    if spec.cluster_ip not in ("", "None") and names.ip(spec.cluster_ip):
        why = "must be empty, 'None', or a valid IP address"
        found.append(FieldError.invalid("spec.clusterIPs", list(spec.cluster_ips), why))
    if spec.cluster_ip == "None" and spec.type != "ClusterIP":
        why = f"may not be set to 'None' for {spec.type} services"
        found.append(FieldError.invalid("spec.clusterIPs[0]", "None", why))
    for index, ip in enumerate(spec.external_ips):
        found += [FieldError.invalid(f"spec.externalIPs[{index}]", ip, why) for why in names.ip(ip)]
    return found


def _port_errors(port: ServicePort, path: str, *, named: bool) -> list[FieldError]:
    found = []
    if named and not port.name:
        found.append(FieldError.required(f"{path}.name"))
    elif port.name:
        found += [FieldError.invalid(f"{path}.name", port.name, why) for why in names.dns_label(port.name)]
    found += [FieldError.invalid(f"{path}.port", port.port, why) for why in names.port_number(port.port)]
    if port.protocol not in _PROTOCOLS:
        found.append(FieldError.not_supported(f"{path}.protocol", port.protocol, _PROTOCOLS))
    return found + port_or_name_errors(port.target_port, f"{path}.targetPort")


def service_update_errors(service: Service, old: Service) -> list[FieldError]:
    """What cannot change: the address, as long as the Service has one."""
    new, was = service.spec, old.spec
    if "ExternalName" in (new.type, was.type) or not was.cluster_ip or new.cluster_ip == was.cluster_ip:
        return []
    return [FieldError.invalid("spec.clusterIPs[0]", list(new.cluster_ips), "may not change once set")]
