"""Node: a machine, as its kubelet describes it and as the scheduler may use it.

Real Kubernetes: pkg/registry/core/node, ValidateNode and printNode.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.core.v1 import Node, Taint
from machinery.api.errors import FieldError

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


class NodeStrategy(Strategy):
    """See the module."""

    kind = "Node"
    has_status = True
    columns = columns(
        "Name, Status, Roles, Age, Version",
        "Internal-IP, External-IP, OS-Image, Kernel-Version, Container-Runtime",
    )
    selectable_fields: ClassVar = ("spec.unschedulable",)

    def default(self, obj: Doc) -> None:
        status = obj.setdefault("status", {})
        if status.get("capacity") and not status.get("allocatable"):
            status["allocatable"] = dict(status["capacity"])
        spec = obj.setdefault("spec", {})
        if spec.get("podCIDR") and not spec.get("podCIDRs"):
            spec["podCIDRs"] = [spec["podCIDR"]]
        elif spec.get("podCIDRs") and not spec.get("podCIDR"):
            spec["podCIDR"] = spec["podCIDRs"][0]

    def prepare_for_create(self, obj: Doc) -> None:
        """A kubelet registers with its status at once: it stays."""

    def validate(self, obj: Node) -> list[FieldError]:
        found = _taint_errors(obj.spec.taints)
        for index, cidr in enumerate(obj.spec.pod_cidrs):
            found += [FieldError.invalid(f"spec.podCIDRs[{index}]", cidr, why) for why in names.cidr(cidr)]
        return found

    def validate_update(self, obj: Node, old: Node) -> list[FieldError]:
        found = self.validate(obj)
        if old.spec.pod_cidrs and obj.spec.pod_cidrs != old.spec.pod_cidrs:
            why = "node updates may not change podCIDR except from \"\" to valid"
            found.append(FieldError.forbidden("spec.podCIDRs", why))
        if old.spec.provider_id and obj.spec.provider_id != old.spec.provider_id:
            why = "node updates may not change providerID except from \"\" to valid"
            found.append(FieldError.forbidden("spec.providerID", why))
        return found

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"spec.unschedulable": "true" if obj.get("spec", {}).get("unschedulable") else "false"}

    def row(self, obj: Node, now: datetime) -> list[Any]:
        info = obj.status.node_info
        return [
            obj.metadata.name,
            status_of(obj),
            ",".join(roles_of(obj)) or "<none>",
            age(obj.metadata.creation_timestamp, now),
            info.kubelet_version,
            _address(obj, "InternalIP"),
            _address(obj, "ExternalIP"),
            info.os_image or "<unknown>",
            info.kernel_version or "<unknown>",
            info.container_runtime_version or "<unknown>",
        ]


def status_of(node: Node) -> str:
    """Ready, NotReady or Unknown; and whether the scheduler may use it."""
    ready = next((condition for condition in node.status.conditions if condition.type == "Ready"), None)
    words = ["Unknown" if ready is None else "Ready" if ready.status == "True" else "NotReady"]
    return ",".join(words + ["SchedulingDisabled"] * node.spec.unschedulable)


def roles_of(node: Node) -> list[str]:
    """The roles that its labels claim."""
    labels = node.metadata.labels
    found = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    found |= {labels[_ROLE_LABEL]} if labels.get(_ROLE_LABEL) else set()
    return sorted(found - {""})


def _address(node: Node, kind: str) -> str:
    return next((each.address for each in node.status.addresses if each.type == kind), "<none>")


def _taint_errors(taints: tuple[Taint, ...]) -> list[FieldError]:
    found, seen = [], set()
    for index, taint in enumerate(taints):
        path = f"spec.taints[{index}]"
        found += [FieldError.invalid(f"{path}.key", taint.key, why) for why in names.qualified_name(taint.key)]
        found += [FieldError.invalid(f"{path}.value", taint.value, why) for why in names.label_value(taint.value)]
        if taint.effect not in _EFFECTS:
            found.append(FieldError.not_supported(f"{path}.effect", taint.effect, _EFFECTS))
        if (taint.key, taint.effect) in seen:
            found.append(FieldError.duplicate(path, taint.to_dict()))
        seen.add((taint.key, taint.effect))
    return found
