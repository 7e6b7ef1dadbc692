"""PersistentVolume: a piece of the cluster's storage. Real Kubernetes: pkg/registry/core/persistentvolume.

Left out: volumeAttributesClassName (off by default in 1.32, so dropped).
"""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import UNSET
from apiserver.registry.core.affinity_validation import node_selector_errors
from apiserver.registry.core.storage_cells import (
    access_mode_errors,
    class_name_errors,
    class_of,
    modes_cell,
    volume_mode_errors,
)
from apiserver.registry.core.volume_source_validation import source_errors
from apiserver.registry.field_checks import one_of, quantity_errors, unchanged
from apiserver.registry.metadata import stamp
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeSpec
from machinery.api.core.v1.storage import PersistentVolumeSource
from machinery.api.errors import FieldError

_POLICIES = ("Delete", "Recycle", "Retain")
_DEFAULTS: dict[str, Doc] = {
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "azureDisk": {"cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
"""What a source says when its author is silent."""


class PersistentVolumeStrategy(Strategy):
    """See the module."""

    kind = "PersistentVolume"
    has_status = True
    returns_deleted = True
    columns = columns(
        "Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age",
        "VolumeMode",
    )

    def default(self, obj: Doc) -> None:
        spec, status = obj.setdefault("spec", {}), obj.setdefault("status", {})
        status["phase"] = status.get("phase") or "Pending"
        policy = spec.get("persistentVolumeReclaimPolicy")
        spec["persistentVolumeReclaimPolicy"] = policy or "Retain"
        spec.setdefault("volumeMode", "Filesystem")
        for name, values in _DEFAULTS.items():
            if name in spec:
                spec[name] = {**values, **{key: value for key, value in spec[name].items() if value != ""}}

    def prepare_for_create(self, obj: Doc) -> None:
        obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": stamp(datetime.now(UTC))}
        obj["spec"].pop("volumeAttributesClassName", None)

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        if "volumeAttributesClassName" not in old["spec"]:
            obj["spec"].pop("volumeAttributesClassName", None)

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_status_update(obj, old)
        status, before, when = obj["status"], old.get("status", {}), "lastPhaseTransitionTime"
        if status.get("phase") != before.get("phase") and status.get(when) in (None, before.get(when)):
            status[when] = stamp(datetime.now(UTC))

    def validate(self, obj: PersistentVolume) -> list[FieldError]:
        spec = obj.spec
        found = [] if spec.access_modes else [FieldError.required("spec.accessModes")]
        found += access_mode_errors(spec.access_modes, "spec.accessModes")
        found += _capacity_errors(spec)
        found += one_of("spec.persistentVolumeReclaimPolicy", spec.persistent_volume_reclaim_policy, _POLICIES)
        found += _affinity_errors(spec)
        found += source_errors(spec, "spec")
        if spec.local is not None and (spec.node_affinity is None or spec.node_affinity.required is None):
            found.append(FieldError.required("spec.nodeAffinity", "Local volume requires node affinity"))
        recycled = spec.persistent_volume_reclaim_policy == "Recycle"
        if recycled and spec.host_path is not None and posixpath.normpath(spec.host_path.path) == "/":
            why = "may not be 'recycle' for a hostPath mount of '/'"
            found.append(FieldError.forbidden("spec.persistentVolumeReclaimPolicy", why))
        found += class_name_errors(spec.storage_class_name, "spec.storageClassName")
        return found + volume_mode_errors(spec.volume_mode, "spec.volumeMode")

    def validate_update(self, obj: PersistentVolume, old: PersistentVolume) -> list[FieldError]:
        found = self.validate(obj)
        new, was = _source(obj.spec), _source(old.spec)
        if _without_new_secret(new, was) != was:
            why = f"spec.persistentvolumesource is immutable after creation\n- {was}\n+ {new}"
            found.append(FieldError.forbidden("spec.persistentvolumesource", why))
        found += unchanged("volumeMode", obj.spec.volume_mode, old.spec.volume_mode)
        if old.spec.node_affinity is not None:
            found += unchanged("nodeAffinity", obj.spec.node_affinity, old.spec.node_affinity)
        return found

    def row(self, obj: PersistentVolume, now: datetime) -> list[Any]:
        spec, status, meta = obj.spec, obj.status, obj.metadata
        claim = spec.claim_ref
        return [
            meta.name,
            spec.capacity.get("storage", "0"),
            modes_cell(spec.access_modes),
            spec.persistent_volume_reclaim_policy,
            "Terminating" if meta.deletion_timestamp is not None else status.phase,
            f"{claim.namespace}/{claim.name}" if claim is not None else "",
            class_of(meta, spec.storage_class_name),
            UNSET if spec.volume_attributes_class_name is None else spec.volume_attributes_class_name,
            status.reason,
            age(meta.creation_timestamp, now),
            UNSET if spec.volume_mode is None else spec.volume_mode,
        ]


def _capacity_errors(spec: PersistentVolumeSpec) -> list[FieldError]:
    """A volume has a size, and nothing else."""
    found = [] if spec.capacity else [FieldError.required("spec.capacity")]
    if set(spec.capacity) != {"storage"}:
        found.append(FieldError.not_supported("spec.capacity", spec.capacity, ["storage"]))
    for name, text in spec.capacity.items():
        found += quantity_errors(f"spec.capacity[{name}]", text, positive=True)
    return found


def _affinity_errors(spec: PersistentVolumeSpec) -> list[FieldError]:
    if spec.node_affinity is None:
        return []
    path = "spec.nodeAffinity.required"
    if spec.node_affinity.required is None:
        return [FieldError.required(path, "must specify required node constraints")]
    return node_selector_errors(spec.node_affinity.required, path)


def _source(spec: PersistentVolumeSpec) -> Doc:
    """The part that says where the volume lies."""
    return {wire: part for wire, part in spec.to_dict().items() if wire in PersistentVolumeSource.fields_table()}


def _without_new_secret(new: Doc, old: Doc) -> Doc:
    """The one thing that a CSI volume may learn later."""
    name = "controllerExpandSecretRef"
    if "csi" in new and "csi" in old and name not in old["csi"]:
        return {**new, "csi": {key: value for key, value in new["csi"].items() if key != name}}
    return new
