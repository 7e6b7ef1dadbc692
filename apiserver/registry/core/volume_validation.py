"""Everything that can be wrong with a pod's volumes. Real Kubernetes: ValidateVolumes in pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterable

from machinery.api import names
from machinery.api.core.v1 import Volume
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


def _source_errors(volume: Volume, path: str) -> list[FieldError]:
    table = volume.fields_table()
    given = [
        wire for wire, fact in table.items() if wire != "name" and getattr(volume, fact.attr, None) is not None
    ]
    if not given:
        return [FieldError.required(path, "must specify a volume type")]
    why = "may not specify more than 1 volume type"
    found = [FieldError.forbidden(f"{path}.{wire}", why) for wire in given[1:]]
    return found + _content_errors(volume, path)


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
    claim = volume.persistent_volume_claim
    if claim is not None and not claim.claim_name:
        found.append(FieldError.required(f"{path}.persistentVolumeClaim.claimName"))
    return found
