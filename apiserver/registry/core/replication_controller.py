"""ReplicationController: ReplicaSet's elder, with plain labels as its selector.

Real Kubernetes: pkg/registry/core/replicationcontroller, ValidateReplicationControllerSpec.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.cells import container_cells, label_cell
from apiserver.registry.core.template_validation import lasting_errors, mismatch_errors, template_errors
from apiserver.registry.field_checks import not_negative, replica_status_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.core.v1 import ReplicationController
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import LabelSelector


class ReplicationControllerStrategy(Strategy):
    """See the module."""

    kind = "ReplicationController"
    has_status = True
    has_generation = True
    default_propagation: ClassVar[str] = "Orphan"
    columns = columns(
        "Name, Desired, Current, Ready, Age", "Containers, Images, Selector",
        desired="integer", current="integer", ready="integer",
    )  # fmt: skip
    selectable_fields: ClassVar = ("status.replicas",)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("replicas", 1)
        template = spec.get("template")
        if template is None:
            return
        default_pod_spec(template.setdefault("spec", {}))
        labels = template.get("metadata", {}).get("labels")
        if labels:
            spec["selector"] = spec.get("selector") or dict(labels)
            obj["metadata"]["labels"] = obj["metadata"].get("labels") or dict(labels)

    def validate(self, obj: ReplicationController) -> list[FieldError]:
        spec, path = obj.spec, "spec.template"
        found = not_negative("spec", spec, "min_ready_seconds")
        if not spec.selector:
            found.append(FieldError.required("spec.selector"))
        found += not_negative("spec", spec, "replicas")
        if spec.template is None:
            return [*found, FieldError.required(path)]
        if spec.selector:
            found += mismatch_errors(LabelSelector(match_labels=spec.selector), spec.template, path)
        return [
            *found,
            *template_errors(spec.template, path),
            *lasting_errors(spec.template, path, kind="ReplicationController"),
        ]

    def validate_status_update(self, obj: ReplicationController, old: Any) -> list[FieldError]:
        return replica_status_errors(obj.status)

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"status.replicas": str(obj.get("status", {}).get("replicas", 0))}

    def row(self, obj: ReplicationController, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            obj.spec.replicas or 0,
            obj.status.replicas,
            obj.status.ready_replicas,
            age(obj.metadata.creation_timestamp, now),
            *container_cells(obj.spec.template),
            label_cell(obj.spec.selector),
        ]
