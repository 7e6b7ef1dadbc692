"""The core group, one file per topic; a name imported from here loads only the file that holds it."""

from machinery.api.topics import on_demand

_TOPICS = {
    "claim": "PersistentVolumeClaimSpec PersistentVolumeClaimTemplate VolumeResourceRequirements",
    "component_status": "ComponentCondition ComponentStatus",
    "config": "ConfigMap Secret",
    "container": (
        "Container ContainerPort ContainerResizePolicy EphemeralContainer EphemeralContainerCommon "
        "ExecAction GRPCAction HTTPGetAction HTTPHeader Lifecycle LifecycleHandler Probe ProbeHandler "
        "ResourceClaim ResourceRequirements SleepAction TCPSocketAction VolumeDevice VolumeMount "
    ),
    "container_status": (
        "ContainerState ContainerStateRunning ContainerStateTerminated ContainerStateWaiting "
        "ContainerStatus ContainerUser LinuxContainerUser ResourceHealth ResourceStatus VolumeMountStatus "
    ),
    "endpoints": "EndpointAddress EndpointPort EndpointSubset Endpoints",
    "environment": (
        "ConfigMapEnvSource ConfigMapKeySelector EnvFromSource EnvVar EnvVarSource ObjectFieldSelector "
        "ResourceFieldSelector SecretEnvSource SecretKeySelector "
    ),
    "event": "Event EventSeries EventSource",
    "namespace": "Namespace NamespaceCondition NamespaceSpec NamespaceStatus",
    "node": (
        "AttachedVolume ConfigMapNodeConfigSource ContainerImage DaemonEndpoint Node NodeAddress "
        "NodeCondition NodeConfigSource NodeConfigStatus NodeDaemonEndpoints NodeFeatures "
        "NodeRuntimeHandler NodeRuntimeHandlerFeatures NodeSpec NodeStatus NodeSystemInfo "
    ),
    "options": (
        "NodeProxyOptions PodAttachOptions PodExecOptions PodLogOptions PodPortForwardOptions "
        "PodProxyOptions ServiceProxyOptions "
    ),
    "persistent_volume_sources": (
        "AzureFilePersistentVolumeSource CSIPersistentVolumeSource CephFSPersistentVolumeSource "
        "CinderPersistentVolumeSource FlexPersistentVolumeSource GlusterfsPersistentVolumeSource "
        "ISCSIPersistentVolumeSource LocalVolumeSource PersistentVolumeSource RBDPersistentVolumeSource "
        "ScaleIOPersistentVolumeSource StorageOSPersistentVolumeSource "
    ),
    "pod": (
        "Binding HostAlias HostIP Pod PodCondition PodDNSConfig PodDNSConfigOption PodIP PodOS "
        "PodReadinessGate PodResourceClaim PodResourceClaimStatus PodSchedulingGate PodSpec PodStatus "
        "PodTemplateSpec "
    ),
    "pod_template": "PodTemplate",
    "quota": (
        "LimitRange LimitRangeItem LimitRangeSpec ResourceQuota ResourceQuotaSpec ResourceQuotaStatus "
        "ScopeSelector ScopedResourceSelectorRequirement "
    ),
    "reference": (
        "LocalObjectReference ObjectReference SecretReference TypedLocalObjectReference "
        "TypedObjectReference "
    ),
    "replication_controller": (
        "ReplicationController ReplicationControllerCondition ReplicationControllerSpec "
        "ReplicationControllerStatus "
    ),
    "scheduling": (
        "Affinity NodeAffinity NodeSelector NodeSelectorRequirement NodeSelectorTerm PodAffinity "
        "PodAffinityTerm PodAntiAffinity PreferredSchedulingTerm Taint Toleration "
        "TopologySelectorLabelRequirement TopologySelectorTerm TopologySpreadConstraint "
        "WeightedPodAffinityTerm "
    ),
    "security": (
        "AppArmorProfile Capabilities PodSecurityContext SELinuxOptions SeccompProfile SecurityContext "
        "Sysctl WindowsSecurityContextOptions "
    ),
    "service": (
        "ClientIPConfig LoadBalancerIngress LoadBalancerStatus PortStatus Service ServicePort ServiceSpec "
        "ServiceStatus SessionAffinityConfig "
    ),
    "service_account": "ServiceAccount",
    "storage": (
        "ModifyVolumeStatus PersistentVolume PersistentVolumeClaim PersistentVolumeClaimCondition "
        "PersistentVolumeClaimStatus PersistentVolumeSpec PersistentVolumeStatus VolumeNodeAffinity "
    ),
    "volume": (
        "ClusterTrustBundleProjection ConfigMapProjection ConfigMapVolumeSource DownwardAPIProjection "
        "DownwardAPIVolumeFile DownwardAPIVolumeSource EmptyDirVolumeSource EphemeralVolumeSource "
        "HostPathVolumeSource ImageVolumeSource KeyToPath PersistentVolumeClaimVolumeSource "
        "ProjectedVolumeSource SecretProjection SecretVolumeSource ServiceAccountTokenProjection Volume "
        "VolumeProjection VolumeSource "
    ),
    "volume_sources": (
        "AWSElasticBlockStoreVolumeSource AzureDiskVolumeSource AzureFileVolumeSource CSIVolumeSource "
        "CephFSVolumeSource CinderVolumeSource FCVolumeSource FlexVolumeSource FlockerVolumeSource "
        "GCEPersistentDiskVolumeSource GitRepoVolumeSource GlusterfsVolumeSource ISCSIVolumeSource "
        "NFSVolumeSource PhotonPersistentDiskVolumeSource PortworxVolumeSource QuobyteVolumeSource "
        "RBDVolumeSource ScaleIOVolumeSource StorageOSVolumeSource VsphereVirtualDiskVolumeSource "
    ),
}
__getattr__, __dir__ = on_demand(__name__, _TOPICS)
