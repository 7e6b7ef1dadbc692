"""Everything that can be wrong with one container of a pod.

Real Kubernetes: validateContainers and validateInitContainers in pkg/apis/core/validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apiserver.registry.core.environment_validation import environment_errors
from apiserver.registry.core.security_validation import container_security_errors
from machinery.api import names, quantity
from machinery.api.core.v1 import Container, ContainerPort, Probe, VolumeMount
from machinery.api.errors import FieldError

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_NOT_NEGATIVE = "must be greater than or equal to 0"


def container_errors(container: Container, path: str, *, volumes: set[str], init: bool) -> list[FieldError]:
    """All errors of a container that stands at `path`, in a pod with these volumes."""
    return [
        *_identity_errors(container, path),
        *_port_errors(container.ports, f"{path}.ports"),
        *environment_errors(container.env, container.env_from, path),
        *_mount_errors(container.volume_mounts, f"{path}.volumeMounts", volumes),
        *_resource_errors(container, f"{path}.resources"),
        *_probe_errors(container, path, init=init),
        *_lifecycle_errors(container, path),
        *container_security_errors(container.security_context, f"{path}.securityContext"),
    ]


def _identity_errors(container: Container, path: str) -> list[FieldError]:
    found = []
    if not container.name:
        found.append(FieldError.required(f"{path}.name"))
    else:
        bad = names.dns_label(container.name)
        found += [FieldError.invalid(f"{path}.name", container.name, why) for why in bad]
    if not container.image:
        found.append(FieldError.required(f"{path}.image"))
    elif container.image != container.image.strip():
        why = "must not have leading or trailing whitespace"
        found.append(FieldError.invalid(f"{path}.image", container.image, why))
    for field, value, supported in (
        ("imagePullPolicy", container.image_pull_policy, _PULL_POLICIES),
        ("terminationMessagePolicy", container.termination_message_policy, _MESSAGE_POLICIES),
    ):
        if value not in supported:
            found.append(FieldError.not_supported(f"{path}.{field}", value, supported))
    return found


def _port_errors(ports: Iterable[ContainerPort], path: str) -> list[FieldError]:
    found, seen = [], set()
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        if port.name:
            if bad := names.port_name(port.name):
                found += [FieldError.invalid(f"{where}.name", port.name, why) for why in bad]
            elif port.name in seen:
                found.append(FieldError.duplicate(f"{where}.name", port.name))
            seen.add(port.name)
        if not port.container_port:
            found.append(FieldError.required(f"{where}.containerPort"))
        else:
            bad = names.port_number(port.container_port)
            found += [FieldError.invalid(f"{where}.containerPort", port.container_port, why) for why in bad]
        if port.host_port:
            bad = names.port_number(port.host_port)
            found += [FieldError.invalid(f"{where}.hostPort", port.host_port, why) for why in bad]
        if port.protocol not in _PROTOCOLS:
            found.append(FieldError.not_supported(f"{where}.protocol", port.protocol, _PROTOCOLS))
    return found


def _mount_errors(mounts: Iterable[VolumeMount], path: str, volumes: set[str]) -> list[FieldError]:
    found, seen = [], set()
    for index, mount in enumerate(mounts):
        where = f"{path}[{index}]"
        if not mount.name:
            found.append(FieldError.required(f"{where}.name"))
        elif mount.name not in volumes:
            found.append(FieldError.not_found(f"{where}.name", mount.name))
        if not mount.mount_path:
            found.append(FieldError.required(f"{where}.mountPath"))
        if mount.mount_path in seen:
            found.append(FieldError.invalid(f"{where}.mountPath", mount.mount_path, "must be unique"))
        seen.add(mount.mount_path)
        if mount.sub_path.startswith("/"):
            found.append(FieldError.invalid(f"{where}.subPath", mount.sub_path, "must be a relative path"))
        if ".." in mount.sub_path.split("/"):
            found.append(FieldError.invalid(f"{where}.subPath", mount.sub_path, "must not contain '..'"))
    return found


def _resource_errors(container: Container, path: str) -> list[FieldError]:
    limits, requests, found = container.resources.limits, container.resources.requests, []
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            where = f"{path}.{field}[{name}]" if "/" in name else f"{path}.{field}.{name}"
            bad = names.qualified_name(name)
            found += [FieldError.invalid(f"{path}.{field}", name, why) for why in bad]
            if quantity.parse(amount) < 0:
                found.append(FieldError.invalid(where, amount, _NOT_NEGATIVE))
    for name in requests.keys() & limits.keys():
        if quantity.parse(requests[name]) > quantity.parse(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(FieldError.invalid(f"{path}.requests", requests[name], why))
    return found


def _probe_errors(container: Container, path: str, *, init: bool) -> list[FieldError]:
    found = []
    for field, probe in (
        ("livenessProbe", container.liveness_probe),
        ("readinessProbe", container.readiness_probe),
        ("startupProbe", container.startup_probe),
    ):
        if probe is None:
            continue
        where = f"{path}.{field}"
        if init and container.restart_policy != "Always":
            found.append(FieldError.forbidden(where, "may not be set for init containers without restartPolicy=Always"))
            continue
        found += _handler_errors(probe, where) + _threshold_errors(probe, where)
        if field != "readinessProbe" and probe.success_threshold != 1:
            found.append(FieldError.invalid(f"{where}.successThreshold", probe.success_threshold, "must be 1"))
    return found


def _threshold_errors(probe: Probe, path: str) -> list[FieldError]:
    values = {
        "initialDelaySeconds": probe.initial_delay_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "periodSeconds": probe.period_seconds,
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }
    return [FieldError.invalid(f"{path}.{name}", n, _NOT_NEGATIVE) for name, n in values.items() if n < 0]


def _handler_errors(handler: Any, path: str) -> list[FieldError]:
    """Exactly one of exec, httpGet, tcpSocket, grpc or sleep, and a port where one is needed."""
    said = handler.model_fields_set
    given = {name: action for name in _WIRE if name in said and (action := getattr(handler, name)) is not None}
    if not given:
        return [FieldError.required(path, "must specify a handler type")]
    found = []
    for name in list(given)[1:]:
        found.append(FieldError.forbidden(f"{path}.{_WIRE[name]}", "may not specify more than 1 handler type"))
    first, action = next(iter(given.items()))
    if first == "exec" and not action.command:
        found.append(FieldError.required(f"{path}.exec.command"))
    if first in ("http_get", "tcp_socket", "grpc"):
        found += port_or_name_errors(action.port, f"{path}.{_WIRE[first]}.port")
    return found


_WIRE = {"exec": "exec", "http_get": "httpGet", "tcp_socket": "tcpSocket", "grpc": "grpc", "sleep": "sleep"}


def port_or_name_errors(port: int | str | None, path: str) -> list[FieldError]:
    """A number from 1 to 65535, or the name of a port."""
    if isinstance(port, str):
        return [FieldError.invalid(path, port, why) for why in names.port_name(port)]
    return [FieldError.invalid(path, port or 0, why) for why in names.port_number(port or 0)]


def _lifecycle_errors(container: Container, path: str) -> list[FieldError]:
    if container.lifecycle is None:
        return []
    found = []
    for field, handler in (
        ("postStart", container.lifecycle.post_start),
        ("preStop", container.lifecycle.pre_stop),
    ):
        if handler is not None:
            found += _handler_errors(handler, f"{path}.lifecycle.{field}")
    return found
