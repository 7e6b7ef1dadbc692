"""PersistentVolume and PersistentVolumeClaim."""

from machinery.api.core.v1.claim import PersistentVolumeClaimSpec
from machinery.api.core.v1.reference import ObjectReference, SecretReference
from machinery.api.core.v1.scheduling import NodeSelector
from machinery.api.core.v1.volume import HostPathVolumeSource
from machinery.api.core.v1.volume_sources import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    FCVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, Quantity, Time, field


class AzureFilePersistentVolumeSource(Model):
    """A file share of Microsoft's cloud, for a persistent volume."""

    secret_name: str = field(1, "", required=True)
    share_name: str = field(2, "", required=True)
    read_only: bool = field(3, False)
    secret_namespace: str | None = field(4, None, required=True, optional=True)


class CSIPersistentVolumeSource(Model):
    """A persistent volume that a CSI driver provides."""

    driver: str = field(1, "", required=True)
    volume_handle: str = field(2, "", required=True)
    read_only: bool = field(3, False)
    fs_type: str = field(4, "")
    volume_attributes: dict[str, str] = field(5, {})
    controller_publish_secret_ref: SecretReference | None = field(6, None)
    node_stage_secret_ref: SecretReference | None = field(7, None)
    node_publish_secret_ref: SecretReference | None = field(8, None)
    controller_expand_secret_ref: SecretReference | None = field(9, None)
    node_expand_secret_ref: SecretReference | None = field(10, None)


class CephFSPersistentVolumeSource(Model):
    """A Ceph file system, for a persistent volume."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    path: str = field(2, "")
    user: str = field(3, "")
    secret_file: str = field(4, "")
    secret_ref: SecretReference | None = field(5, None)
    read_only: bool = field(6, False)


class CinderPersistentVolumeSource(Model):
    """An OpenStack disk, for a persistent volume."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    fs_type: str = field(2, "")
    read_only: bool = field(3, False)
    secret_ref: SecretReference | None = field(4, None)


class FlexPersistentVolumeSource(Model):
    """A volume of a FlexVolume driver, for a persistent volume."""

    driver: str = field(1, "", required=True)
    fs_type: str = field(2, "")
    secret_ref: SecretReference | None = field(3, None)
    read_only: bool = field(4, False)
    options: dict[str, str] = field(5, {})


class GlusterfsPersistentVolumeSource(Model):
    """A Gluster volume, for a persistent volume."""

    endpoints: str = field(1, "", required=True)
    path: str = field(2, "", required=True)
    read_only: bool = field(3, False)
    endpoints_namespace: str | None = field(4, None)


class ISCSIPersistentVolumeSource(Model):
    """An iSCSI disk, for a persistent volume."""

    target_portal: str = field(1, "", required=True)
    iqn: str = field(2, "", required=True)
    lun: Int32 = field(3, 0, required=True)
    iscsi_interface: str = field(4, "", openapi_default="default")
    fs_type: str = field(5, "")
    read_only: bool = field(6, False)
    portals: tuple[str, ...] = field(7, (), list_type="atomic")
    chap_auth_discovery: bool = field(8, False)
    chap_auth_session: bool = field(11, False)
    secret_ref: SecretReference | None = field(10, None)
    initiator_name: str | None = field(12, None)


class LocalVolumeSource(Model):
    """A disk of one node."""

    path: str = field(1, "", required=True)
    fs_type: str | None = field(2, None)


class ModifyVolumeStatus(Model):
    """How far a change of volume attributes is."""

    target_volume_attributes_class_name: str = field(1, "")
    status: str = field(2, "", required=True)


