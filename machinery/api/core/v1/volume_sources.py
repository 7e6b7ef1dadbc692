"""Volume sources of clouds and storage networks: decoded and kept, not mounted."""

from machinery.api.core.v1.reference import LocalObjectReference
from machinery.api.model import Int32, Model, field


class AWSElasticBlockStoreVolumeSource(Model):
    """A disk of Amazon's cloud."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    """The disk's id."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    partition: Int32 = field(3, 0)
    """The number of the partition to mount; 0 for the whole disk."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""


class AzureDiskVolumeSource(Model):
    """A disk of Microsoft's cloud."""

    disk_name: str = field(1, "", required=True)
    """The disk's name."""
    disk_uri: str = field(2, "", json="diskURI", required=True)
    """The disk's URI."""
    caching_mode: str | None = field(3, None, openapi_default="ReadWrite")
    """None, ReadOnly or ReadWrite (the default)."""
    fs_type: str | None = field(4, None, openapi_default="ext4")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool | None = field(5, None)
    """Whether it may only be read. Default false."""
    kind: str | None = field(6, None, openapi_default="Shared")
    """Shared (the default) or Dedicated for a blob, Managed for a managed disk."""


class AzureFileVolumeSource(Model):
    """A file share of Microsoft's cloud."""

    secret_name: str = field(1, "", required=True)
    """The Secret with the storage account's name and key."""
    share_name: str = field(2, "", required=True)
    """The share's name."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""


class CSIVolumeSource(Model):
    """A volume of the pod's own that a CSI driver provides."""

    driver: str = field(1, "", required=True)
    """The driver's name, such as csi.example.com."""
    read_only: bool | None = field(2, None)
    """Whether it may only be read. Default false."""
    fs_type: str | None = field(3, None)
    """The file system, such as ext4; the driver's choice if not said."""
    volume_attributes: dict[str, str] = field(4, {})
    """What to tell the driver about the volume."""
    node_publish_secret_ref: LocalObjectReference | None = field(5, None)
    """The Secret to mount it, in the pod's namespace."""


class CephFSVolumeSource(Model):
    """A Ceph file system."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """Addresses of Ceph's monitors."""
    path: str = field(2, "")
    """The directory to mount. Default /."""
    user: str = field(3, "")
    """The user to log in as. Default admin."""
    secret_file: str = field(4, "")
    """The key file on the node. Default /etc/ceph/user.secret."""
    secret_ref: LocalObjectReference | None = field(5, None)
    """The Secret with the user's key; wins over secretFile."""
    read_only: bool = field(6, False)
    """Whether it may only be read. Default false."""


class CinderVolumeSource(Model):
    """An OpenStack disk."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    """The disk's id."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    secret_ref: LocalObjectReference | None = field(4, None)
    """The Secret with which to connect to OpenStack."""


