"""What each kind of persistent volume must say about where it lies.

The fields that may not be empty are a table; what is more than that is a function.
Real Kubernetes: the validate…VolumeSource functions of pkg/apis/core/validation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiserver.registry.field_checks import wire_name
from machinery.api import names
from machinery.api.core.v1 import CSIPersistentVolumeSource, HostPathVolumeSource, LocalVolumeSource, NFSVolumeSource
from machinery.api.core.v1.storage import PersistentVolumeSource
from machinery.api.errors import FieldError

REQUIRED: dict[str, tuple[str, ...]] = {
    "aws_elastic_block_store": ("volume_id",),
    "azure_disk": ("disk_name", "disk_uri"),
    "azure_file": ("secret_name", "share_name"),
    "cephfs": ("monitors",),
    "cinder": ("volume_id",),
    "csi": ("driver", "volume_handle"),
    "flex_volume": ("driver",),
    "gce_persistent_disk": ("pd_name",),
    "glusterfs": ("endpoints", "path"),
    "host_path": ("path",),
    "iscsi": ("target_portal", "iqn"),
    "local": ("path",),
    "nfs": ("server", "path"),
    "photon_persistent_disk": ("pd_id",),
    "portworx_volume": ("volume_id",),
    "quobyte": ("registry", "volume"),
    "rbd": ("monitors", "image"),
    "scale_io": ("gateway", "system", "volume_name"),
    "storageos": ("volume_name",),
    "vsphere_volume": ("volume_path",),
}
_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
_MAX_DRIVER = 63


def source_errors(spec: PersistentVolumeSource, path: str) -> list[FieldError]:
    """Exactly one source, and that one complete."""
    facts = PersistentVolumeSource.fields_table()
    given = [(wire, fact.attr) for wire, fact in facts.items() if getattr(spec, fact.attr) is not None]
    if not given:
        return [FieldError.required(path, "must specify a volume type")]
    why = "may not specify more than 1 volume type"
    found = [FieldError.forbidden(f"{path}.{wire}", why) for wire, _ in given[1:]]
    wire, attribute = given[0]
    source, where = getattr(spec, attribute), f"{path}.{wire}"
    for name in REQUIRED.get(attribute, ()):
        if not getattr(source, name):
            found.append(FieldError.required(f"{where}.{wire_name(source, name)}"))
    more = _MORE.get(attribute)
    return found + (more(source, where) if more is not None else [])


def no_backsteps(value: str, path: str) -> list[FieldError]:
    bad = ".." in value.split("/")
    return [FieldError.invalid(path, value, "must not contain '..'")] if bad else []


def _host_path_errors(source: HostPathVolumeSource, path: str) -> list[FieldError]:
    found = no_backsteps(source.path, f"{path}.path")
    if (source.type or "") not in _HOST_PATH_TYPES:
        found.append(FieldError.not_supported(f"{path}.type", source.type, _HOST_PATH_TYPES))
    return found


def _local_errors(source: LocalVolumeSource, path: str) -> list[FieldError]:
    return no_backsteps(source.path, f"{path}.path")


def _nfs_errors(source: NFSVolumeSource, path: str) -> list[FieldError]:
    if source.path and not source.path.startswith("/"):
        return [FieldError.invalid(f"{path}.path", source.path, "must be an absolute path")]
    return []


def _csi_errors(source: CSIPersistentVolumeSource, path: str) -> list[FieldError]:
    found = []
    if len(source.driver) > _MAX_DRIVER:
        found.append(FieldError.too_long(f"{path}.driver", source.driver, _MAX_DRIVER))
    bad = names.dns_subdomain(source.driver.lower()) if source.driver else []
    found += [FieldError.invalid(f"{path}.driver", source.driver, why) for why in bad]
    for name in ("controller_publish_secret_ref", "controller_expand_secret_ref", "node_publish_secret_ref",
                 "node_expand_secret_ref"):  # fmt: skip
        secret = getattr(source, name)
        if secret is not None:
            found += _secret_errors(secret, f"{path}.{wire_name(source, name)}")
    return found


def _secret_errors(secret: Any, path: str) -> list[FieldError]:
    return [
        FieldError.required(f"{path}.{field}") for field in ("name", "namespace") if not getattr(secret, field)
    ]


def _fc_errors(source: Any, path: str) -> list[FieldError]:
    if not (source.target_ww_ns or source.wwids):
        why = "must specify either targetWWNs or wwids, but not both"
        return [FieldError.required(f"{path}.targetWWNs", why)]
    if source.target_ww_ns and source.wwids:
        why = "targetWWNs and wwids can not be specified simultaneously"
        return [FieldError.invalid(f"{path}.targetWWNs", list(source.target_ww_ns), why)]
    if source.target_ww_ns and source.lun is None:
        return [FieldError.required(f"{path}.lun", "lun is required if targetWWNs is specified")]
    return []


_MORE: dict[str, Callable[[Any, str], list[FieldError]]] = {
    "csi": _csi_errors,
    "fc": _fc_errors,
    "host_path": _host_path_errors,
    "local": _local_errors,
    "nfs": _nfs_errors,
}
