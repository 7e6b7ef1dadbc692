"""Where persistent volumes really lie: the sources that differ from those of a pod's own volumes, and their union."""

from machinery.api.core.v1.reference import ObjectReference, SecretReference
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
from machinery.api.model import Int32, Model, field


class AzureFilePersistentVolumeSource(Model):
    """A file share of Microsoft's cloud, for a persistent volume."""

    secret_name: str = field(1, "", required=True)
    """The Secret with the storage account's name and key."""
    share_name: str = field(2, "", required=True)
    """The share's name."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    secret_namespace: str | None = field(4, None, required=True, optional=True)
    """The Secret's namespace; the claim's if not said."""


class CSIPersistentVolumeSource(Model):
    """A persistent volume that a CSI driver provides."""

    driver: str = field(1, "", required=True)
    """The driver's name, such as csi.example.com."""
    volume_handle: str = field(2, "", required=True)
    """The volume's id, as the driver knows it. It cannot be changed."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    fs_type: str = field(4, "")
    """The file system, such as ext4; the driver's choice if not said."""
    volume_attributes: dict[str, str] = field(5, {})
    """What the driver wrote down about the volume when it made it."""
    controller_publish_secret_ref: SecretReference | None = field(6, None)
    """The Secret to attach it to a node and detach it."""
    node_stage_secret_ref: SecretReference | None = field(7, None)
    """The Secret to prepare it on a node for all its pods."""
    node_publish_secret_ref: SecretReference | None = field(8, None)
    """The Secret to mount it for a pod."""
    controller_expand_secret_ref: SecretReference | None = field(9, None)
    """The Secret to make it bigger."""
    node_expand_secret_ref: SecretReference | None = field(10, None)
    """The Secret to make its file system bigger on the node."""


class CephFSPersistentVolumeSource(Model):
    """A Ceph file system, for a persistent volume."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """Addresses of Ceph's monitors."""
    path: str = field(2, "")
    """The directory to mount. Default /."""
    user: str = field(3, "")
    """The user to log in as. Default admin."""
    secret_file: str = field(4, "")
    """The key file on the node. Default /etc/ceph/user.secret."""
    secret_ref: SecretReference | None = field(5, None)
    """The Secret with the user's key; wins over secretFile."""
    read_only: bool = field(6, False)
    """Whether it may only be read. Default false."""


class CinderPersistentVolumeSource(Model):
    """An OpenStack disk, for a persistent volume."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    """The disk's id."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    secret_ref: SecretReference | None = field(4, None)
    """The Secret with which to connect to OpenStack."""


class FlexPersistentVolumeSource(Model):
    """A volume of a FlexVolume driver, for a persistent volume."""

    driver: str = field(1, "", required=True)
    """The driver's name."""
    fs_type: str = field(2, "")
    """The file system, such as ext4; the driver's choice if not said."""
    secret_ref: SecretReference | None = field(3, None)
    """The Secret to give to the driver."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""
    options: dict[str, str] = field(5, {})
    """Further options for the driver."""


class GlusterfsPersistentVolumeSource(Model):
    """A Gluster volume, for a persistent volume."""

    endpoints: str = field(1, "", required=True)
    """The Endpoints object with the servers' addresses."""
    path: str = field(2, "", required=True)
    """The Gluster volume's name."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    endpoints_namespace: str | None = field(4, None)
    """The namespace of the Endpoints; the claim's if not said."""


