"""Node."""

from machinery.api.core.v1.scheduling import Taint
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class AttachedVolume(Model):
    """A volume that is attached to a node."""

    name: str = field(1, "", required=True)
    """The volume's unique name."""
    device_path: str = field(2, "", required=True)
    """The path of its device on the node."""


class ConfigMapNodeConfigSource(Model):
    """Where a node once read its configuration from."""

    namespace: str = field(1, "", required=True)
    """The ConfigMap's namespace."""
    name: str = field(2, "", required=True)
    """The ConfigMap's name."""
    uid: str = field(3, "")
    """The ConfigMap's uid; only in the status."""
    resource_version: str = field(4, "")
    """The ConfigMap's resourceVersion; only in the status."""
    kubelet_config_key: str = field(5, "", required=True)
    """The key that held the kubelet's configuration."""


class ContainerImage(Model):
    """An image that a node holds, by its names and size."""

    names: tuple[str, ...] = field(1, (), required=True, optional=True, list_type="atomic")
    """Its names, with tag or digest."""
    size_bytes: Int64 = field(2, 0)
    """Its size in bytes."""


class DaemonEndpoint(Model):
    """The port of a daemon on a node."""

    port: Int32 = field(1, 0, json="Port", required=True)
    """The port's number."""


class NodeConfigSource(Model):
    """Where a node's configuration comes from (deprecated)."""

    config_map: ConfigMapNodeConfigSource | None = field(2, None)
    """The ConfigMap that the configuration was read from."""


class NodeSpec(Model):
    """What is decided about a node: pod CIDR, taints, whether it takes pods."""

    pod_cidr: str = field(1, "", json="podCIDR")
    """The network from which pods on this node get their addresses, such as 10.244.1.0/24."""
    pod_cidrs: tuple[str, ...] = field(7, (), json="podCIDRs", merge="merge", list_type="set")
    """All such networks, at most one of each family; the first is podCIDR."""
    provider_id: str = field(3, "", json="providerID")
    """The machine's id at its cloud: provider://id."""
    unschedulable: bool = field(4, False)
    """Whether the scheduler sends no new pods here, as kubectl cordon sets it. Default false."""
    taints: tuple[Taint, ...] = field(5, (), list_type="atomic")
    """Marks that repel pods: only those that tolerate them come, or may stay."""
    config_source: NodeConfigSource | None = field(6, None)
    """Deprecated and without effect: kubelets no longer read their configuration from the API."""
    external_id: str = field(2, "", json="externalID")
    """Deprecated and without effect."""


