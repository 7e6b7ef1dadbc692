"""Ingress: which hosts and paths lead to which services. Real Kubernetes: pkg/registry/networking/ingress."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, needed
from apiserver.registry.strategy import Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.networking.v1 import (
        HTTPIngressPath,
        Ingress,
        IngressBackend,
        IngressRule,
        IngressServiceBackend,
        IngressTLS,
    )

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_ENDINGS = ("/..", "/.")
_SHOWN_HOSTS = 3


class IngressStrategy(Strategy):
    """See the module."""

    api_version = "networking.k8s.io/v1"
    kind = "Ingress"
    has_status = True
    has_generation = True
    columns = columns("Name, Class, Hosts, Address, Ports, Age")

    def validate(self, obj: Ingress) -> list[FieldError]:
        return self.validate_update(obj, None) + _annotation_errors(obj)

    def validate_update(self, obj: Ingress, old: Ingress | None) -> list[FieldError]:
        spec, found = obj.spec, []
        if not spec.rules and spec.default_backend is None:
            found.append(FieldError.invalid("spec", [], "either `defaultBackend` or `rules` must be specified"))
        if spec.default_backend is not None:
            found += _backend_errors(spec.default_backend, "spec.defaultBackend")
        for index, rule in enumerate(spec.rules):
            found += _rule_errors(rule, f"spec.rules[{index}]")
        for index, tls in enumerate(spec.tls):
            found += _tls_errors(tls, f"spec.tls[{index}]")
        if spec.ingress_class_name is not None:
            found += checked("spec.ingressClassName", spec.ingress_class_name, names.dns_subdomain)
        return found

    def validate_status_update(self, obj: Ingress, old: Ingress) -> list[FieldError]:
        found = []
        for index, point in enumerate(obj.status.load_balancer.ingress):
            path = f"status.loadBalancer.ingress[{index}]"
            found += checked(f"{path}.ip", point.ip, names.ip) if point.ip else []
            if point.hostname:
                found += checked(f"{path}.hostname", point.hostname, names.dns_subdomain)
                found += _not_an_ip(point.hostname, f"{path}.hostname")
        return found

    def row(self, obj: Ingress, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            obj.spec.ingress_class_name or "<none>",
            _hosts_cell(obj),
            ",".join(sorted({each.ip or each.hostname for each in obj.status.load_balancer.ingress} - {""})),
            "80, 443" if obj.spec.tls else "80",
            age(obj.metadata.creation_timestamp, now),
        ]


def _hosts_cell(obj: Ingress) -> str:
    hosts = [rule.host for rule in obj.spec.rules if rule.host]
    text = ",".join(hosts[:_SHOWN_HOSTS]) or "*"
    return f"{text} + {len(hosts) - _SHOWN_HOSTS} more..." if len(hosts) > _SHOWN_HOSTS else text


def _annotation_errors(obj: Ingress) -> list[FieldError]:
    given, wanted = obj.metadata.annotations.get(_CLASS_ANNOTATION), obj.spec.ingress_class_name
    if given is None or wanted is None or given == wanted:
        return []
    why = "must match `ingressClassName` when both are specified"
    return [FieldError.invalid(f"annotations.{_CLASS_ANNOTATION}", given, why)]


def _not_an_ip(host: str, path: str) -> list[FieldError]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return []
    return [FieldError.invalid(path, host, "must be a DNS name, not an IP address")]


def _host_errors(host: str, path: str) -> list[FieldError]:
    return checked(path, host, names.wildcard_subdomain if "*" in host else names.dns_subdomain)


def _rule_errors(rule: IngressRule, path: str) -> list[FieldError]:
    found = []
    if rule.host:
        found += _not_an_ip(rule.host, f"{path}.host") + _host_errors(rule.host, f"{path}.host")
    if rule.http is None:
        return found
    if not rule.http.paths:
        found.append(FieldError.required(f"{path}.http.paths"))
    for index, each in enumerate(rule.http.paths):
        found += _path_errors(each, f"{path}.http.paths[{index}]")
    return found


def _path_errors(row: HTTPIngressPath, path: str) -> list[FieldError]:
    where, text, found = f"{path}.path", row.path, []
    if row.path_type is None:
        return [FieldError.required(f"{path}.pathType", "pathType must be specified")]
    if row.path_type not in _PATH_TYPES:
        found.append(FieldError.not_supported(f"{path}.pathType", row.path_type, _PATH_TYPES))
    elif not text.startswith("/") and (text or row.path_type != "ImplementationSpecific"):
        found.append(FieldError.invalid(where, text, "must be an absolute path"))
    if row.path_type in ("Exact", "Prefix"):
        bad = [f"must not contain '{part}'" for part in _SEQUENCES if part in text]
        bad += [f"cannot end with '{part}'" for part in _ENDINGS if text.endswith(part)]
        found += [FieldError.invalid(where, text, why) for why in bad]
    return found + _backend_errors(row.backend, f"{path}.backend")


def _backend_errors(backend: IngressBackend, path: str) -> list[FieldError]:
    if backend.resource is not None and backend.service is not None:
        return [FieldError.invalid(path, "", "cannot set both resource and service backends")]
    if backend.resource is not None:
        return reference_errors(backend.resource, f"{path}.resource")
    if backend.service is not None:
        return _service_errors(backend.service, path)
    return [FieldError.invalid(path, "", "resource or service backend is required")]


def _service_errors(service: IngressServiceBackend, path: str) -> list[FieldError]:
    where, port = f"{path}.service", service.port
    found = needed(f"{where}.name", service.name, names.dns1035_label)
    if port.name and port.number:
        found.append(FieldError.invalid(path, "", "cannot set both port name & port number"))
    elif port.name:
        found += checked(f"{where}.port.name", port.name, names.port_name)
    elif port.number:
        found += [FieldError.invalid(f"{where}.port.number", port.number, w) for w in names.port_number(port.number)]
    else:
        found.append(FieldError.required(path, "port name or number is required"))
    return found


def reference_errors(reference: Any, path: str) -> list[FieldError]:
    """A reference by API group, kind and name."""
    found = []
    if reference.api_group is not None:
        found += checked(f"{path}.apiGroup", reference.api_group, names.dns_subdomain)
    found += needed(f"{path}.kind", reference.kind, names.path_segment)
    return found + needed(f"{path}.name", reference.name, names.path_segment)


def _tls_errors(tls: IngressTLS, path: str) -> list[FieldError]:
    found = []
    for index, host in enumerate(tls.hosts):
        found += _host_errors(host, f"{path}.hosts[{index}]")
    return found + (checked(f"{path}.secretName", tls.secret_name, names.dns_subdomain) if tls.secret_name else [])
