"""Pod: spec, status, template, and the scheduler's Binding."""

from machinery.api.core.v1.container import Container, EphemeralContainer, ResourceRequirements
from machinery.api.core.v1.container_status import ContainerStatus
from machinery.api.core.v1.reference import LocalObjectReference, ObjectReference
from machinery.api.core.v1.scheduling import Affinity, Toleration, TopologySpreadConstraint
from machinery.api.core.v1.security import PodSecurityContext
from machinery.api.core.v1.volume import Volume
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class Binding(Object):
    """The scheduler's word: this pod goes to that node."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Binding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    target: ObjectReference = field(2, ObjectReference, required=True)


class HostAlias(Model):
    """A line of the pod's /etc/hosts."""

    ip: str = field(1, "", required=True)
    hostnames: tuple[str, ...] = field(2, (), list_type="atomic")


class HostIP(Model):
    """An address of the node."""

    ip: str = field(1, "", required=True)


class PodDNSConfigOption(Model):
    """One option of the resolver."""

    name: str = field(1, "")
    value: str | None = field(2, None)


class PodDNSConfig(Model):
    """How a pod resolves names."""

    nameservers: tuple[str, ...] = field(1, (), list_type="atomic")
    searches: tuple[str, ...] = field(2, (), list_type="atomic")
    options: tuple[PodDNSConfigOption, ...] = field(3, (), list_type="atomic")


class PodReadinessGate(Model):
    """A condition that must be true before the pod counts as ready."""

    condition_type: str = field(1, "", required=True)


class PodOS(Model):
    """The operating system that a pod is made for."""

    name: str = field(1, "", required=True)


class PodSchedulingGate(Model):
    """As long as a pod has one, the scheduler leaves it alone."""

    name: str = field(1, "", required=True)


class PodResourceClaim(Model):
    """A claim for devices, by the name that containers use."""

    name: str = field(1, "", required=True)
    resource_claim_name: str | None = field(3, None)
    resource_claim_template_name: str | None = field(4, None)


class PodSpec(Model):
    """What a pod shall be."""

    volumes: tuple[Volume, ...] = field(
        1, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )
    init_containers: tuple[Container, ...] = field(
        20, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    containers: tuple[Container, ...] = field(
        2, (), required=True, merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    ephemeral_containers: tuple[EphemeralContainer, ...] = field(
        34, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    restart_policy: str = field(3, "")
    termination_grace_period_seconds: Int64 | None = field(4, None)
    active_deadline_seconds: Int64 | None = field(5, None)
    dns_policy: str = field(6, "")
    node_selector: dict[str, str] = field(7, {}, atomic=True)
    service_account_name: str = field(8, "")
    service_account: str = field(9, "")
    automount_service_account_token: bool | None = field(21, None)
    node_name: str = field(10, "")
    host_network: bool = field(11, False)
    host_pid: bool = field(12, False, json="hostPID")
    host_ipc: bool = field(13, False, json="hostIPC")
    share_process_namespace: bool | None = field(27, None)
    security_context: PodSecurityContext | None = field(14, None)
    image_pull_secrets: tuple[LocalObjectReference, ...] = field(
        15, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    hostname: str = field(16, "")
    subdomain: str = field(17, "")
    affinity: Affinity | None = field(18, None)
    scheduler_name: str = field(19, "")
    tolerations: tuple[Toleration, ...] = field(22, (), list_type="atomic")
    host_aliases: tuple[HostAlias, ...] = field(
        23, (), merge="merge", merge_key="ip", list_type="map", list_keys=("ip",)
    )
    priority_class_name: str = field(24, "")
    priority: Int32 | None = field(25, None)
    dns_config: PodDNSConfig | None = field(26, None)
    readiness_gates: tuple[PodReadinessGate, ...] = field(28, (), list_type="atomic")
    runtime_class_name: str | None = field(29, None)
    enable_service_links: bool | None = field(30, None)
    preemption_policy: str | None = field(31, None)
    overhead: dict[str, Quantity] = field(32, {})
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = field(
        33, (), merge="merge", merge_key="topologyKey", list_type="map", list_keys=("topologyKey", "whenUnsatisfiable")
    )
    set_hostname_as_fqdn: bool | None = field(35, None, json="setHostnameAsFQDN")
    os: PodOS | None = field(36, None)
    host_users: bool | None = field(37, None)
    scheduling_gates: tuple[PodSchedulingGate, ...] = field(
        38, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    resource_claims: tuple[PodResourceClaim, ...] = field(
        39, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )
    resources: ResourceRequirements | None = field(40, None)


class PodCondition(Model):
    """One observed aspect of a pod."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_probe_time: Time | None = field(3, None)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class PodIP(Model):
    """An address of a pod."""

    ip: str = field(1, "", required=True)


class PodResourceClaimStatus(Model):
    """Which claim object was made for a pod's claim."""

    name: str = field(1, "", required=True)
    resource_claim_name: str | None = field(2, None)


class PodStatus(Model):
    """What was observed of a pod: phase, conditions, addresses, containers."""

    phase: str = field(1, "")
    conditions: tuple[PodCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    message: str = field(3, "")
    reason: str = field(4, "")
    nominated_node_name: str = field(11, "")
    host_ip: str = field(5, "", json="hostIP")
    host_ips: tuple[HostIP, ...] = field(16, (), json="hostIPs", merge="merge", merge_key="ip", list_type="atomic")
    pod_ip: str = field(6, "", json="podIP")
    pod_ips: tuple[PodIP, ...] = field(
        12, (), json="podIPs", merge="merge", merge_key="ip", list_type="map", list_keys=("ip",)
    )
    start_time: Time | None = field(7, None)
    init_container_statuses: tuple[ContainerStatus, ...] = field(10, (), list_type="atomic")
    container_statuses: tuple[ContainerStatus, ...] = field(8, (), list_type="atomic")
    qos_class: str = field(9, "")
    ephemeral_container_statuses: tuple[ContainerStatus, ...] = field(13, (), list_type="atomic")
    resize: str = field(14, "")
    resource_claim_statuses: tuple[PodResourceClaimStatus, ...] = field(
        15, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )


class Pod(Object):
    """The smallest thing that runs: containers that share a node, an address and volumes."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Pod", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PodSpec = field(2, PodSpec)
    status: PodStatus = field(3, PodStatus)


class PodTemplateSpec(Model):
    """What the pods of a controller look like."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PodSpec = field(2, PodSpec)
