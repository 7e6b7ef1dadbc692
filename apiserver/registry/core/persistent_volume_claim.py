"""PersistentVolumeClaim: a request for storage. Real Kubernetes: pkg/registry/core/persistentvolumeclaim.

Left out: volumeAttributesClassName (off by default in 1.32, so dropped).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import UNSET
from apiserver.registry.core.claim_defaults import default_claim, normalize_sources
from apiserver.registry.core.resource_names import is_native, resource_value_errors
from apiserver.registry.core.storage_cells import (
    CLASS_ANNOTATION,
    access_mode_errors,
    class_name_errors,
    class_of,
    modes_cell,
    volume_mode_errors,
)
from apiserver.registry.field_checks import quantity_errors, unchanged
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names, quantity
from machinery.api.core.v1 import PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedObjectReference
from machinery.api.errors import FieldError

_IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_RESIZES = (
    "ControllerResizeFailed", "ControllerResizeInProgress", "NodeResizeFailed", "NodeResizeInProgress",
    "NodeResizePending",
)  # fmt: skip


class PersistentVolumeClaimStrategy(Strategy):
    """See the module."""

    kind = "PersistentVolumeClaim"
    has_status = True
    returns_deleted = True
    columns = columns(
        "Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age", "VolumeMode"
    )

    def default(self, obj: Doc) -> None:
        default_claim(obj)
        status = obj.setdefault("status", {})
        status["phase"] = status.get("phase") or "Pending"

    def prepare_for_create(self, obj: Doc) -> None:
        obj["status"] = {"phase": "Pending"}
        obj["spec"].pop("volumeAttributesClassName", None)
        normalize_sources(obj["spec"])

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        if "volumeAttributesClassName" not in old["spec"]:
            obj["spec"].pop("volumeAttributesClassName", None)
        normalize_sources(obj["spec"])

    def validate(self, obj: PersistentVolumeClaim) -> list[FieldError]:
        return claim_errors(obj.spec, "spec")

    def validate_update(self, obj: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[FieldError]:
        annotations, before = obj.metadata.annotations, old.metadata.annotations
        found = self.validate(obj)
        if annotations.get(CLASS_ANNOTATION) != before.get(CLASS_ANNOTATION) and not _moved_class(obj, old):
            path = f"metadata.annotations[{CLASS_ANNOTATION}]"
            found += unchanged(path, annotations.get(CLASS_ANNOTATION, ""), before.get(CLASS_ANNOTATION, ""))
        return [
            *found,
            *_change_errors(obj, old),
            *_size_errors(obj, old),
            *unchanged("volumeMode", obj.spec.volume_mode, old.spec.volume_mode),
        ]

    def validate_status_update(self, obj: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[FieldError]:
        status, found = obj.status, []
        for name, text in status.capacity.items():
            found += quantity_errors(f"status.capacity[{name}]", text)
        for name, state in status.allocated_resource_statuses.items():
            found += _key_errors(name, "status.allocatedResourceStatus")
            if state not in _RESIZES:
                found.append(FieldError.not_supported("status.allocatedResourceStatus", name, _RESIZES))
        for name, text in status.allocated_resources.items():
            bad = _key_errors(name, "status.allocatedResources")
            found += bad or resource_value_errors(name, text, f"status.allocatedResources[{name}]")
        return found

    def row(self, obj: PersistentVolumeClaim, now: datetime) -> list[Any]:
        spec, status, meta = obj.spec, obj.status, obj.metadata
        bound = bool(spec.volume_name)
        return [
            meta.name,
            "Terminating" if meta.deletion_timestamp is not None else status.phase,
            spec.volume_name,
            status.capacity.get("storage", "0") if bound else "",
            modes_cell(status.access_modes) if bound else "",
            class_of(meta, spec.storage_class_name),
            UNSET if spec.volume_attributes_class_name is None else spec.volume_attributes_class_name,
            age(meta.creation_timestamp, now),
            UNSET if spec.volume_mode is None else spec.volume_mode,
        ]


def claim_errors(spec: PersistentVolumeClaimSpec, path: str) -> list[FieldError]:
    """All errors of what a claim asks for; also used for the templates of claims."""
    found = []
    if not spec.access_modes:
        found.append(FieldError.required(f"{path}.accessModes", "at least 1 access mode is required"))
    found += label_selector_errors(spec.selector, f"{path}.selector")
    found += access_mode_errors(spec.access_modes, f"{path}.accessModes")
    size, where = spec.resources.requests.get("storage"), f"{path}.resources[storage]"
    found += [FieldError.required(where)] if size is None else quantity_errors(where, size, positive=True)
    found += class_name_errors(spec.storage_class_name, f"{path}.storageClassName")
    found += volume_mode_errors(spec.volume_mode, f"{path}.volumeMode")
    for name, source in (("dataSource", spec.data_source), ("dataSourceRef", spec.data_source_ref)):
        found += _source_errors(source, f"{path}.{name}") if source is not None else []
    source, reference = spec.data_source, spec.data_source_ref
    if source is not None and reference is not None and _identity(source) != _identity(reference):
        found.append(FieldError.invalid(path, f"{path}.dataSource", "must match dataSourceRef"))
    return found


def _identity(source: Any) -> tuple[str, str, str]:
    return source.api_group or "", source.kind, source.name


def _source_errors(source: TypedObjectReference | Any, path: str) -> list[FieldError]:
    found = [FieldError.required(f"{path}.name")] if not source.name else []
    found += [FieldError.required(f"{path}.kind")] if not source.kind else []
    if not source.api_group:
        if source.kind != "PersistentVolumeClaim":
            why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            found.append(FieldError.invalid(path, source.kind, why))
        return found
    bad = names.dns_subdomain(source.api_group)
    return found + [FieldError.invalid(f"{path}.apiGroup", source.api_group, why) for why in bad]


def _moved_class(obj: PersistentVolumeClaim, old: PersistentVolumeClaim) -> bool:
    """The class may move from the annotation of old into its field."""
    was = old.metadata.annotations.get(CLASS_ANNOTATION)
    is_now = obj.metadata.annotations.get(CLASS_ANNOTATION, was)
    same = obj.spec.storage_class_name == was == is_now
    return was is not None and old.spec.storage_class_name is None and same


def _change_errors(obj: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[FieldError]:
    """Only the volume's name (once), an unset class (once) and the size of a bound claim may change."""
    new, was = obj.spec, old.spec
    allowed: dict[str, Any] = {"volume_attributes_class_name": was.volume_attributes_class_name}
    if not was.volume_name:
        allowed["volume_name"] = was.volume_name
    annotated = old.metadata.annotations.get(CLASS_ANNOTATION, new.storage_class_name)
    if was.storage_class_name is None and annotated == new.storage_class_name:
        allowed["storage_class_name"] = None
    if obj.status.phase == "Bound" and "storage" in was.resources.requests:
        requests = {**new.resources.requests, "storage": was.resources.requests["storage"]}
        allowed["resources"] = new.resources.replace(requests=requests)
    if new.replace(**allowed) == was:
        return []
    return [FieldError.forbidden("spec", f"{_IMMUTABLE}\n{_difference(new.replace(**allowed), was)}")]


def _difference(new: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec) -> str:
    after, before = new.to_dict(), old.to_dict()
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return "\n".join(f"- {key}: {before.get(key)}\n+ {key}: {after.get(key)}" for key in changed)


def _size_errors(obj: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[FieldError]:
    """A claim may shrink only as long as its volume has not grown that far."""
    size = quantity.parse(obj.spec.resources.requests.get("storage", "0"))
    if size >= quantity.parse(old.spec.resources.requests.get("storage", "0")):
        return []
    if size > quantity.parse(old.status.capacity.get("storage", "0")):
        return []
    return [FieldError.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]


def _key_errors(name: str, path: str) -> list[FieldError]:
    if found := [FieldError.invalid(path, name, why) for why in names.qualified_name(name)]:
        return found
    unknown = is_native(name) and name != "storage"
    return [FieldError.not_supported(path, name, ["storage"])] if unknown else []
