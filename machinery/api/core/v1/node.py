"""Node."""

from machinery.api.core.v1.scheduling import Taint
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Quantity, Time, field


class AttachedVolume(Model):
    """A volume that is attached to a node."""

    name: str = field(1, "", required=True)
    device_path: str = field(2, "", required=True)


class ConfigMapNodeConfigSource(Model):
    """Where a node once read its configuration from."""

    namespace: str = field(1, "", required=True)
    name: str = field(2, "", required=True)
    uid: str = field(3, "")
    resource_version: str = field(4, "")
    kubelet_config_key: str = field(5, "", required=True)


class ContainerImage(Model):
    """An image that a node holds, by its names and size."""

    names: tuple[str, ...] = field(1, (), required=True, optional=True, list_type="atomic")
    size_bytes: Int64 = field(2, 0)


class DaemonEndpoint(Model):
    """The port of a daemon on a node."""

    port: Int32 = field(1, 0, json="Port", required=True)


class NodeConfigSource(Model):
    """Where a node's configuration comes from (deprecated)."""

    config_map: ConfigMapNodeConfigSource | None = field(2, None)


class NodeSpec(Model):
    """What is decided about a node: pod CIDR, taints, whether it takes pods."""

    pod_cidr: str = field(1, "", json="podCIDR")
    pod_cidrs: tuple[str, ...] = field(7, (), json="podCIDRs", merge="merge", list_type="set")
    provider_id: str = field(3, "", json="providerID")
    unschedulable: bool = field(4, False)
    taints: tuple[Taint, ...] = field(5, (), list_type="atomic")
    config_source: NodeConfigSource | None = field(6, None)
    external_id: str = field(2, "", json="externalID")


class NodeCondition(Model):
    """One observed aspect of a node, with its last heartbeat."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_heartbeat_time: Time | None = field(3, None)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class NodeAddress(Model):
    """One address of a node and its type."""

    type: str = field(1, "", required=True)
    address: str = field(2, "", required=True)


class NodeDaemonEndpoints(Model):
    """Ports of the daemons on a node."""

    kubelet_endpoint: DaemonEndpoint = field(1, DaemonEndpoint)


class NodeSystemInfo(Model):
    """Versions and ids of a machine."""

    machine_id: str = field(1, "", json="machineID", required=True)
    system_uuid: str = field(2, "", json="systemUUID", required=True)
    boot_id: str = field(3, "", json="bootID", required=True)
    kernel_version: str = field(4, "", required=True)
    os_image: str = field(5, "", required=True)
    container_runtime_version: str = field(6, "", required=True)
    kubelet_version: str = field(7, "", required=True)
    kube_proxy_version: str = field(8, "", required=True)
    operating_system: str = field(9, "", required=True)
    architecture: str = field(10, "", required=True)


class NodeConfigStatus(Model):
    """Which configuration a node uses (deprecated)."""

    assigned: NodeConfigSource | None = field(1, None)
    active: NodeConfigSource | None = field(2, None)
    last_known_good: NodeConfigSource | None = field(3, None)
    error: str = field(4, "")


class NodeRuntimeHandlerFeatures(Model):
    """What one runtime handler can do."""

    recursive_read_only_mounts: bool | None = field(1, None)
    user_namespaces: bool | None = field(2, None)


class NodeRuntimeHandler(Model):
    """One runtime handler of a node."""

    name: str = field(1, "", required=True, optional=True)
    features: NodeRuntimeHandlerFeatures | None = field(2, None)


class NodeFeatures(Model):
    """What the runtime of a node can do."""

    supplemental_groups_policy: bool | None = field(1, None)


class NodeStatus(Model):
    """What the kubelet observed of its machine."""

    capacity: dict[str, Quantity] = field(1, {})
    allocatable: dict[str, Quantity] = field(2, {})
    phase: str = field(3, "")
    conditions: tuple[NodeCondition, ...] = field(
        4, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    addresses: tuple[NodeAddress, ...] = field(
        5, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    daemon_endpoints: NodeDaemonEndpoints = field(6, NodeDaemonEndpoints)
    node_info: NodeSystemInfo = field(7, NodeSystemInfo)
    images: tuple[ContainerImage, ...] = field(8, (), list_type="atomic")
    volumes_in_use: tuple[str, ...] = field(9, (), list_type="atomic")
    volumes_attached: tuple[AttachedVolume, ...] = field(10, (), list_type="atomic")
    config: NodeConfigStatus | None = field(11, None)
    runtime_handlers: tuple[NodeRuntimeHandler, ...] = field(12, (), list_type="atomic")
    features: NodeFeatures | None = field(13, None)


class Node(Object):
    """A machine of the cluster."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Node", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NodeSpec = field(2, NodeSpec)
    status: NodeStatus = field(3, NodeStatus)
