"""VolumeAttachment: a volume that shall be at a node, and is or not. Real Kubernetes: pkg/registry/storage.

Left out: the rules of an inline volume's own spec.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked
from apiserver.registry.field_checks import unchanged
from apiserver.registry.storage.csi_node import driver_name_errors
from apiserver.registry.strategy import ALL_METADATA, Column, Strategy
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.storage.v1 import VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentStatus, VolumeError

_METADATA_LIMIT, _MESSAGE_LIMIT = 256 * 1024, 1024
_ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"


class VolumeAttachmentStrategy(Strategy):
    """See the module."""

    api_version = "storage.k8s.io/v1"
    kind = "VolumeAttachment"
    has_status = True
    status_keeps = ALL_METADATA
    allow_unconditional_update = False
    returns_deleted = True
    columns = (
        Column("Name", format="name"),
        Column("Attacher", format="name"),
        Column("PV"),
        Column("Node"),
        Column("Attached", type="boolean"),
        Column("Age"),
    )

    def validate(self, obj: VolumeAttachment) -> list[FieldError]:
        spec = obj.spec
        return [
            *driver_name_errors(spec.attacher, "spec.attacher"),
            *_source_errors(spec.source, "spec.source"),
            *checked("spec.nodeName", spec.node_name, names.dns_subdomain),
            *_status_errors(obj.status),
        ]

    def validate_update(self, obj: VolumeAttachment, old: VolumeAttachment) -> list[FieldError]:
        return self.validate(obj) + unchanged("spec", obj.spec, old.spec)

    def validate_status_update(self, obj: VolumeAttachment, old: VolumeAttachment) -> list[FieldError]:
        return self.validate_update(obj, old)

    def row(self, obj: VolumeAttachment, now: datetime) -> list[Any]:
        spec = obj.spec
        return [
            obj.metadata.name,
            spec.attacher,
            spec.source.persistent_volume_name or "",
            spec.node_name,
            obj.status.attached,
            age(obj.metadata.creation_timestamp, now),
        ]


def _source_errors(source: VolumeAttachmentSource, path: str) -> list[FieldError]:
    name, inline = source.persistent_volume_name, source.inline_volume_spec
    if name is None and inline is None:
        return [FieldError.required(path, _ONE_SOURCE)]
    if name is not None and inline is not None:
        return [FieldError.forbidden(path, _ONE_SOURCE)]
    if name == "":
        return [FieldError.required(f"{path}.persistentVolumeName", "must specify non empty persistentVolumeName")]
    return checked(f"{path}.persistentVolumeName", name, names.dns_subdomain) if name else []


def _status_errors(status: VolumeAttachmentStatus) -> list[FieldError]:
    found = []
    if sum(len(key) + len(value) for key, value in status.attachment_metadata.items()) > _METADATA_LIMIT:
        found.append(FieldError.too_long("status.attachmentMetadata", "", _METADATA_LIMIT))
    found += _message_errors(status.attach_error, "status.attachError")
    return found + _message_errors(status.detach_error, "status.detachError")


def _message_errors(error: VolumeError | None, path: str) -> list[FieldError]:
    if error is None or len(error.message) <= _MESSAGE_LIMIT:
        return []
    return [FieldError.too_long(f"{path}.message", "", _MESSAGE_LIMIT)]
