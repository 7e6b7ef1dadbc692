"""PersistentVolume and PersistentVolumeClaim."""

from machinery.api.core.v1.claim import PersistentVolumeClaimSpec
from machinery.api.core.v1.persistent_volume_sources import PersistentVolumeSource
from machinery.api.core.v1.reference import ObjectReference
from machinery.api.core.v1.scheduling import NodeSelector
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Quantity, Time, field


class ModifyVolumeStatus(Model):
    """How far a change of volume attributes is."""

    target_volume_attributes_class_name: str = field(1, "")
    """The VolumeAttributesClass that is being brought about."""
    status: str = field(2, "", required=True)
    """Pending (no such class yet), InProgress or Infeasible (the driver refused)."""


class VolumeNodeAffinity(Model):
    """From which nodes a volume can be reached."""

    required: NodeSelector | None = field(1, None)
    """What a node must be like."""


class PersistentVolumeSpec(PersistentVolumeSource, inline=2):
    """What a persistent volume is and offers."""

    capacity: dict[str, Quantity] = field(1, {})
    """How much it holds: storage, such as 10Gi."""
    access_modes: tuple[str, ...] = field(3, (), list_type="atomic")
    """Who may mount it: ReadWriteOnce (one node), ReadOnlyMany, ReadWriteMany or ReadWriteOncePod."""
    claim_ref: ObjectReference | None = field(4, None)
    """The claim that it is bound to, or kept for."""
    persistent_volume_reclaim_policy: str = field(5, "")
    """When its claim is gone: Retain (the default) keeps it, Delete deletes it; Recycle is deprecated."""
    storage_class_name: str = field(6, "")
    """The storage class it belongs to; empty for none."""
    mount_options: tuple[str, ...] = field(7, (), list_type="atomic")
    """Options to mount it with, such as nfsvers=4.1; a wrong one makes the mount fail."""
    volume_mode: str | None = field(8, None)
    """Filesystem (the default) or Block, a raw device."""
    node_affinity: VolumeNodeAffinity | None = field(9, None)
    """For storage that not every node reaches: pods that use it run only on nodes that do."""
    volume_attributes_class_name: str | None = field(10, None)
    """The VolumeAttributesClass whose parameters it has (beta)."""


class PersistentVolumeStatus(Model):
    """Whether a persistent volume is free, bound or released."""

    phase: str = field(1, "")
    """Pending, Available, Bound, Released (its claim is gone) or Failed."""
    message: str = field(2, "")
    """Why it is so, for people to read."""
    reason: str = field(3, "")
    """Why it failed, as one word in CamelCase."""
    last_phase_transition_time: Time | None = field(4, None)
    """When the phase last changed."""


class PersistentVolume(Object):
    """A piece of storage of the cluster."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PersistentVolume", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PersistentVolumeSpec = field(2, PersistentVolumeSpec)
    """What it is, where it really lies and whom it is for."""
    status: PersistentVolumeStatus = field(3, PersistentVolumeStatus)
    """Written by the controller that binds it to a claim."""


class PersistentVolumeClaimCondition(Model):
    """One observed aspect of a claim."""

    type: str = field(1, "", required=True)
    """Such as Resizing, FileSystemResizePending, ModifyingVolume."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_probe_time: Time | None = field(3, None)
    """When the condition was last checked."""
    last_transition_time: Time | None = field(4, None)
    """When the status last changed from one value to another."""
    reason: str = field(5, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(6, "")
    """The same for people to read."""


class PersistentVolumeClaimStatus(Model):
    """What a claim has got."""

    phase: str = field(1, "")
    """Pending (no volume yet), Bound or Lost (its volume is gone)."""
    access_modes: tuple[str, ...] = field(2, (), list_type="atomic")
    """The access modes of the volume that it got."""
    capacity: dict[str, Quantity] = field(3, {})
    """How much that volume holds."""
    conditions: tuple[PersistentVolumeClaimCondition, ...] = field(
        4, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """How far a resize or change of attributes is."""
    allocated_resources: dict[str, Quantity] = field(5, {})
    """The storage set aside for it, counting a resize that is on its way."""
    allocated_resource_statuses: dict[str, str] = field(7, {})
    """How far a resize is, such as ControllerResizeInProgress or NodeResizePending."""
    current_volume_attributes_class_name: str | None = field(8, None)
    """The VolumeAttributesClass in force (beta)."""
    modify_volume_status: ModifyVolumeStatus | None = field(9, None)
    """A change to another VolumeAttributesClass that is on its way (beta)."""


class PersistentVolumeClaim(Object):
    """A request for storage, and the volume that answers it."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PersistentVolumeClaim", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PersistentVolumeClaimSpec = field(2, PersistentVolumeClaimSpec)
    """Written by you; once bound, only a few fields may change."""
    status: PersistentVolumeClaimStatus = field(3, PersistentVolumeClaimStatus)
    """Written by controllers: whether it is bound, and what it got."""
