"""ReplicaSet: so many pods of one template. Real Kubernetes: pkg/registry/apps/replicaset, ValidateReplicaSet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import container_cells, selector_cell
from apiserver.registry.core.template_validation import (
    lasting_errors,
    mismatch_errors,
    selector_errors,
    template_errors,
)
from apiserver.registry.field_checks import not_negative, replica_status_errors, unchanged
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.apps.v1 import ReplicaSet
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.errors import FieldError


class ReplicaSetStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "ReplicaSet"
    has_status = True
    has_generation = True
    columns = columns(
        "Name, Desired, Current, Ready, Age", "Containers, Images, Selector",
        desired="integer", current="integer", ready="integer",
    )  # fmt: skip

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("replicas", 1)
        default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        obj["status"] = {"replicas": 0}

    def validate(self, obj: ReplicaSet) -> list[FieldError]:
        spec, path = obj.spec, "spec.template"
        return [
            *not_negative("spec", spec, "replicas", "min_ready_seconds"),
            *selector_errors(spec.selector, "spec.selector", kind="replicaset"),
            *mismatch_errors(spec.selector, spec.template, path),
            *template_errors(spec.template, path),
            *lasting_errors(spec.template, path, kind="ReplicaSet"),
        ]

    def validate_update(self, obj: ReplicaSet, old: ReplicaSet) -> list[FieldError]:
        return [*self.validate(obj), *unchanged("spec.selector", obj.spec.selector, old.spec.selector)]

    def validate_status_update(self, obj: ReplicaSet, old: ReplicaSet) -> list[FieldError]:
        return replica_status_errors(obj.status)

    def row(self, obj: ReplicaSet, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            obj.spec.replicas or 0,
            obj.status.replicas,
            obj.status.ready_replicas,
            age(obj.metadata.creation_timestamp, now),
            *container_cells(obj.spec.template),
            selector_cell(obj.spec.selector),
        ]
