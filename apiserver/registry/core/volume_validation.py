"""Everything that can be wrong with a pod's volumes. Real Kubernetes: ValidateVolumes in pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from apiserver.registry.core.environment_validation import VOLUME_PATHS, field_ref_errors
from machinery.api import names
from machinery.api.core.v1 import KeyToPath, Volume
from machinery.api.errors import FieldError

_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip


def volume_errors(volumes: Iterable[Volume], path: str) -> list[FieldError]:
    """All errors of the list of volumes."""
    found, seen = [], set()
    for index, volume in enumerate(volumes):
        where = f"{path}[{index}]"
        if not volume.name:
            found.append(FieldError.required(f"{where}.name"))
        else:
            found += [FieldError.invalid(f"{where}.name", volume.name, why) for why in names.dns_label(volume.name)]
            if volume.name in seen:
                found.append(FieldError.duplicate(f"{where}.name", volume.name))
        seen.add(volume.name)
        found += _source_errors(volume, where)
    return found


@cache
def _sources(model: type[Volume]) -> dict[str, str]:
    """The fields of which a volume has exactly one, by their names in the class."""
    return {fact.attr: wire for wire, fact in model.fields_table().items() if wire != "name"}


def _source_errors(volume: Volume, path: str) -> list[FieldError]:
    sources, said = _sources(type(volume)), volume.model_fields_set
    given = [wire for attr, wire in sources.items() if attr in said and getattr(volume, attr) is not None]
    if not given:
        return [FieldError.required(path, "must specify a volume type")]
    why = "may not specify more than 1 volume type"
    found = [FieldError.forbidden(f"{path}.{wire}", why) for wire in given[1:]]
    return found + _content_errors(volume, path)


def _items_errors(items: Iterable[KeyToPath], path: str) -> list[FieldError]:
    """Which key of a ConfigMap or Secret becomes which file."""
    found = []
    for index, item in enumerate(items):
        where = f"{path}.items[{index}]"
        if not item.key:
            found.append(FieldError.required(f"{where}.key"))
        found += _file_errors(item.path, f"{where}.path") + mode_errors(item.mode, f"{where}.mode")
    return found


def _file_errors(path: str, where: str) -> list[FieldError]:
    if not path:
        return [FieldError.required(where)]
    if path.startswith("/"):
        return [FieldError.invalid(where, path, "must be a relative path")]
    if ".." in path.split("/"):
        return [FieldError.invalid(where, path, "must not contain '..'")]
    return []


def mode_errors(mode: int | None, where: str) -> list[FieldError]:
    """The rights of a file: nine bits."""
    why = "must be a number between 0 and 0777 (octal), both inclusive"
    return [FieldError.invalid(where, mode, why)] if mode is not None and not 0 <= mode <= 0o777 else []


def _downward_errors(volume: Volume, path: str) -> list[FieldError]:
    found = []
    for index, item in enumerate(volume.downward_api.items if volume.downward_api is not None else ()):
        where = f"{path}.downwardAPI.items[{index}]"
        found += _file_errors(item.path, f"{where}.path")
        if item.field_ref is not None:
            found += field_ref_errors(item.field_ref, VOLUME_PATHS, f"{where}.fieldRef")
        elif item.resource_field_ref is None:
            found.append(FieldError.required(where, "one of fieldRef and resourceFieldRef is required"))
    return found


def _content_errors(volume: Volume, path: str) -> list[FieldError]:
    found = []
    if volume.host_path is not None:
        where = f"{path}.hostPath"
        if not volume.host_path.path:
            found.append(FieldError.required(f"{where}.path"))
        if ".." in volume.host_path.path.split("/"):
            found.append(FieldError.invalid(f"{where}.path", volume.host_path.path, "must not contain '..'"))
        if (volume.host_path.type or "") not in _HOST_PATH_TYPES:
            found.append(FieldError.not_supported(f"{where}.type", volume.host_path.type, _HOST_PATH_TYPES))
    if volume.secret is not None and not volume.secret.secret_name:
        found.append(FieldError.required(f"{path}.secret.secretName"))
    if volume.config_map is not None and not volume.config_map.name:
        found.append(FieldError.required(f"{path}.configMap.name"))
    for name, source in (("secret", volume.secret), ("configMap", volume.config_map)):
        if source is not None:
            found += mode_errors(source.default_mode, f"{path}.{name}.defaultMode")
            found += _items_errors(source.items, f"{path}.{name}")
    if volume.nfs is not None:
        found += [
            FieldError.required(f"{path}.nfs.{name}")
            for name, value in (("server", volume.nfs.server), ("path", volume.nfs.path))
            if not value
        ]
    found += _downward_errors(volume, path)
    claim = volume.persistent_volume_claim
    if claim is not None and not claim.claim_name:
        found.append(FieldError.required(f"{path}.persistentVolumeClaim.claimName"))
    return found
