"""Namespace: lives on as Terminating until the namespace controller has emptied it and finalizes it.

Real Kubernetes: pkg/registry/core/namespace (strategy.go and storage/storage.go).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.strategy import Doc, Strategy, columns, keep_metadata
from machinery.api import names
from machinery.api.apply import Fields, named
from machinery.api.core.v1 import Namespace
from machinery.api.errors import FieldError

FINALIZER = "kubernetes"
NAME_LABEL = "kubernetes.io/metadata.name"


class NamespaceStrategy(Strategy):
    """See the module."""

    kind = "Namespace"
    has_status = True
    columns = columns("Name, Status, Age")
    selectable_fields: ClassVar = ("status.phase",)

    def name_errors(self, name: str) -> list[str]:
        return names.dns_label(name)

    def default(self, obj: Doc) -> None:
        meta = obj["metadata"]
        if meta.get("name"):
            meta["labels"] = {**meta.get("labels", {}), NAME_LABEL: meta["name"]}

    def prepare_for_create(self, obj: Doc) -> None:
        self.default(obj)
        finalizers = obj.setdefault("spec", {}).get("finalizers", [])
        obj["spec"]["finalizers"] = list(dict.fromkeys([*finalizers, FINALIZER]))
        obj["status"] = {"phase": "Active"}

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        obj["spec"], obj["status"] = old.get("spec", {}), old.get("status", {})

    def reset_fields(self, subresource: str) -> Fields:
        return named("metadata", "status") if subresource == "finalize" else super().reset_fields(subresource)

    def prepare_for_finalize_update(self, obj: Doc, old: Doc) -> None:
        """The only way to change spec.finalizers."""
        finalizers = obj.get("spec", {}).get("finalizers", [])
        keep_metadata(obj, old)
        obj["status"] = old.get("status", {})
        obj["spec"] = {"finalizers": finalizers} if finalizers else {}

    def validate_finalize_update(self, obj: Namespace, old: Namespace) -> list[FieldError]:
        return [
            FieldError.invalid(f"spec.finalizers[{index}]", name, why)
            for index, name in enumerate(obj.spec.finalizers)
            for why in names.qualified_name(name)
        ]

    def validate_status_update(self, obj: Namespace, old: Namespace) -> list[FieldError]:
        wanted = "Active" if obj.metadata.deletion_timestamp is None else "Terminating"
        if obj.status.phase == wanted:
            return []
        state = "empty" if wanted == "Active" else "not empty"
        why = f"may only be '{wanted}' if `deletionTimestamp` is {state}"
        return [FieldError.invalid("status.phase", obj.status.phase, why)]

    def blocks_removal(self, obj: Doc) -> bool:
        return super().blocks_removal(obj) or bool(obj.get("spec", {}).get("finalizers"))

    def marked(self, obj: Doc) -> Doc:
        return {**obj, "status": {**obj.get("status", {}), "phase": "Terminating"}}

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"status.phase": obj.get("status", {}).get("phase", "")}

    def row(self, obj: Namespace, now: datetime) -> list[Any]:
        return [obj.metadata.name, obj.status.phase, age(obj.metadata.creation_timestamp, now)]
