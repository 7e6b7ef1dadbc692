"""StorageClass: a kind of storage that claims can ask for. Real Kubernetes: pkg/registry/storage/storageclass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, optional_one_of
from apiserver.registry.field_checks import unchanged
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.core.v1 import TopologySelectorTerm
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.storage.v1 import StorageClass

_DEFAULT_MARKS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_PARAMETERS, _PARAMETERS_SIZE = 512, 256 * 1024


class StorageClassStrategy(Strategy):
    """See the module."""

    api_version = "storage.k8s.io/v1"
    kind = "StorageClass"
    returns_deleted = True
    columns = columns("Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age")

    def default(self, obj: Doc) -> None:
        obj.setdefault("reclaimPolicy", "Delete")
        obj.setdefault("volumeBindingMode", "Immediate")

    def validate(self, obj: StorageClass) -> list[FieldError]:
        if obj.provisioner:
            bad = names.qualified_name(obj.provisioner.lower())
            found = [FieldError.invalid("provisioner", obj.provisioner.lower(), why) for why in bad]
        else:
            found = [FieldError.required("provisioner")]
        found += _parameter_errors(obj.parameters)
        if obj.reclaim_policy:
            found += optional_one_of("reclaimPolicy", obj.reclaim_policy, ("Delete", "Retain"))
        modes = ("Immediate", "WaitForFirstConsumer")
        found += optional_one_of("volumeBindingMode", obj.volume_binding_mode, modes)
        return found + _topology_errors(obj.allowed_topologies)

    def validate_update(self, obj: StorageClass, old: StorageClass) -> list[FieldError]:
        found = [
            FieldError.forbidden(name, f"updates to {name} are forbidden.")
            for name, new, was in (
                ("parameters", obj.parameters, old.parameters),
                ("provisioner", obj.provisioner, old.provisioner),
                ("reclaimPolicy", obj.reclaim_policy, old.reclaim_policy),
            )
            if new != was
        ]
        return found + unchanged("volumeBindingMode", obj.volume_binding_mode, old.volume_binding_mode)

    def row(self, obj: StorageClass, now: datetime) -> list[Any]:
        default = any(obj.metadata.annotations.get(mark) == "true" for mark in _DEFAULT_MARKS)
        return [
            obj.metadata.name + " (default)" * default,
            obj.provisioner,
            obj.reclaim_policy or "Delete",
            obj.volume_binding_mode or "Immediate",
            bool(obj.allow_volume_expansion),
            age(obj.metadata.creation_timestamp, now),
        ]


def _parameter_errors(parameters: dict[str, str]) -> list[FieldError]:
    if len(parameters) > _PARAMETERS:
        return [FieldError.too_long("parameters", "", _PARAMETERS)]
    found = [FieldError.invalid("parameters", key, "field can not be empty.") for key in parameters if not key]
    if sum(len(key) + len(value) for key, value in parameters.items()) > _PARAMETERS_SIZE:
        found.append(FieldError.too_long("parameters", "", _PARAMETERS_SIZE))
    return found


def _topology_errors(terms: Sequence[TopologySelectorTerm]) -> list[FieldError]:
    found, seen = [], []
    for index, term in enumerate(terms):
        path = f"allowedTopologies[{index}].matchLabelExpressions"
        values: dict[str, set[str]] = {}
        for at, row in enumerate(term.match_label_expressions):
            found += _requirement_errors(row, f"{path}[{at}]")
            if row.key in values:
                found.append(FieldError.duplicate(f"{path}[{at}].key", row.key))
            values[row.key] = set(row.values)
        if values in seen:
            found.append(FieldError.duplicate(path, ""))
        seen.append(values)
    return found


def _requirement_errors(row: Any, path: str) -> list[FieldError]:
    found = checked(f"{path}.key", row.key, names.qualified_name)
    if not row.values:
        found.append(FieldError.required(f"{path}.values"))
    for index, value in enumerate(row.values):
        if value in row.values[:index]:
            found.append(FieldError.duplicate(f"{path}.values[{index}]", value))
    return found
