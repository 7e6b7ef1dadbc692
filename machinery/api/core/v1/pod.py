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
    """The node that the pod shall run on: its kind is Node, its name the node's."""


class HostAlias(Model):
    """A line of the pod's /etc/hosts."""

    ip: str = field(1, "", required=True)
    """The address that the names stand for."""
    hostnames: tuple[str, ...] = field(2, (), list_type="atomic")
    """The names that resolve to this address inside the pod."""


class HostIP(Model):
    """An address of the node."""

    ip: str = field(1, "", required=True)
    """An IPv4 or IPv6 address of the node that runs the pod."""


class PodDNSConfigOption(Model):
    """One option of the resolver."""

    name: str = field(1, "")
    """The option's name, such as ndots."""
    value: str | None = field(2, None)
    """The option's value, for options that take one."""


class PodDNSConfig(Model):
    """How a pod resolves names."""

    nameservers: tuple[str, ...] = field(1, (), list_type="atomic")
    """Addresses of name servers, asked after those that dnsPolicy brings."""
    searches: tuple[str, ...] = field(2, (), list_type="atomic")
    """Domains to try after a short name, behind those that dnsPolicy brings."""
    options: tuple[PodDNSConfigOption, ...] = field(3, (), list_type="atomic")
    """Options of the resolver; they win over equal ones that dnsPolicy brings."""


class PodReadinessGate(Model):
    """A condition that must be true before the pod counts as ready."""

    condition_type: str = field(1, "", required=True)
    """The type of the condition in status.conditions that must be True."""


class PodOS(Model):
    """The operating system that a pod is made for."""

    name: str = field(1, "", required=True)
    """linux or windows. The kubelet refuses a pod that was made for another system."""


class PodSchedulingGate(Model):
    """As long as a pod has one, the scheduler leaves it alone."""

    name: str = field(1, "", required=True)
    """The gate's name. Whoever set it removes it when the pod may be scheduled."""


class PodResourceClaim(Model):
    """A claim for devices, by the name that containers use."""

    name: str = field(1, "", required=True)
    """The name by which containers refer to this claim; unique in the pod."""
    resource_claim_name: str | None = field(3, None)
    """An existing ResourceClaim in the pod's namespace. Set this or resourceClaimTemplateName."""
    resource_claim_template_name: str | None = field(4, None)
    """A template from which a claim is made for this pod alone and deleted with it."""


