"""What a claim for storage asks for; apart from `storage`, because pods carry claim templates."""

from machinery.api.core.v1.reference import TypedLocalObjectReference, TypedObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Model, Quantity, field


class VolumeResourceRequirements(Model):
    """How much storage a claim asks for."""

    limits: dict[str, Quantity] = field(1, {})
    """The most that the volume may hold; seldom used."""
    requests: dict[str, Quantity] = field(2, {})
    """What the volume must hold at least: storage, such as 10Gi."""


class PersistentVolumeClaimSpec(Model):
    """What storage a claim asks for."""

    access_modes: tuple[str, ...] = field(1, (), list_type="atomic")
    """Who may mount it: ReadWriteOnce (one node), ReadOnlyMany, ReadWriteMany or ReadWriteOncePod."""
    selector: LabelSelector | None = field(4, None)
    """Labels that an existing volume must have; such a claim gets no volume made to order."""
    resources: VolumeResourceRequirements = field(2, VolumeResourceRequirements)
    """How much storage is wanted. It may grow later if the storage class allows it."""
    volume_name: str = field(3, "")
    """The persistent volume that the claim is bound to."""
    storage_class_name: str | None = field(5, None)
    """The storage class wanted; if not said the default one, and "" for volumes without a class."""
    volume_mode: str | None = field(6, None)
    """Filesystem (the default) or Block, a raw device."""
    data_source: TypedLocalObjectReference | None = field(7, None)
    """What to fill the new volume from: a VolumeSnapshot or another claim of the namespace."""
    data_source_ref: TypedObjectReference | None = field(8, None)
    """Like dataSource, but any kind of object and, with a namespace, from another namespace (alpha)."""
    volume_attributes_class_name: str | None = field(9, None)
    """A VolumeAttributesClass whose parameters the driver gives the volume (beta)."""


class PersistentVolumeClaimTemplate(Model):
    """The claim to make for an ephemeral volume."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    """Labels and annotations for the claim; nothing else may be given."""
    spec: PersistentVolumeClaimSpec = field(2, PersistentVolumeClaimSpec, required=True)
    """Copied into the claim as it is."""
