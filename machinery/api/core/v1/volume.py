"""Volume and its everyday sources: emptyDir, hostPath, configMap, secret, projected …"""

from machinery.api.core.v1.claim import PersistentVolumeClaimTemplate
from machinery.api.core.v1.environment import ObjectFieldSelector, ResourceFieldSelector
from machinery.api.core.v1.reference import LocalObjectReference
from machinery.api.core.v1.volume_sources import (
    AWSElasticBlockStoreVolumeSource,
    AzureDiskVolumeSource,
    AzureFileVolumeSource,
    CephFSVolumeSource,
    CinderVolumeSource,
    CSIVolumeSource,
    FCVolumeSource,
    FlexVolumeSource,
    FlockerVolumeSource,
    GCEPersistentDiskVolumeSource,
    GitRepoVolumeSource,
    GlusterfsVolumeSource,
    ISCSIVolumeSource,
    NFSVolumeSource,
    PhotonPersistentDiskVolumeSource,
    PortworxVolumeSource,
    QuobyteVolumeSource,
    RBDVolumeSource,
    ScaleIOVolumeSource,
    StorageOSVolumeSource,
    VsphereVirtualDiskVolumeSource,
)
from machinery.api.meta.v1 import LabelSelector
from machinery.api.model import Int32, Int64, Model, Quantity, field


class ClusterTrustBundleProjection(Model):
    """Trusted certificates of the cluster as a file."""

    name: str | None = field(1, None)
    signer_name: str | None = field(2, None)
    label_selector: LabelSelector | None = field(3, None)
    optional: bool | None = field(5, None)
    path: str = field(4, "", required=True)


class KeyToPath(Model):
    """Which key becomes which file, with which mode."""

    key: str = field(1, "", required=True)
    path: str = field(2, "", required=True)
    mode: Int32 | None = field(3, None)


class ConfigMapProjection(LocalObjectReference, inline=1):
    """A ConfigMap as files inside a projected volume."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    optional: bool | None = field(4, None)


class ConfigMapVolumeSource(LocalObjectReference, inline=1):
    """A ConfigMap as files."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    default_mode: Int32 | None = field(3, None)
    optional: bool | None = field(4, None)


class DownwardAPIVolumeFile(Model):
    """One file that holds a fact about the pod."""

    path: str = field(1, "", required=True)
    field_ref: ObjectFieldSelector | None = field(2, None)
    resource_field_ref: ResourceFieldSelector | None = field(3, None)
    mode: Int32 | None = field(4, None)


class DownwardAPIProjection(Model):
    """Facts about the pod as files inside a projected volume."""

    items: tuple[DownwardAPIVolumeFile, ...] = field(1, (), list_type="atomic")


class DownwardAPIVolumeSource(Model):
    """Facts about the pod as files."""

    items: tuple[DownwardAPIVolumeFile, ...] = field(1, (), list_type="atomic")
    default_mode: Int32 | None = field(2, None)


class EmptyDirVolumeSource(Model):
    """A directory that lives as long as the pod."""

    medium: str = field(1, "")
    size_limit: Quantity | None = field(2, None)


class EphemeralVolumeSource(Model):
    """A claim that is made for this pod alone and goes with it."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = field(1, None)


class HostPathVolumeSource(Model):
    """A file or directory of the node itself."""

    path: str = field(1, "", required=True)
    type: str | None = field(2, None)


class ImageVolumeSource(Model):
    """The content of an image, read-only."""

    reference: str = field(1, "")
    pull_policy: str = field(2, "")


class PersistentVolumeClaimVolumeSource(Model):
    """The storage behind a claim of the same namespace."""

    claim_name: str = field(1, "", required=True)
    read_only: bool = field(2, False)


class SecretProjection(LocalObjectReference, inline=1):
    """A Secret as files inside a projected volume."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    optional: bool | None = field(4, None)


class ServiceAccountTokenProjection(Model):
    """A token of the pod's service account as a file."""

    audience: str = field(1, "")
    expiration_seconds: Int64 | None = field(2, None)
    path: str = field(3, "", required=True)


class VolumeProjection(Model):
    """One source of a projected volume; exactly one is set."""

    secret: SecretProjection | None = field(1, None)
    downward_api: DownwardAPIProjection | None = field(2, None, json="downwardAPI")
    config_map: ConfigMapProjection | None = field(3, None)
    service_account_token: ServiceAccountTokenProjection | None = field(4, None)
    cluster_trust_bundle: ClusterTrustBundleProjection | None = field(5, None)


class ProjectedVolumeSource(Model):
    """Several sources in one directory."""

    sources: tuple[VolumeProjection, ...] = field(1, (), required=True, optional=True, list_type="atomic")
    default_mode: Int32 | None = field(2, None)


class SecretVolumeSource(Model):
    """A Secret as files."""

    secret_name: str = field(1, "")
    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    default_mode: Int32 | None = field(3, None)
    optional: bool | None = field(4, None)


class VolumeSource(Model):
    """Where a volume's content comes from; exactly one is set."""

    host_path: HostPathVolumeSource | None = field(1, None)
    empty_dir: EmptyDirVolumeSource | None = field(2, None)
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = field(3, None)
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = field(4, None)
    git_repo: GitRepoVolumeSource | None = field(5, None)
    secret: SecretVolumeSource | None = field(6, None)
    nfs: NFSVolumeSource | None = field(7, None)
    iscsi: ISCSIVolumeSource | None = field(8, None)
    glusterfs: GlusterfsVolumeSource | None = field(9, None)
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = field(10, None)
    rbd: RBDVolumeSource | None = field(11, None)
    flex_volume: FlexVolumeSource | None = field(12, None)
    cinder: CinderVolumeSource | None = field(13, None)
    cephfs: CephFSVolumeSource | None = field(14, None)
    flocker: FlockerVolumeSource | None = field(15, None)
    downward_api: DownwardAPIVolumeSource | None = field(16, None, json="downwardAPI")
    fc: FCVolumeSource | None = field(17, None)
    azure_file: AzureFileVolumeSource | None = field(18, None)
    config_map: ConfigMapVolumeSource | None = field(19, None)
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = field(20, None)
    quobyte: QuobyteVolumeSource | None = field(21, None)
    azure_disk: AzureDiskVolumeSource | None = field(22, None)
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = field(23, None)
    projected: ProjectedVolumeSource | None = field(26, None)
    portworx_volume: PortworxVolumeSource | None = field(24, None)
    scale_io: ScaleIOVolumeSource | None = field(25, None, json="scaleIO")
    storageos: StorageOSVolumeSource | None = field(27, None)
    csi: CSIVolumeSource | None = field(28, None)
    ephemeral: EphemeralVolumeSource | None = field(29, None)
    image: ImageVolumeSource | None = field(30, None)


class Volume(VolumeSource, inline=2):
    """A directory that the containers of a pod may mount."""

    name: str = field(1, "", required=True)