class NodeCondition(Model):
    """One observed aspect of a node, with its last heartbeat."""

    type: str = field(1, "", required=True)
    """Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable or one's own."""
    status: str = field(2, "", required=True)
    """True, False or Unknown, as when the node is no longer heard."""
    last_heartbeat_time: Time | None = field(3, None)
    """When the kubelet last told of it."""
    last_transition_time: Time | None = field(4, None)
    """When the status last changed from one value to another."""
    reason: str = field(5, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(6, "")
    """The same for people to read."""


class NodeAddress(Model):
    """One address of a node and its type."""

    type: str = field(1, "", required=True)
    """Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS."""
    address: str = field(2, "", required=True)
    """An IP address or a name, as the type tells."""


class NodeDaemonEndpoints(Model):
    """Ports of the daemons on a node."""

    kubelet_endpoint: DaemonEndpoint = field(1, DaemonEndpoint)
    """The port of the kubelet, for logs, exec and the like."""


class NodeSystemInfo(Model):
    """Versions and ids of a machine."""

    machine_id: str = field(1, "", json="machineID", required=True)
    """The id of the installed system, from /etc/machine-id."""
    system_uuid: str = field(2, "", json="systemUUID", required=True)
    """The id of the hardware, as its firmware tells it."""
    boot_id: str = field(3, "", json="bootID", required=True)
    """A new id for each boot."""
    kernel_version: str = field(4, "", required=True)
    """The kernel's version, as uname -r tells it."""
    os_image: str = field(5, "", required=True)
    """The distribution's name and version, from /etc/os-release."""
    container_runtime_version: str = field(6, "", required=True)
    """The runtime and its version: containerd://1.7.24."""
    kubelet_version: str = field(7, "", required=True)
    """The kubelet's version."""
    kube_proxy_version: str = field(8, "", required=True)
    """Deprecated: the kubelet does not know the proxy's version."""
    operating_system: str = field(9, "", required=True)
    """linux or windows."""
    architecture: str = field(10, "", required=True)
    """The processor's, such as amd64 or arm64."""


class NodeConfigStatus(Model):
    """Which configuration a node uses (deprecated)."""

    assigned: NodeConfigSource | None = field(1, None)
    """The configuration that it shall use."""
    active: NodeConfigSource | None = field(2, None)
    """The configuration that it uses."""
    last_known_good: NodeConfigSource | None = field(3, None)
    """The configuration to go back to."""
    error: str = field(4, "")
    """What was wrong with the assigned configuration."""


class NodeRuntimeHandlerFeatures(Model):
    """What one runtime handler can do."""

    recursive_read_only_mounts: bool | None = field(1, None)
    """Whether it can make mounts read-only with all that lies below."""
    user_namespaces: bool | None = field(2, None)
    """Whether it can map a pod's user ids into a range of their own."""


class NodeRuntimeHandler(Model):
    """One runtime handler of a node."""

    name: str = field(1, "", required=True, optional=True)
    """What runtime classes call it; the default one has an empty name."""
    features: NodeRuntimeHandlerFeatures | None = field(2, None)
    """What it can do."""


class NodeFeatures(Model):
    """What the runtime of a node can do."""

    supplemental_groups_policy: bool | None = field(1, None)
    """Whether the runtime honours supplementalGroupsPolicy of pods."""


class NodeStatus(Model):
    """What the kubelet observed of its machine."""

    capacity: dict[str, Quantity] = field(1, {})
    """All that the machine has: cpu, memory, pods and so on."""
    allocatable: dict[str, Quantity] = field(2, {})
    """What of it pods may use: capacity less what is kept for the system. The scheduler counts with this."""
    phase: str = field(3, "")
    """Deprecated and never filled in; see conditions."""
    conditions: tuple[NodeCondition, ...] = field(
        4, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """How the node is: ready or not, short of memory, disk or process ids."""
    addresses: tuple[NodeAddress, ...] = field(
        5, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """Where it can be reached, by type."""
    daemon_endpoints: NodeDaemonEndpoints = field(6, NodeDaemonEndpoints)
    """Where its daemons listen."""
    node_info: NodeSystemInfo = field(7, NodeSystemInfo)
    """Kernel, distribution, runtime and kubelet: which of each, and the ids that tell the machine from others."""
    images: tuple[ContainerImage, ...] = field(8, (), list_type="atomic")
    """The biggest images that lie on the node; nodes that have a pod's images are preferred."""
    volumes_in_use: tuple[str, ...] = field(9, (), list_type="atomic")
    """Attached volumes that are mounted or about to be: they must not be detached."""
    volumes_attached: tuple[AttachedVolume, ...] = field(10, (), list_type="atomic")
    """Which volumes are attached to it now, as the attach controller knows."""
    config: NodeConfigStatus | None = field(11, None)
    """Deprecated: which configuration the kubelet uses."""
    runtime_handlers: tuple[NodeRuntimeHandler, ...] = field(12, (), list_type="atomic")
    """The ways in which its runtime can run containers, by name."""
    features: NodeFeatures | None = field(13, None)
    """Abilities of its runtime that do not depend on the handler."""


class Node(Object):
    """A machine of the cluster."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Node", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NodeSpec = field(2, NodeSpec)
    """Written by administrators and controllers, as kubectl cordon does."""
    status: NodeStatus = field(3, NodeStatus)
    """Written by its kubelet: resources, addresses, conditions, versions."""
