"""ReplicaSet: so many pods of one template. Real Kubernetes: pkg/registry/apps/replicaset, ValidateReplicaSet."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.apps import workload
from apiserver.registry.core.pod_defaults import default_pod_spec
from apiserver.registry.core.pod_printer import images_and_names
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.apps.v1 import ReplicaSet
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
    selectable_fields: ClassVar = ("status.replicas",)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("replicas", 1)
        default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        obj["status"] = {"replicas": 0}

    def validate(self, obj: ReplicaSet) -> list[FieldError]:
        spec = obj.spec
        return [
            *workload.not_negative(replicas=spec.replicas, min_ready_seconds=spec.min_ready_seconds),
            *workload.selector_errors(spec.selector, spec.template, kind="replicaset"),
            *workload.template_errors(spec.template),
        ]

    def validate_update(self, obj: ReplicaSet, old: ReplicaSet) -> list[FieldError]:
        found = self.validate(obj)
        if obj.spec.selector != old.spec.selector:
            found.append(FieldError.immutable("spec.selector", obj.spec.selector))
        return found

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"status.replicas": str(obj.get("status", {}).get("replicas", 0))}

    def row(self, obj: ReplicaSet, now: datetime) -> list[Any]:
        names, images = images_and_names(obj.spec.template.spec.containers)
        return [
            obj.metadata.name,
            obj.spec.replicas or 0,
            obj.status.replicas,
            obj.status.ready_replicas,
            age(obj.metadata.creation_timestamp, now),
            names,
            images,
            workload.selector_cell(obj.spec.selector),
        ]