class PodSpec(Model):
    """What a pod shall be."""

    volumes: tuple[Volume, ...] = field(
        1, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Directories that the pod's containers may mount; their names are used in volumeMounts."""
    init_containers: tuple[Container, ...] = field(
        20, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Containers that run one after the other, each to success, before the ordinary ones start."""
    containers: tuple[Container, ...] = field(
        2, (), required=True, merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """The programs that run side by side on one node and share the pod's address. At least one."""
    ephemeral_containers: tuple[EphemeralContainer, ...] = field(
        34, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Guests in a running pod for debugging; only added through the ephemeralcontainers subresource."""
    restart_policy: str = field(3, "")
    """What to do when a container ends: Always (the default) restarts it, OnFailure if it failed, Never not."""
    termination_grace_period_seconds: Int64 | None = field(4, None)
    """Seconds between the signal to stop and the kill. Default 30; 0 kills at once."""
    active_deadline_seconds: Int64 | None = field(5, None)
    """Seconds after its start when a pod that still runs is stopped and marked Failed."""
    dns_policy: str = field(6, "")
    """How names resolve: ClusterFirst (the default), ClusterFirstWithHostNet, Default (as the node does) or None."""
    node_selector: dict[str, str] = field(7, {}, atomic=True)
    """Only nodes that have all of these labels are considered."""
    service_account_name: str = field(8, "")
    """Who the pod is to the API: a ServiceAccount of its namespace, default if not said."""
    service_account: str = field(9, "")
    """The old name of serviceAccountName. Use that."""
    automount_service_account_token: bool | None = field(21, None)
    """Whether a token to talk to the API is mounted into each container."""
    node_name: str = field(10, "")
    """The node that runs the pod. The scheduler fills it in; who sets it goes past the scheduler."""
    host_network: bool = field(11, False)
    """Whether to use the node's network, addresses and ports in place of the pod's own. Default false."""
    host_pid: bool = field(12, False, json="hostPID")
    """Whether to see and share the processes of the node. Default false."""
    host_ipc: bool = field(13, False, json="hostIPC")
    """Whether to share the node's inter-process communication, such as shared memory. Default false."""
    share_process_namespace: bool | None = field(27, None)
    """Whether the containers of the pod see and may signal each other's processes. Default false."""
    security_context: PodSecurityContext | None = field(14, None)
    """Users, groups and security settings for all containers; what a container says itself wins."""
    image_pull_secrets: tuple[LocalObjectReference, ...] = field(
        15, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Secrets with the credentials of registries that the images are pulled from."""
    hostname: str = field(16, "")
    """The host name inside the pod; its own name if not said."""
    subdomain: str = field(17, "")
    """With it, the pod's full name is hostname.subdomain.namespace.svc and the cluster's domain."""
    affinity: Affinity | None = field(18, None)
    """Where it must or would like to run, by the nodes' labels and by the pods that are there already."""
    scheduler_name: str = field(19, "")
    """The scheduler that shall place this pod; default-scheduler if not said."""
    tolerations: tuple[Toleration, ...] = field(22, (), list_type="atomic")
    """Taints that do not keep this pod away from a node."""
    host_aliases: tuple[HostAlias, ...] = field(
        23, (), merge="merge", merge_key="ip", list_type="map", list_keys=("ip",)
    )
    """More lines for the file /etc/hosts of the containers."""
    priority_class_name: str = field(24, "")
    """A PriorityClass that says how important this pod is. If none is named, the cluster's default."""
    priority: Int32 | None = field(25, None)
    """The number that the priority class stands for; filled in at creation. Higher goes first."""
    dns_config: PodDNSConfig | None = field(26, None)
    """Name servers, search domains and options on top of those from dnsPolicy."""
    readiness_gates: tuple[PodReadinessGate, ...] = field(28, (), list_type="atomic")
    """Further conditions, set by others in its status, without which it is not ready though its containers are."""
    runtime_class_name: str | None = field(29, None)
    """A RuntimeClass: the handler that runs the containers. If none is named, the node's usual one."""
    enable_service_links: bool | None = field(30, None)
    """Whether the namespace's services appear as environment variables. Default true."""
    preemption_policy: str | None = field(31, None)
    """Whether pods of lower priority may be evicted for this one: PreemptLowerPriority (default) or Never."""
    overhead: dict[str, Quantity] = field(32, {})
    """What the runtime itself needs, beside the containers; filled in from the RuntimeClass."""
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = field(
        33, (), merge="merge", merge_key="topologyKey", list_type="map", list_keys=("topologyKey", "whenUnsatisfiable")
    )
    """Keeps pods like this one from crowding in one zone or on one node."""
    set_hostname_as_fqdn: bool | None = field(35, None, json="setHostnameAsFQDN")
    """Whether the host name is the pod's full DNS name in place of its first part. Default false."""
    os: PodOS | None = field(36, None)
    """The operating system of the containers; some fields may only be set for one of them."""
    host_users: bool | None = field(37, None)
    """Whether user ids are those of the node (the default); false maps them into a range of their own."""
    scheduling_gates: tuple[PodSchedulingGate, ...] = field(
        38, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """While any is left, the scheduler does not look at this pod. They can only be taken away."""
    resource_claims: tuple[PodResourceClaim, ...] = field(
        39, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Claims for devices that must be fulfilled before the pod starts, to be named by its containers."""
    resources: ResourceRequirements | None = field(40, None)
    """Requests and limits of the pod as a whole (alpha); cpu and memory only."""


class PodCondition(Model):
    """One observed aspect of a pod."""

    type: str = field(1, "", required=True)
    """PodScheduled, PodReadyToStartContainers, Initialized, ContainersReady, Ready, DisruptionTarget or one's own."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_probe_time: Time | None = field(3, None)
    """When the condition was last checked."""
    last_transition_time: Time | None = field(4, None)
    """When the status last changed from one value to another."""
    reason: str = field(5, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(6, "")
    """The same for people to read."""


class PodIP(Model):
    """An address of a pod."""

    ip: str = field(1, "", required=True)
    """An IPv4 or IPv6 address of the pod."""


class PodResourceClaimStatus(Model):
    """Which claim object was made for a pod's claim."""

    name: str = field(1, "", required=True)
    """The claim's name in spec.resourceClaims."""
    resource_claim_name: str | None = field(2, None)
    """The ResourceClaim object that was made for it; absent where none was needed."""


class PodStatus(Model):
    """What was observed of a pod: phase, conditions, addresses, containers."""

    phase: str = field(1, "")
    """Pending, Running, Succeeded (all ended well), Failed (all ended, one badly) or Unknown (its node is silent)."""
    conditions: tuple[PodCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What is true of the pod so far: scheduled, initialized, its containers ready, itself ready."""
    message: str = field(3, "")
    """Why the pod is in this phase, for people to read."""
    reason: str = field(4, "")
    """The same as one word in CamelCase, such as Evicted."""
    nominated_node_name: str = field(11, "")
    """The node where room is being made for this pod by evicting others; it may still go elsewhere."""
    host_ip: str = field(5, "", json="hostIP")
    """The address of the node that the pod is assigned to."""
    host_ips: tuple[HostIP, ...] = field(16, (), json="hostIPs", merge="merge", merge_key="ip", list_type="atomic")
    """All addresses of that node, one of each family; the first is hostIP."""
    pod_ip: str = field(6, "", json="podIP")
    """The pod's address, reachable from the whole cluster; empty until its sandbox is made."""
    pod_ips: tuple[PodIP, ...] = field(
        12, (), json="podIPs", merge="merge", merge_key="ip", list_type="map", list_keys=("ip",)
    )
    """All addresses of the pod, one of each family; the first is podIP."""
    start_time: Time | None = field(7, None)
    """When the kubelet took the pod on, before it pulled any image."""
    init_container_statuses: tuple[ContainerStatus, ...] = field(10, (), list_type="atomic")
    """The state of each init container, in the order in which they run."""
    container_statuses: tuple[ContainerStatus, ...] = field(8, (), list_type="atomic")
    """The state of each ordinary container."""
    qos_class: str = field(9, "")
    """Guaranteed, Burstable or BestEffort, from requests and limits: who is killed last when memory runs out."""
    ephemeral_container_statuses: tuple[ContainerStatus, ...] = field(13, (), list_type="atomic")
    """The state of each ephemeral container."""
    resize: str = field(14, "")
    """How far a wanted change of resources is, such as InProgress, Deferred or Infeasible; empty if none is."""
    resource_claim_statuses: tuple[PodResourceClaimStatus, ...] = field(
        15, (), merge="merge,retainKeys", merge_key="name", list_type="map", list_keys=("name",)
    )
    """For resource claims made from templates: the names of the objects that were made."""


class Pod(Object):
    """The smallest thing that runs: containers that share a node, an address and volumes."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Pod", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PodSpec = field(2, PodSpec)
    """What the pod shall be: its containers, volumes and where it may run."""
    status: PodStatus = field(3, PodStatus)
    """What has become of it. The kubelet writes it; it may lag behind."""


class PodTemplateSpec(Model):
    """What the pods of a controller look like."""

    metadata: ObjectMeta = field(1, ObjectMeta)
    """Labels and annotations for the pods made from this; the labels must match the controller's selector."""
    spec: PodSpec = field(2, PodSpec)
    """Copied into each pod that is made."""
