"""StorageClass, CSIDriver, CSINode, VolumeAttachment (k8s.io/api `storage/v1`)."""

from machinery.api.core.v1.scheduling import TopologySelectorTerm
from machinery.api.core.v1.storage import PersistentVolumeSpec
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class TokenRequest(Model):
    """A token that a driver wants of the pods that it serves."""

    audience: str = field(1, "", required=True)
    expiration_seconds: Int64 | None = field(2, None)


class CSIDriverSpec(Model):
    """The abilities and wishes of a CSI driver."""

    attach_required: bool | None = field(1, None)
    pod_info_on_mount: bool | None = field(2, None)
    volume_lifecycle_modes: tuple[str, ...] = field(3, (), list_type="set")
    storage_capacity: bool | None = field(4, None)
    fs_group_policy: str | None = field(5, None)
    token_requests: tuple[TokenRequest, ...] = field(6, (), list_type="atomic")
    requires_republish: bool | None = field(7, None)
    se_linux_mount: bool | None = field(8, None)


class CSIDriver(Object):
    """What a CSI driver can do and wants."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSIDriver", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CSIDriverSpec = field(2, CSIDriverSpec, required=True)


class VolumeNodeResources(Model):
    """How many volumes of a driver a node can hold."""

    count: Int32 | None = field(1, None)


class CSINodeDriver(Model):
    """One CSI driver of a node, and what it calls the node."""

    name: str = field(1, "", required=True)
    node_id: str = field(2, "", json="nodeID", required=True)
    topology_keys: tuple[str, ...] = field(3, (), required=True, optional=True, list_type="atomic")
    allocatable: VolumeNodeResources | None = field(4, None)


class CSINodeSpec(Model):
    """The drivers of a node."""

    drivers: tuple[CSINodeDriver, ...] = field(
        1, (), required=True, merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )


class CSINode(Object):
    """The CSI drivers of a node."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSINode", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CSINodeSpec = field(2, CSINodeSpec, required=True)


class CSIStorageCapacity(Object):
    """How much storage a driver has left, and where."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "CSIStorageCapacity", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    node_topology: LabelSelector | None = field(2, None)
    storage_class_name: str = field(3, "", required=True)
    capacity: Quantity | None = field(4, None)
    maximum_volume_size: Quantity | None = field(5, None)


class StorageClass(Object):
    """A kind of storage that claims can ask for."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "StorageClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    provisioner: str = field(2, "", required=True)
    parameters: dict[str, str] = field(3, {})
    reclaim_policy: str | None = field(4, None)
    mount_options: tuple[str, ...] = field(5, (), list_type="atomic")
    allow_volume_expansion: bool | None = field(6, None)
    volume_binding_mode: str | None = field(7, None)
    allowed_topologies: tuple[TopologySelectorTerm, ...] = field(8, (), list_type="atomic")


class VolumeAttachmentSource(Model):
    """The volume to attach."""

    persistent_volume_name: str | None = field(1, None)
    inline_volume_spec: PersistentVolumeSpec | None = field(2, None)


class VolumeAttachmentSpec(Model):
    """The volume, the node and the driver."""

    attacher: str = field(1, "", required=True)
    source: VolumeAttachmentSource = field(2, VolumeAttachmentSource, required=True)
    node_name: str = field(3, "", required=True)


class VolumeError(Model):
    """What went wrong with a volume, and when."""

    time: Time | None = field(1, None)
    message: str = field(2, "")


class VolumeAttachmentStatus(Model):
    """Whether a volume is attached."""

    attached: bool = field(1, False, required=True)
    attachment_metadata: dict[str, str] = field(2, {})
    attach_error: VolumeError | None = field(3, None)
    detach_error: VolumeError | None = field(4, None)


class VolumeAttachment(Object):
    """A wish to attach a volume to a node, and what became of it."""

    api_version: str = field(None, "storage.k8s.io/v1", required=True)
    kind: str = field(None, "VolumeAttachment", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: VolumeAttachmentSpec = field(2, VolumeAttachmentSpec, required=True)
    status: VolumeAttachmentStatus = field(3, VolumeAttachmentStatus)
