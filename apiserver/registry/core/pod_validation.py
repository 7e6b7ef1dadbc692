"""Everything that can be wrong with a pod's spec, found at once; also used for templates.

Real Kubernetes: ValidatePodSpec in pkg/apis/core/validation. Containers are in container_validation, volumes in
volume_validation, and so on. Left out so far: resource claims, Windows, pod-level resources.
"""

from __future__ import annotations

from typing import Any

from apiserver.registry.core.affinity_validation import placement_wish_errors
from apiserver.registry.core.container_validation import container_errors
from apiserver.registry.core.security_validation import pod_security_errors
from apiserver.registry.core.volume_validation import volume_errors
from apiserver.registry.metadata import label_errors
from machinery.api import names
from machinery.api.core.v1 import PodSpec, Toleration
from machinery.api.errors import FieldError

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_OPERATORS = ("Equal", "Exists")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def pod_spec_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """All errors of a pod spec that stands at `path`."""
    found = volume_errors(spec.volumes, f"{path}.volumes")
    volumes = {volume.name for volume in spec.volumes}
    if not spec.containers:
        found.append(FieldError.required(f"{path}.containers"))
    seen: set[str] = set()
    for field, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for index, container in enumerate(containers):
            where = f"{path}.{field}[{index}]"
            if container.name in seen:
                found.append(FieldError.duplicate(f"{where}.name", container.name))
            seen.add(container.name)
            found += container_errors(container, where, volumes=volumes, init=field == "initContainers")
    return [
        *found,
        *_policy_errors(spec, path),
        *_name_errors(spec, path),
        *_placement_errors(spec, path),
        *_host_port_errors(spec, path),
        *placement_wish_errors(spec, path),
        *pod_security_errors(spec.security_context, f"{path}.securityContext"),
    ]


def _host_port_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """Two containers of one pod cannot have the same port of the node."""
    found, seen = [], set()
    for index, container in enumerate(spec.containers):
        for at, port in enumerate(container.ports):
            key = (port.host_ip, port.protocol, port.host_port)
            where = f"{path}.containers[{index}].ports[{at}]"
            if port.host_port and key in seen:
                shown = f"{port.protocol}/{port.host_ip}/{port.host_port}"
                found.append(FieldError.duplicate(f"{where}.hostPort", shown))
            if port.host_port and spec.host_network and port.host_port != port.container_port:
                why = "must match `hostPort` when `hostNetwork` is true"
                found.append(FieldError.invalid(f"{where}.containerPort", port.container_port, why))
            seen.add(key)
    return found


def _policy_errors(spec: PodSpec, path: str) -> list[FieldError]:
    found = []
    for field, value, supported in (
        ("restartPolicy", spec.restart_policy, _RESTART_POLICIES),
        ("dnsPolicy", spec.dns_policy, _DNS_POLICIES),
    ):
        if not value:
            found.append(FieldError.required(f"{path}.{field}"))
        elif value not in supported:
            found.append(FieldError.not_supported(f"{path}.{field}", value, supported))
    grace, deadline = spec.termination_grace_period_seconds, spec.active_deadline_seconds
    if grace is not None and grace < 0:
        why = "must be greater than or equal to 0"
        found.append(FieldError.invalid(f"{path}.terminationGracePeriodSeconds", grace, why))
    if deadline is not None and not 1 <= deadline < 2**31:
        why = "must be between 1 and 2147483647, inclusive"
        found.append(FieldError.invalid(f"{path}.activeDeadlineSeconds", deadline, why))
    return found


def _name_errors(spec: PodSpec, path: str) -> list[FieldError]:
    checks: list[tuple[str, str, Any]] = [
        ("serviceAccountName", spec.service_account_name, names.dns_subdomain),
        ("nodeName", spec.node_name, names.dns_subdomain),
        ("hostname", spec.hostname, names.dns_label),
        ("subdomain", spec.subdomain, names.dns_label),
        ("priorityClassName", spec.priority_class_name, names.dns_subdomain),
        ("runtimeClassName", spec.runtime_class_name or "", names.dns_subdomain),
    ]
    found = [
        FieldError.invalid(f"{path}.{field}", value, why)
        for field, value, check in checks
        if value
        for why in check(value)
    ]
    for index, alias in enumerate(spec.host_aliases):
        where = f"{path}.hostAliases[{index}]"
        found += [FieldError.invalid(f"{where}.ip", alias.ip, why) for why in names.ip(alias.ip)]
        for name in alias.hostnames:
            bad = names.dns_subdomain(name)
            found += [FieldError.invalid(f"{where}.hostnames", name, why) for why in bad]
    return found


def _placement_errors(spec: PodSpec, path: str) -> list[FieldError]:
    found = label_errors(spec.node_selector, f"{path}.nodeSelector")
    for index, toleration in enumerate(spec.tolerations):
        found += toleration_errors(toleration, f"{path}.tolerations[{index}]")
    gates = [gate.name for gate in spec.scheduling_gates]
    for index, gate in enumerate(gates):
        if gate in gates[:index]:
            found.append(FieldError.duplicate(f"{path}.schedulingGates[{index}]", gate))
    if spec.node_name and gates:
        why = "cannot be set until all schedulingGates have been cleared"
        found.append(FieldError.forbidden(f"{path}.nodeName", why))
    return found


def toleration_errors(toleration: Toleration, path: str) -> list[FieldError]:
    found = []
    if toleration.key:
        bad = names.qualified_name(toleration.key)
        found += [FieldError.invalid(f"{path}.key", toleration.key, why) for why in bad]
    elif toleration.operator != "Exists":
        why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
        found.append(FieldError.invalid(f"{path}.operator", toleration.operator, why))
    if toleration.toleration_seconds is not None and toleration.effect != "NoExecute":
        why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        found.append(FieldError.invalid(f"{path}.effect", toleration.effect, why))
    if toleration.operator not in ("", *_OPERATORS):
        found.append(FieldError.not_supported(f"{path}.operator", toleration.operator, _OPERATORS))
    if toleration.operator == "Exists" and toleration.value:
        why = "value must be empty when `operator` is 'Exists'"
        found.append(FieldError.invalid(f"{path}.operator", toleration.value, why))
    if toleration.effect and toleration.effect not in _EFFECTS:
        found.append(FieldError.not_supported(f"{path}.effect", toleration.effect, _EFFECTS))
    return found