class ISCSIPersistentVolumeSource(Model):
    """An iSCSI disk, for a persistent volume."""

    target_portal: str = field(1, "", required=True)
    """The target's address, with a port if it is not 860 or 3260."""
    iqn: str = field(2, "", required=True)
    """The target's qualified name: iqn.2001-04.com.example:storage.disk1."""
    lun: Int32 = field(3, 0, required=True)
    """The number of the logical unit."""
    iscsi_interface: str = field(4, "", openapi_default="default")
    """The interface's name on the node. Default "default", which is TCP."""
    fs_type: str = field(5, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(6, False)
    """Whether it may only be read. Default false."""
    portals: tuple[str, ...] = field(7, (), list_type="atomic")
    """Further addresses of the target, for several paths to it."""
    chap_auth_discovery: bool = field(8, False)
    """Whether to log in by CHAP for discovery."""
    chap_auth_session: bool = field(11, False)
    """Whether to log in by CHAP for the session."""
    secret_ref: SecretReference | None = field(10, None)
    """The Secret with names and passwords for CHAP."""
    initiator_name: str | None = field(12, None)
    """The name by which the node calls itself; its own if not said."""


class LocalVolumeSource(Model):
    """A disk of one node."""

    path: str = field(1, "", required=True)
    """The directory or block device on the node."""
    fs_type: str | None = field(2, None)
    """The file system to make on a block device, such as ext4; chosen for you if not said."""


class RBDPersistentVolumeSource(Model):
    """A Ceph block device, for a persistent volume."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """Addresses of Ceph's monitors."""
    image: str = field(2, "", required=True)
    """The image's name."""
    fs_type: str = field(3, "")
    """The file system, such as ext4 (the default) or xfs."""
    pool: str = field(4, "", openapi_default="rbd")
    """The pool's name. Default rbd."""
    user: str = field(5, "", openapi_default="admin")
    """The user to log in as. Default admin."""
    keyring: str = field(6, "", openapi_default="/etc/ceph/keyring")
    """The key ring on the node. Default /etc/ceph/keyring."""
    secret_ref: SecretReference | None = field(7, None)
    """The Secret with the user's key; wins over keyring."""
    read_only: bool = field(8, False)
    """Whether it may only be read. Default false."""


class ScaleIOPersistentVolumeSource(Model):
    """A ScaleIO volume, for a persistent volume."""

    gateway: str = field(1, "", required=True)
    """The address of ScaleIO's gateway."""
    system: str = field(2, "", required=True)
    """The name of the storage system."""
    secret_ref: SecretReference | None = field(3, None, required=True)
    """The Secret with the user and password."""
    ssl_enabled: bool = field(4, False)
    """Whether to talk to the gateway over TLS. Default false."""
    protection_domain: str = field(5, "")
    """The protection domain's name."""
    storage_pool: str = field(6, "")
    """The storage pool in that domain."""
    storage_mode: str = field(7, "", openapi_default="ThinProvisioned")
    """ThickProvisioned or ThinProvisioned (the default)."""
    volume_name: str = field(8, "")
    """The volume's name."""
    fs_type: str = field(9, "", openapi_default="xfs")
    """The file system, such as ext4 or xfs (the default)."""
    read_only: bool = field(10, False)
    """Whether it may only be read. Default false."""


class StorageOSPersistentVolumeSource(Model):
    """A StorageOS volume, for a persistent volume."""

    volume_name: str = field(1, "")
    """The volume's name, unique in its namespace."""
    volume_namespace: str = field(2, "")
    """The namespace inside StorageOS; the pod's if not said."""
    fs_type: str = field(3, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""
    secret_ref: ObjectReference | None = field(5, None)
    """The Secret with which to talk to StorageOS; its own default if not said."""


class PersistentVolumeSource(Model):
    """Where a persistent volume really lies; exactly one is set."""

    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = field(1, None)
    """Deprecated: a disk of Google's cloud, now by its CSI driver."""
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = field(2, None)
    """Deprecated: a disk of Amazon's cloud, now by its CSI driver."""
    host_path: HostPathVolumeSource | None = field(3, None)
    """A directory of a node, for clusters of one node and for tests."""
    glusterfs: GlusterfsPersistentVolumeSource | None = field(4, None)
    """Deprecated: a Gluster volume; no longer supported."""
    nfs: NFSVolumeSource | None = field(5, None)
    """Storage on an NFS server, good for many pods at once."""
    rbd: RBDPersistentVolumeSource | None = field(6, None)
    """Deprecated: a Ceph block device; no longer supported."""
    iscsi: ISCSIPersistentVolumeSource | None = field(7, None)
    """A disk that is reached over the network by iSCSI."""
    cinder: CinderPersistentVolumeSource | None = field(8, None)
    """Deprecated: an OpenStack disk, now by its CSI driver."""
    cephfs: CephFSPersistentVolumeSource | None = field(9, None)
    """Deprecated: a Ceph file system; no longer supported."""
    fc: FCVolumeSource | None = field(10, None)
    """A disk that is reached by Fibre Channel."""
    flocker: FlockerVolumeSource | None = field(11, None)
    """Deprecated: a Flocker data set; no longer supported."""
    flex_volume: FlexPersistentVolumeSource | None = field(12, None)
    """Deprecated: a driver as a program on the node; use CSI."""
    azure_file: AzureFilePersistentVolumeSource | None = field(13, None)
    """Deprecated: a file share of Microsoft's cloud, now by its CSI driver."""
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = field(14, None)
    """Deprecated: a vSphere disk, now by its CSI driver."""
    quobyte: QuobyteVolumeSource | None = field(15, None)
    """Deprecated: a Quobyte volume; no longer supported."""
    azure_disk: AzureDiskVolumeSource | None = field(16, None)
    """Deprecated: a disk of Microsoft's cloud, now by its CSI driver."""
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = field(17, None)
    """Deprecated: a disk of Photon; no longer supported."""
    portworx_volume: PortworxVolumeSource | None = field(18, None)
    """Deprecated: a Portworx volume, now by its CSI driver."""
    scale_io: ScaleIOPersistentVolumeSource | None = field(19, None, json="scaleIO")
    """Deprecated: a ScaleIO volume; no longer supported."""
    local: LocalVolumeSource | None = field(20, None)
    """A disk or directory of one node; nodeAffinity must name that node."""
    storageos: StorageOSPersistentVolumeSource | None = field(21, None)
    """Deprecated: a StorageOS volume; no longer supported."""
    csi: CSIPersistentVolumeSource | None = field(22, None)
    """Storage of a CSI driver: the way for all storage that is not built in."""
