"""What a claim for storage asks for; apart from `storage`, because pods carry claim templates."""

from machinery.api.core.v1.reference import TypedLocalObjectReference, TypedObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Model, Quantity, field


class VolumeResourceRequirements(Model):
    """How much storage a claim asks for."""

    limits: dict[str, Quantity] = field(1, {})
    requests: dict[str, Quantity] = field(2, {})


class PersistentVolumeClaimSpec(Model):
    """What storage a claim asks for."""

    access_modes: tuple[str, ...] = field(1, (), list_type="atomic")
    selector: LabelSelector | None = field(4, None)
    resources: VolumeResourceRequirements = field(2, VolumeResourceRequirements)
    volume_name: str = field(3, "")
    storage_class_name: str | None = field(5, None)
    volume_mode: str | None = field(6, None)
    data_source: TypedLocalObjectReference | None = field(7, None)
    data_source_ref: TypedObjectReference | None = field(8, None)
    volume_attributes_class_name: str | None = field(9, None)


class PersistentVolumeClaimTemplate(Model):
    """The claim to make for an ephemeral volume."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PersistentVolumeClaimSpec = field(2, PersistentVolumeClaimSpec, required=True)