class RBDPersistentVolumeSource(Model):
    """A Ceph block device, for a persistent volume."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    image: str = field(2, "", required=True)
    fs_type: str = field(3, "")
    pool: str = field(4, "", openapi_default="rbd")
    user: str = field(5, "", openapi_default="admin")
    keyring: str = field(6, "", openapi_default="/etc/ceph/keyring")
    secret_ref: SecretReference | None = field(7, None)
    read_only: bool = field(8, False)


class ScaleIOPersistentVolumeSource(Model):
    """A ScaleIO volume, for a persistent volume."""

    gateway: str = field(1, "", required=True)
    system: str = field(2, "", required=True)
    secret_ref: SecretReference | None = field(3, None, required=True)
    ssl_enabled: bool = field(4, False)
    protection_domain: str = field(5, "")
    storage_pool: str = field(6, "")
    storage_mode: str = field(7, "", openapi_default="ThinProvisioned")
    volume_name: str = field(8, "")
    fs_type: str = field(9, "", openapi_default="xfs")
    read_only: bool = field(10, False)


class StorageOSPersistentVolumeSource(Model):
    """A StorageOS volume, for a persistent volume."""

    volume_name: str = field(1, "")
    volume_namespace: str = field(2, "")
    fs_type: str = field(3, "")
    read_only: bool = field(4, False)
    secret_ref: ObjectReference | None = field(5, None)


class PersistentVolumeSource(Model):
    """Where a persistent volume really lies; exactly one is set."""

    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = field(1, None)
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = field(2, None)
    host_path: HostPathVolumeSource | None = field(3, None)
    glusterfs: GlusterfsPersistentVolumeSource | None = field(4, None)
    nfs: NFSVolumeSource | None = field(5, None)
    rbd: RBDPersistentVolumeSource | None = field(6, None)
    iscsi: ISCSIPersistentVolumeSource | None = field(7, None)
    cinder: CinderPersistentVolumeSource | None = field(8, None)
    cephfs: CephFSPersistentVolumeSource | None = field(9, None)
    fc: FCVolumeSource | None = field(10, None)
    flocker: FlockerVolumeSource | None = field(11, None)
    flex_volume: FlexPersistentVolumeSource | None = field(12, None)
    azure_file: AzureFilePersistentVolumeSource | None = field(13, None)
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = field(14, None)
    quobyte: QuobyteVolumeSource | None = field(15, None)
    azure_disk: AzureDiskVolumeSource | None = field(16, None)
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = field(17, None)
    portworx_volume: PortworxVolumeSource | None = field(18, None)
    scale_io: ScaleIOPersistentVolumeSource | None = field(19, None, json="scaleIO")
    local: LocalVolumeSource | None = field(20, None)
    storageos: StorageOSPersistentVolumeSource | None = field(21, None)
    csi: CSIPersistentVolumeSource | None = field(22, None)


class VolumeNodeAffinity(Model):
    """From which nodes a volume can be reached."""

    required: NodeSelector | None = field(1, None)


class PersistentVolumeSpec(PersistentVolumeSource, inline=2):
    """What a persistent volume is and offers."""

    capacity: dict[str, Quantity] = field(1, {})
    access_modes: tuple[str, ...] = field(3, (), list_type="atomic")
    claim_ref: ObjectReference | None = field(4, None)
    persistent_volume_reclaim_policy: str = field(5, "")
    storage_class_name: str = field(6, "")
    mount_options: tuple[str, ...] = field(7, (), list_type="atomic")
    volume_mode: str | None = field(8, None)
    node_affinity: VolumeNodeAffinity | None = field(9, None)
    volume_attributes_class_name: str | None = field(10, None)


class PersistentVolumeStatus(Model):
    """Whether a persistent volume is free, bound or released."""

    phase: str = field(1, "")
    message: str = field(2, "")
    reason: str = field(3, "")
    last_phase_transition_time: Time | None = field(4, None)


class PersistentVolume(Object):
    """A piece of storage of the cluster."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PersistentVolume", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PersistentVolumeSpec = field(2, PersistentVolumeSpec)
    status: PersistentVolumeStatus = field(3, PersistentVolumeStatus)


class PersistentVolumeClaimCondition(Model):
    """One observed aspect of a claim."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_probe_time: Time | None = field(3, None)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class PersistentVolumeClaimStatus(Model):
    """What a claim has got."""

    phase: str = field(1, "")
    access_modes: tuple[str, ...] = field(2, (), list_type="atomic")
    capacity: dict[str, Quantity] = field(3, {})
    conditions: tuple[PersistentVolumeClaimCondition, ...] = field(
        4, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    allocated_resources: dict[str, Quantity] = field(5, {})
    allocated_resource_statuses: dict[str, str] = field(7, {})
    current_volume_attributes_class_name: str | None = field(8, None)
    modify_volume_status: ModifyVolumeStatus | None = field(9, None)


class PersistentVolumeClaim(Object):
    """A request for storage, and the volume that answers it."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "PersistentVolumeClaim", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PersistentVolumeClaimSpec = field(2, PersistentVolumeClaimSpec)
    status: PersistentVolumeClaimStatus = field(3, PersistentVolumeClaimStatus)