class FCVolumeSource(Model):
    """A Fibre Channel disk."""

    target_ww_ns: tuple[str, ...] = field(1, (), json="targetWWNs", list_type="atomic")
    """World wide names of the target; with lun."""
    lun: Int32 | None = field(2, None)
    """The number of the logical unit."""
    fs_type: str = field(3, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""
    wwids: tuple[str, ...] = field(5, (), list_type="atomic")
    """World wide ids of the volume; set these, or targetWWNs and lun."""


class FlexVolumeSource(Model):
    """A volume of a FlexVolume driver."""

    driver: str = field(1, "", required=True)
    """The driver's name."""
    fs_type: str = field(2, "")
    """The file system, such as ext4; the driver's choice if not said."""
    secret_ref: LocalObjectReference | None = field(3, None)
    """The Secret to give to the driver, in the pod's namespace."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""
    options: dict[str, str] = field(5, {})
    """Further options for the driver."""


class FlockerVolumeSource(Model):
    """A Flocker data set."""

    dataset_name: str = field(1, "")
    """The data set by name (deprecated)."""
    dataset_uuid: str = field(2, "", json="datasetUUID")
    """The data set by its id."""


class GCEPersistentDiskVolumeSource(Model):
    """A disk of Google's cloud."""

    pd_name: str = field(1, "", required=True)
    """The disk's name."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    partition: Int32 = field(3, 0)
    """The number of the partition to mount; 0 for the whole disk."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""


class GitRepoVolumeSource(Model):
    """A Git repository, cloned (deprecated)."""

    repository: str = field(1, "", required=True)
    """Where to clone from: a URL."""
    revision: str = field(2, "")
    """The commit to check out."""
    directory: str = field(3, "")
    """Where to put it, relative to the volume; "." for the volume itself."""


class GlusterfsVolumeSource(Model):
    """A Gluster volume."""

    endpoints: str = field(1, "", required=True)
    """The Endpoints object with the servers' addresses."""
    path: str = field(2, "", required=True)
    """The Gluster volume's name."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""


class ISCSIVolumeSource(Model):
    """An iSCSI disk."""

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
    secret_ref: LocalObjectReference | None = field(10, None)
    """The Secret with names and passwords for CHAP."""
    initiator_name: str | None = field(12, None)
    """The name by which the node calls itself; its own if not said."""


class NFSVolumeSource(Model):
    """A directory of an NFS server."""

    server: str = field(1, "", required=True)
    """The server's host name or address."""
    path: str = field(2, "", required=True)
    """The exported directory."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""


class PhotonPersistentDiskVolumeSource(Model):
    """A disk of Photon."""

    pd_id: str = field(1, "", json="pdID", required=True)
    """The disk's id."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""


class PortworxVolumeSource(Model):
    """A Portworx volume."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    """The volume's id."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""


class QuobyteVolumeSource(Model):
    """A Quobyte volume."""

    registry: str = field(1, "", required=True)
    """Addresses of Quobyte's registries: host:port, separated by commas."""
    volume: str = field(2, "", required=True)
    """The volume's name."""
    read_only: bool = field(3, False)
    """Whether it may only be read. Default false."""
    user: str = field(4, "")
    """The user to mount it as; that of the volume if not said."""
    group: str = field(5, "")
    """The group to mount it as; none if not said."""
    tenant: str = field(6, "")
    """The tenant who owns the volume."""


class RBDVolumeSource(Model):
    """A Ceph block device."""

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
    secret_ref: LocalObjectReference | None = field(7, None)
    """The Secret with the user's key; wins over keyring."""
    read_only: bool = field(8, False)
    """Whether it may only be read. Default false."""


class ScaleIOVolumeSource(Model):
    """A ScaleIO volume."""

    gateway: str = field(1, "", required=True)
    """The address of ScaleIO's gateway."""
    system: str = field(2, "", required=True)
    """The name of the storage system."""
    secret_ref: LocalObjectReference | None = field(3, None, required=True)
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


class StorageOSVolumeSource(Model):
    """A StorageOS volume."""

    volume_name: str = field(1, "")
    """The volume's name, unique in its namespace."""
    volume_namespace: str = field(2, "")
    """The namespace inside StorageOS; the pod's if not said."""
    fs_type: str = field(3, "")
    """The file system, such as ext4 (the default) or xfs."""
    read_only: bool = field(4, False)
    """Whether it may only be read. Default false."""
    secret_ref: LocalObjectReference | None = field(5, None)
    """The Secret with which to talk to StorageOS; its own default if not said."""


class VsphereVirtualDiskVolumeSource(Model):
    """A vSphere disk."""

    volume_path: str = field(1, "", required=True)
    """The disk's path: [datastore] folder/disk.vmdk."""
    fs_type: str = field(2, "")
    """The file system, such as ext4 (the default) or xfs."""
    storage_policy_name: str = field(3, "")
    """The storage policy's name."""
    storage_policy_id: str = field(4, "", json="storagePolicyID")
    """The storage policy's id, beside its name."""
