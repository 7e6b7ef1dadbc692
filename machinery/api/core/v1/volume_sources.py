"""Volume sources of clouds and storage networks: decoded and kept, not mounted."""

from machinery.api.core.v1.reference import LocalObjectReference
from machinery.api.model import Int32, Model, field


class AWSElasticBlockStoreVolumeSource(Model):
    """A disk of Amazon's cloud."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    fs_type: str = field(2, "")
    partition: Int32 = field(3, 0)
    read_only: bool = field(4, False)


class AzureDiskVolumeSource(Model):
    """A disk of Microsoft's cloud."""

    disk_name: str = field(1, "", required=True)
    disk_uri: str = field(2, "", json="diskURI", required=True)
    caching_mode: str | None = field(3, None, openapi_default="ReadWrite")
    fs_type: str | None = field(4, None, openapi_default="ext4")
    read_only: bool | None = field(5, None)
    kind: str | None = field(6, None, openapi_default="Shared")


class AzureFileVolumeSource(Model):
    """A file share of Microsoft's cloud."""

    secret_name: str = field(1, "", required=True)
    share_name: str = field(2, "", required=True)
    read_only: bool = field(3, False)


class CSIVolumeSource(Model):
    """A volume of the pod's own that a CSI driver provides."""

    driver: str = field(1, "", required=True)
    read_only: bool | None = field(2, None)
    fs_type: str | None = field(3, None)
    volume_attributes: dict[str, str] = field(4, {})
    node_publish_secret_ref: LocalObjectReference | None = field(5, None)


class CephFSVolumeSource(Model):
    """A Ceph file system."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    path: str = field(2, "")
    user: str = field(3, "")
    secret_file: str = field(4, "")
    secret_ref: LocalObjectReference | None = field(5, None)
    read_only: bool = field(6, False)


class CinderVolumeSource(Model):
    """An OpenStack disk."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    fs_type: str = field(2, "")
    read_only: bool = field(3, False)
    secret_ref: LocalObjectReference | None = field(4, None)


class FCVolumeSource(Model):
    """A Fibre Channel disk."""

    target_ww_ns: tuple[str, ...] = field(1, (), json="targetWWNs", list_type="atomic")
    lun: Int32 | None = field(2, None)
    fs_type: str = field(3, "")
    read_only: bool = field(4, False)
    wwids: tuple[str, ...] = field(5, (), list_type="atomic")


class FlexVolumeSource(Model):
    """A volume of a FlexVolume driver."""

    driver: str = field(1, "", required=True)
    fs_type: str = field(2, "")
    secret_ref: LocalObjectReference | None = field(3, None)
    read_only: bool = field(4, False)
    options: dict[str, str] = field(5, {})


class FlockerVolumeSource(Model):
    """A Flocker data set."""

    dataset_name: str = field(1, "")
    dataset_uuid: str = field(2, "", json="datasetUUID")


class GCEPersistentDiskVolumeSource(Model):
    """A disk of Google's cloud."""

    pd_name: str = field(1, "", required=True)
    fs_type: str = field(2, "")
    partition: Int32 = field(3, 0)
    read_only: bool = field(4, False)


class GitRepoVolumeSource(Model):
    """A Git repository, cloned (deprecated)."""

    repository: str = field(1, "", required=True)
    revision: str = field(2, "")
    directory: str = field(3, "")


class GlusterfsVolumeSource(Model):
    """A Gluster volume."""

    endpoints: str = field(1, "", required=True)
    path: str = field(2, "", required=True)
    read_only: bool = field(3, False)


class ISCSIVolumeSource(Model):
    """An iSCSI disk."""

    target_portal: str = field(1, "", required=True)
    iqn: str = field(2, "", required=True)
    lun: Int32 = field(3, 0, required=True)
    iscsi_interface: str = field(4, "", openapi_default="default")
    fs_type: str = field(5, "")
    read_only: bool = field(6, False)
    portals: tuple[str, ...] = field(7, (), list_type="atomic")
    chap_auth_discovery: bool = field(8, False)
    chap_auth_session: bool = field(11, False)
    secret_ref: LocalObjectReference | None = field(10, None)
    initiator_name: str | None = field(12, None)


class NFSVolumeSource(Model):
    """A directory of an NFS server."""

    server: str = field(1, "", required=True)
    path: str = field(2, "", required=True)
    read_only: bool = field(3, False)


class PhotonPersistentDiskVolumeSource(Model):
    """A disk of Photon."""

    pd_id: str = field(1, "", json="pdID", required=True)
    fs_type: str = field(2, "")


class PortworxVolumeSource(Model):
    """A Portworx volume."""

    volume_id: str = field(1, "", json="volumeID", required=True)
    fs_type: str = field(2, "")
    read_only: bool = field(3, False)


class QuobyteVolumeSource(Model):
    """A Quobyte volume."""

    registry: str = field(1, "", required=True)
    volume: str = field(2, "", required=True)
    read_only: bool = field(3, False)
    user: str = field(4, "")
    group: str = field(5, "")
    tenant: str = field(6, "")


class RBDVolumeSource(Model):
    """A Ceph block device."""

    monitors: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    image: str = field(2, "", required=True)
    fs_type: str = field(3, "")
    pool: str = field(4, "", openapi_default="rbd")
    user: str = field(5, "", openapi_default="admin")
    keyring: str = field(6, "", openapi_default="/etc/ceph/keyring")
    secret_ref: LocalObjectReference | None = field(7, None)
    read_only: bool = field(8, False)


class ScaleIOVolumeSource(Model):
    """A ScaleIO volume."""

    gateway: str = field(1, "", required=True)
    system: str = field(2, "", required=True)
    secret_ref: LocalObjectReference | None = field(3, None, required=True)
    ssl_enabled: bool = field(4, False)
    protection_domain: str = field(5, "")
    storage_pool: str = field(6, "")
    storage_mode: str = field(7, "", openapi_default="ThinProvisioned")
    volume_name: str = field(8, "")
    fs_type: str = field(9, "", openapi_default="xfs")
    read_only: bool = field(10, False)


class StorageOSVolumeSource(Model):
    """A StorageOS volume."""

    volume_name: str = field(1, "")
    volume_namespace: str = field(2, "")
    fs_type: str = field(3, "")
    read_only: bool = field(4, False)
    secret_ref: LocalObjectReference | None = field(5, None)


class VsphereVirtualDiskVolumeSource(Model):
    """A vSphere disk."""

    volume_path: str = field(1, "", required=True)
    fs_type: str = field(2, "")
    storage_policy_name: str = field(3, "")
    storage_policy_id: str = field(4, "", json="storagePolicyID")
