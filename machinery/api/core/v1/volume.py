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
    """One ClusterTrustBundle by its name. Set this or signerName."""
    signer_name: str | None = field(2, None)
    """All bundles of this signer that labelSelector chooses, joined."""
    label_selector: LabelSelector | None = field(3, None)
    """Which bundles of the signer: none if not said, {} for all."""
    optional: bool | None = field(5, None)
    """Whether the pod starts all the same if there is no such bundle. Default false."""
    path: str = field(4, "", required=True)
    """The file to write, relative to the volume."""


class KeyToPath(Model):
    """Which key becomes which file, with which mode."""

    key: str = field(1, "", required=True)
    """The key whose value becomes a file."""
    path: str = field(2, "", required=True)
    """The file's path, relative to the volume; without ".."."""
    mode: Int32 | None = field(3, None)
    """The file's permissions: 0644 in YAML, 420 in JSON. defaultMode if not said."""


class ConfigMapProjection(LocalObjectReference, inline=1):
    """A ConfigMap as files inside a projected volume."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    """Which keys become which files; if not said, every key a file of its name."""
    optional: bool | None = field(4, None)
    """Whether the pod starts all the same if the ConfigMap or a key is missing. Default false."""


class ConfigMapVolumeSource(LocalObjectReference, inline=1):
    """A ConfigMap as files."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    """Which keys become which files; if not said, every key a file of its name."""
    default_mode: Int32 | None = field(3, None)
    """The files' permissions: 0644 (the default) in YAML, 420 in JSON."""
    optional: bool | None = field(4, None)
    """Whether the pod starts all the same if the ConfigMap or a key is missing. Default false."""


class DownwardAPIVolumeFile(Model):
    """One file that holds a fact about the pod."""

    path: str = field(1, "", required=True)
    """The file's path, relative to the volume; without ".."."""
    field_ref: ObjectFieldSelector | None = field(2, None)
    """A field of the pod: its labels, annotations, name, namespace or uid."""
    resource_field_ref: ResourceFieldSelector | None = field(3, None)
    """A request or limit of one of its containers."""
    mode: Int32 | None = field(4, None)
    """The file's permissions: 0644 in YAML, 420 in JSON. defaultMode if not said."""


class DownwardAPIProjection(Model):
    """Facts about the pod as files inside a projected volume."""

    items: tuple[DownwardAPIVolumeFile, ...] = field(1, (), list_type="atomic")
    """The files and what each of them holds."""


class DownwardAPIVolumeSource(Model):
    """Facts about the pod as files."""

    items: tuple[DownwardAPIVolumeFile, ...] = field(1, (), list_type="atomic")
    """The files and what each of them holds."""
    default_mode: Int32 | None = field(2, None)
    """The files' permissions: 0644 (the default) in YAML, 420 in JSON."""


class EmptyDirVolumeSource(Model):
    """A directory that lives as long as the pod."""

    medium: str = field(1, "")
    """Empty for the node's disk, Memory for a tmpfs, which counts against memory limits."""
    size_limit: Quantity | None = field(2, None)
    """The most it may hold, such as 1Gi; a pod that exceeds it is evicted. No limit if not said."""


class EphemeralVolumeSource(Model):
    """A claim that is made for this pod alone and goes with it."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = field(1, None)
    """The claim to make; it is named after the pod and the volume: pod-volume."""


class HostPathVolumeSource(Model):
    """A file or directory of the node itself."""

    path: str = field(1, "", required=True)
    """The path on the node."""
    type: str | None = field(2, None)
    """What must be there: Directory, File, Socket …; DirectoryOrCreate and FileOrCreate make it. Empty: no check."""


class ImageVolumeSource(Model):
    """The content of an image, read-only."""

    reference: str = field(1, "")
    """The image, named as for containers."""
    pull_policy: str = field(2, "")
    """Always, IfNotPresent or Never. Default Always for the tag :latest or none, else IfNotPresent."""


class PersistentVolumeClaimVolumeSource(Model):
    """The storage behind a claim of the same namespace."""

    claim_name: str = field(1, "", required=True)
    """The claim's name, in the pod's namespace."""
    read_only: bool = field(2, False)
    """Whether all containers may only read. Default false."""


class SecretProjection(LocalObjectReference, inline=1):
    """A Secret as files inside a projected volume."""

    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    """Which keys become which files; if not said, every key a file of its name."""
    optional: bool | None = field(4, None)
    """Whether the pod starts all the same if the Secret or a key is missing. Default false."""


class ServiceAccountTokenProjection(Model):
    """A token of the pod's service account as a file."""

    audience: str = field(1, "")
    """Who the token is meant for, and who else must refuse it; the API server if not said."""
    expiration_seconds: Int64 | None = field(2, None)
    """Seconds the token is valid; the kubelet renews it in time. Default 3600, at least 600."""
    path: str = field(3, "", required=True)
    """The file to write, relative to the volume."""


class VolumeProjection(Model):
    """One source of a projected volume; exactly one is set."""

    secret: SecretProjection | None = field(1, None)
    """Keys of a Secret."""
    downward_api: DownwardAPIProjection | None = field(2, None, json="downwardAPI")
    """Facts about the pod."""
    config_map: ConfigMapProjection | None = field(3, None)
    """Keys of a ConfigMap."""
    service_account_token: ServiceAccountTokenProjection | None = field(4, None)
    """A token with which the pod shows who it is."""
    cluster_trust_bundle: ClusterTrustBundleProjection | None = field(5, None)
    """One or more ClusterTrustBundles, joined in one file (alpha)."""


