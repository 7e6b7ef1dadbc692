"""Pod: defaults, what may change after creation, graceful deletion, quality of service.

Real Kubernetes: pkg/registry/core/pod/strategy.go and ValidatePodUpdate.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from apiserver.registry.core.pod_printer import cells
from apiserver.registry.core.pod_subresources import (
    PROPOSED,
    amounts_of,
    guest_update_errors,
    resize_errors,
    resized,
    with_guests_of,
)
from apiserver.registry.core.pod_validation import pod_spec_errors
from apiserver.registry.metadata import stamp
from apiserver.registry.ownership import NOT_SPEC
from apiserver.registry.strategy import Doc, Strategy, columns, keep_metadata
from machinery.api import quantity
from machinery.api.apply import Fields
from machinery.api.core.pod_defaults import default_pod, default_pod_spec
from machinery.api.core.v1 import Pod
from machinery.api.errors import FieldError

_MAY_CHANGE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


class PodStrategy(Strategy):
    """See the module."""

    kind = "Pod"
    has_status = True
    status_keeps: ClassVar = ("deletionTimestamp", "ownerReferences")
    returns_deleted = True
    columns = columns("Name, Ready, Status, Restarts, Age", "IP, Node, Nominated Node, Readiness Gates")
    selectable_fields: ClassVar = (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    )  # fmt: skip
    field_aliases: ClassVar = {"spec.host": "spec.nodeName"}
    indexes: ClassVar = ("spec.nodeName",)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        default_pod_spec(spec)
        default_pod(spec)

    def prepare_for_create(self, obj: Doc) -> None:
        status: Doc = {"phase": "Pending", "qosClass": qos_class(obj["spec"])}
        if obj["spec"].get("schedulingGates"):
            status["conditions"] = [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                    "lastTransitionTime": stamp(datetime.now(UTC)),
                }
            ]
        obj["status"] = status

    def prepare_for_binding_update(self, obj: Doc, old: Doc) -> None:
        """The binding endpoint has prepared it."""

    def validate_binding_update(self, obj: Pod, old: Pod) -> list[FieldError]:
        return []

    def reset_fields(self, subresource: str) -> Fields:
        return NOT_SPEC if subresource in ("ephemeralcontainers", "resize") else super().reset_fields(subresource)

    def prepare_for_ephemeralcontainers_update(self, obj: Doc, old: Doc) -> None:
        keep_metadata(obj, old)
        obj["spec"], obj["status"] = with_guests_of(obj, old), old.get("status", {})

    def validate_ephemeralcontainers_update(self, obj: Pod, old: Pod) -> list[FieldError]:
        return guest_update_errors(obj, old)

    def prepare_for_resize_update(self, obj: Doc, old: Doc) -> None:
        keep_metadata(obj, old)
        obj["spec"], obj["status"] = resized(obj, old), dict(old.get("status", {}))
        if amounts_of(obj) != amounts_of(old):
            obj["status"]["resize"] = PROPOSED

    def validate_resize_update(self, obj: Pod, old: Pod) -> list[FieldError]:
        return [*pod_spec_errors(obj.spec, "spec"), *resize_errors(obj, old, qos_class)]

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_status_update(obj, old)
        obj["status"].setdefault("qosClass", old.get("status", {}).get("qosClass") or qos_class(obj["spec"]))

    def validate(self, obj: Pod) -> list[FieldError]:
        found = pod_spec_errors(obj.spec, "spec")
        if obj.spec.ephemeral_containers:
            found.append(FieldError.forbidden("spec.ephemeralContainers", "cannot be set on create"))
        return found

    def validate_update(self, obj: Pod, old: Pod) -> list[FieldError]:
        new, was = obj.spec, old.spec
        if new is was:
            return []  # valid when it was stored
        found = pod_spec_errors(new, "spec")
        if len(new.containers) != len(was.containers):
            why = "pod updates may not add or remove containers"
            return [*found, FieldError.forbidden("spec.containers", why)]
        if len(new.init_containers) != len(was.init_containers):
            why = "pod updates may not add or remove containers"
            return [*found, FieldError.forbidden("spec.initContainers", why)]
        if not set(map(repr, was.tolerations)) <= set(map(repr, new.tolerations)):
            why = "existing toleration can not be modified except its tolerationSeconds"
            found.append(FieldError.forbidden("spec.tolerations", why))
        if _fixed_part(new, was) != was:
            found.append(FieldError.forbidden("spec", _MAY_CHANGE))
        return found

    def grace_period(self, obj: Doc, requested: int | None) -> int | None:
        """What the deleter or the pod says; nothing to wait for where no kubelet runs it."""
        spec, phase = obj["spec"], obj.get("status", {}).get("phase", "")
        period = spec.get("terminationGracePeriodSeconds", 30) if requested is None else requested
        if not spec.get("nodeName") or phase in ("Failed", "Succeeded"):
            return 0
        return max(period, 0) if period >= 0 else 1

    def selectable(self, obj: Doc) -> dict[str, str]:
        spec, status = obj["spec"], obj.get("status", {})
        return {
            "spec.nodeName": spec.get("nodeName", ""),
            "spec.restartPolicy": spec.get("restartPolicy", ""),
            "spec.schedulerName": spec.get("schedulerName", ""),
            "spec.serviceAccountName": spec.get("serviceAccountName", ""),
            "spec.hostNetwork": "true" if spec.get("hostNetwork") else "false",
            "status.phase": status.get("phase", ""),
            "status.podIP": status.get("podIP", ""),
            "status.nominatedNodeName": status.get("nominatedNodeName", ""),
        }

    def row(self, obj: Pod, now: datetime) -> list[Any]:
        return cells(obj, now)


def _fixed_part(new: Any, was: Any) -> Any:
    """The new spec with everything that may change put back: equal to the old one if nothing else changed."""
    containers = tuple(a.replace(image=b.image) for a, b in zip(new.containers, was.containers, strict=True))
    inits = tuple(a.replace(image=b.image) for a, b in zip(new.init_containers, was.init_containers, strict=True))
    grace = new.termination_grace_period_seconds
    if grace == 1 and (was.termination_grace_period_seconds or 0) < 0:
        grace = was.termination_grace_period_seconds
    return new.replace(
        containers=containers,
        init_containers=inits,
        termination_grace_period_seconds=grace,
        active_deadline_seconds=was.active_deadline_seconds,
        tolerations=was.tolerations,
        scheduling_gates=was.scheduling_gates if len(new.scheduling_gates) < len(was.scheduling_gates)
        else new.scheduling_gates,
    )  # fmt: skip


def qos_class(spec: Doc) -> str:
    """Guaranteed, Burstable or BestEffort, by what the containers request of cpu and memory."""
    limits_everywhere, anything = True, False
    for container in [*spec.get("containers", []), *spec.get("initContainers", [])]:
        resources = container.get("resources", {})
        limits, requests = _amounts(resources.get("limits")), _amounts(resources.get("requests"))
        anything = anything or bool(limits or requests)
        if limits.keys() != {"cpu", "memory"} or requests != limits:
            limits_everywhere = False
    if not anything:
        return "BestEffort"
    return "Guaranteed" if limits_everywhere else "Burstable"


def _amounts(resources: dict[str, str] | None) -> dict[str, Any]:
    found = {name: quantity.parse(str((resources or {}).get(name, "0"))) for name in ("cpu", "memory")}
    return {name: amount for name, amount in found.items() if amount > 0}
