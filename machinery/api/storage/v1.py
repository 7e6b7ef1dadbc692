"""StorageClass, CSIDriver, CSINode, VolumeAttachment (k8s.io/api `storage/v1`)."""

from machinery.api.core.v1.scheduling import TopologySelectorTerm
from machinery.api.core.v1.storage import PersistentVolumeSpec
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class TokenRequest(Model):
    """A token that a driver wants of the pods that it serves."""

    audience: str = field(1, "", required=True)
    """For whom the token is; "" for the API server itself."""
    expiration_seconds: Int64 | None = field(2, None)
    """How long the token shall last, in seconds. Default 3600."""


class CSIDriverSpec(Model):
    """The abilities and wishes of a CSI driver."""

    attach_required: bool | None = field(1, None)
    """Whether volumes must be attached to a node, by VolumeAttachments, before they are mounted. Default true."""
    pod_info_on_mount: bool | None = field(2, None)
    """Whether the driver is told the pod's name, namespace, uid and service account. Default false."""
    volume_lifecycle_modes: tuple[str, ...] = field(3, (), list_type="set")
    """Persistent (the default), Ephemeral for volumes inside a pod's spec, or both."""
    storage_capacity: bool | None = field(4, None)
    """Whether the scheduler minds the driver's CSIStorageCapacity objects. Default false."""
    fs_group_policy: str | None = field(5, None)
    """When to give files to the pod's fsGroup: ReadWriteOnceWithFSType (the default), File (always) or None."""
    token_requests: tuple[TokenRequest, ...] = field(6, (), list_type="atomic")
    """Tokens of the pod's service account that the driver is handed at each mount."""
    requires_republish: bool | None = field(7, None)
    """Whether the driver is called for mounted volumes again and again, to refresh them. Default false."""
    se_linux_mount: bool | None = field(8, None)
    """Whether the driver can mount with an SELinux context, set by mount options. Default false."""


class CSIDriver(Object):
    """What a CSI driver can do and wants."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSIDriver", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CSIDriverSpec = field(2, CSIDriverSpec, required=True)
    """What the driver can do and wants."""


class VolumeNodeResources(Model):
    """How many volumes of a driver a node can hold."""

    count: Int32 | None = field(1, None)
    """How many volumes of the driver fit on the node at once; no limit if not said."""


class CSINodeDriver(Model):
    """One CSI driver of a node, and what it calls the node."""

    name: str = field(1, "", required=True)
    """The driver's name, the same as of its CSIDriver."""
    node_id: str = field(2, "", json="nodeID", required=True)
    """What the driver itself calls this node."""
    topology_keys: tuple[str, ...] = field(3, (), required=True, optional=True, list_type="atomic")
    """Keys of the node's labels by which the driver tells places apart, such as topology.example.com/zone."""
    allocatable: VolumeNodeResources | None = field(4, None)
    """Bounds what the scheduler puts on the node."""


class CSINodeSpec(Model):
    """The drivers of a node."""

    drivers: tuple[CSINodeDriver, ...] = field(
        1, (), required=True, merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """The drivers installed there; empty if there are none."""


class CSINode(Object):
    """The CSI drivers of a node."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSINode", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CSINodeSpec = field(2, CSINodeSpec, required=True)
    """What the drivers said when they registered with the kubelet."""


class CSIStorageCapacity(Object):
    """How much storage a driver has left, and where."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSIStorageCapacity", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    node_topology: LabelSelector | None = field(2, None)
    """The labels of the nodes that reach this storage; none if not said, {} for all."""
    storage_class_name: str = field(3, "", required=True)
    """The storage class that it is about. It cannot be changed."""
    capacity: Quantity | None = field(4, None)
    """How much is left for new volumes; unknown if not said."""
    maximum_volume_size: Quantity | None = field(5, None)
    """The largest volume that can be made; unknown if not said."""


class StorageClass(Object):
    """A kind of storage that claims can ask for."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "StorageClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    provisioner: str = field(2, "", required=True)
    """The driver that makes the volumes."""
    parameters: dict[str, str] = field(3, {})
    """What the driver is told for each new volume; at most 512 entries."""
    reclaim_policy: str | None = field(4, None)
    """What becomes of volumes when their claims go: Delete (the default) or Retain."""
    mount_options: tuple[str, ...] = field(5, (), list_type="atomic")
    """Options for mounting its volumes, such as noatime; nobody checks them before."""
    allow_volume_expansion: bool | None = field(6, None)
    """Whether claims may ask for more later. Default false."""
    volume_binding_mode: str | None = field(7, None)
    """Immediate (the default), or WaitForFirstConsumer: when a pod's node is being chosen."""
    allowed_topologies: tuple[TopologySelectorTerm, ...] = field(8, (), list_type="atomic")
    """Where volumes may be made; anywhere if empty."""


class VolumeAttachmentSource(Model):
    """The volume to attach."""

    persistent_volume_name: str | None = field(1, None)
    """The persistent volume to attach."""
    inline_volume_spec: PersistentVolumeSpec | None = field(2, None)
    """The volume itself, for those that a pod names directly and that were moved to a CSI driver."""


class VolumeAttachmentSpec(Model):
    """The volume, the node and the driver."""

    attacher: str = field(1, "", required=True)
    """The driver that does it."""
    source: VolumeAttachmentSource = field(2, VolumeAttachmentSource, required=True)
    """What to attach: exactly one of its fields is set."""
    node_name: str = field(3, "", required=True)
    """The node to attach it to."""


class VolumeError(Model):
    """What went wrong with a volume, and when."""

    time: Time | None = field(1, None)
    """When it went wrong."""
    message: str = field(2, "")
    """What went wrong. It may be logged, so it must hold no secrets."""


class VolumeAttachmentStatus(Model):
    """Whether a volume is attached."""

    attached: bool = field(1, False, required=True)
    """Whether the volume is attached; the driver's attacher sets it."""
    attachment_metadata: dict[str, str] = field(2, {})
    """What the driver says about the attached volume; handed on when it is mounted."""
    attach_error: VolumeError | None = field(3, None)
    """What went wrong when it was last attached."""
    detach_error: VolumeError | None = field(4, None)
    """What went wrong when it was last detached."""


class VolumeAttachment(Object):
    """A wish to attach a volume to a node, and what became of it."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "VolumeAttachment", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: VolumeAttachmentSpec = field(2, VolumeAttachmentSpec, required=True)
    """What to attach and where; it cannot be changed."""
    status: VolumeAttachmentStatus = field(3, VolumeAttachmentStatus)
    """How far it is."""