class ProjectedVolumeSource(Model):
    """Several sources in one directory."""

    sources: tuple[VolumeProjection, ...] = field(1, (), required=True, optional=True, list_type="atomic")
    """The sources; their files must not have the same paths."""
    default_mode: Int32 | None = field(2, None)
    """The files' permissions: 0644 (the default) in YAML, 420 in JSON."""


class SecretVolumeSource(Model):
    """A Secret as files."""

    secret_name: str = field(1, "")
    """The Secret's name, in the pod's namespace."""
    items: tuple[KeyToPath, ...] = field(2, (), list_type="atomic")
    """Which keys become which files; if not said, every key a file of its name."""
    default_mode: Int32 | None = field(3, None)
    """The files' permissions: 0644 (the default) in YAML, 420 in JSON."""
    optional: bool | None = field(4, None)
    """Whether the pod starts all the same if the Secret or a key is missing. Default false."""


class VolumeSource(Model):
    """Where a volume's content comes from; exactly one is set."""

    host_path: HostPathVolumeSource | None = field(1, None)
    """Dangerous: whoever may mount any path of the node can take it over. For programs that serve the node."""
    empty_dir: EmptyDirVolumeSource | None = field(2, None)
    """Starts empty, is shared by the pod's containers, survives their restarts and ends with the pod."""
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = field(3, None)
    """Deprecated: a disk of Google's cloud, now by its CSI driver."""
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = field(4, None)
    """Deprecated: a disk of Amazon's cloud, now by its CSI driver."""
    git_repo: GitRepoVolumeSource | None = field(5, None)
    """Deprecated: a Git repository; clone it in an init container into an emptyDir instead."""
    secret: SecretVolumeSource | None = field(6, None)
    """Passwords, keys and tokens, kept in memory on the node; updated when the Secret changes."""
    nfs: NFSVolumeSource | None = field(7, None)
    """Storage on an NFS server, which outlives the pod and may be shared by many."""
    iscsi: ISCSIVolumeSource | None = field(8, None)
    """A disk that is reached over the network by iSCSI."""
    glusterfs: GlusterfsVolumeSource | None = field(9, None)
    """Deprecated: a Gluster volume; no longer supported."""
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = field(10, None)
    """Storage that outlives the pod, by a claim for it."""
    rbd: RBDVolumeSource | None = field(11, None)
    """Deprecated: a Ceph block device; no longer supported."""
    flex_volume: FlexVolumeSource | None = field(12, None)
    """Deprecated: a driver as a program on the node; use CSI."""
    cinder: CinderVolumeSource | None = field(13, None)
    """Deprecated: an OpenStack disk, now by its CSI driver."""
    cephfs: CephFSVolumeSource | None = field(14, None)
    """Deprecated: a Ceph file system; no longer supported."""
    flocker: FlockerVolumeSource | None = field(15, None)
    """Deprecated: a Flocker data set; no longer supported."""
    downward_api: DownwardAPIVolumeSource | None = field(16, None, json="downwardAPI")
    """The pod's own labels, annotations, name or limits; updated when they change."""
    fc: FCVolumeSource | None = field(17, None)
    """A disk that is reached by Fibre Channel."""
    azure_file: AzureFileVolumeSource | None = field(18, None)
    """Deprecated: a file share of Microsoft's cloud, now by its CSI driver."""
    config_map: ConfigMapVolumeSource | None = field(19, None)
    """Configuration; updated when the ConfigMap changes."""
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = field(20, None)
    """Deprecated: a vSphere disk, now by its CSI driver."""
    quobyte: QuobyteVolumeSource | None = field(21, None)
    """Deprecated: a Quobyte volume; no longer supported."""
    azure_disk: AzureDiskVolumeSource | None = field(22, None)
    """Deprecated: a disk of Microsoft's cloud, now by its CSI driver."""
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = field(23, None)
    """Deprecated: a disk of Photon; no longer supported."""
    projected: ProjectedVolumeSource | None = field(26, None)
    """Secrets, ConfigMaps, tokens and facts about the pod together in one directory."""
    portworx_volume: PortworxVolumeSource | None = field(24, None)
    """Deprecated: a Portworx volume, now by its CSI driver."""
    scale_io: ScaleIOVolumeSource | None = field(25, None, json="scaleIO")
    """Deprecated: a ScaleIO volume; no longer supported."""
    storageos: StorageOSVolumeSource | None = field(27, None)
    """Deprecated: a StorageOS volume; no longer supported."""
    csi: CSIVolumeSource | None = field(28, None)
    """A volume that a CSI driver makes for this pod alone."""
    ephemeral: EphemeralVolumeSource | None = field(29, None)
    """Storage like a claim's, but made for the pod and deleted with it."""
    image: ImageVolumeSource | None = field(30, None)
    """A way to bring data as an image, apart from the program (alpha)."""


class Volume(VolumeSource, inline=2):
    """A directory that the containers of a pod may mount."""

    name: str = field(1, "", required=True)
    """A DNS label, unique among the pod's volumes, which volumeMounts refer to."""
