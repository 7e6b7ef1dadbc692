"""Container and what it is made of: ports, mounts, probes, lifecycle hooks, resources."""

from machinery.api.core.v1.environment import EnvFromSource, EnvVar
from machinery.api.core.v1.security import SecurityContext
from machinery.api.model import Int32, Int64, IntOrString, Model, Quantity, field


class ContainerPort(Model):
    """A port that a container listens on."""

    name: str = field(1, "")
    host_port: Int32 = field(2, 0)
    container_port: Int32 = field(3, 0, required=True)
    protocol: str = field(4, "", openapi_default="TCP")
    host_ip: str = field(5, "", json="hostIP")


class ResourceClaim(Model):
    """A device claim that a container uses."""

    name: str = field(1, "", required=True)
    request: str = field(2, "")


class ResourceRequirements(Model):
    """What a container needs, and what it may not exceed."""

    limits: dict[str, Quantity] = field(1, {})
    requests: dict[str, Quantity] = field(2, {})
    claims: tuple[ResourceClaim, ...] = field(3, (), list_type="map", list_keys=("name",))


class ContainerResizePolicy(Model):
    """Whether a change of a resource restarts the container."""

    resource_name: str = field(1, "", required=True)
    restart_policy: str = field(2, "", required=True)


class VolumeMount(Model):
    """Where a container sees a volume."""

    name: str = field(1, "", required=True)
    read_only: bool = field(2, False)
    recursive_read_only: str | None = field(7, None)
    mount_path: str = field(3, "", required=True)
    sub_path: str = field(4, "")
    mount_propagation: str | None = field(5, None)
    sub_path_expr: str = field(6, "")


class VolumeDevice(Model):
    """A raw block device inside a container."""

    name: str = field(1, "", required=True)
    device_path: str = field(2, "", required=True)


class ExecAction(Model):
    """A command to run inside the container."""

    command: tuple[str, ...] = field(1, (), list_type="atomic")


class HTTPHeader(Model):
    """A header of a probe's request."""

    name: str = field(1, "", required=True)
    value: str = field(2, "", required=True)


class HTTPGetAction(Model):
    """A GET that must answer 200 to 399."""

    path: str = field(1, "")
    port: IntOrString | None = field(2, None, required=True)
    host: str = field(3, "")
    scheme: str = field(4, "")
    http_headers: tuple[HTTPHeader, ...] = field(5, (), list_type="atomic")


class TCPSocketAction(Model):
    """A port that must accept a connection."""

    port: IntOrString | None = field(1, None, required=True)
    host: str = field(2, "")


class GRPCAction(Model):
    """A call of the gRPC health service."""

    port: Int32 = field(1, 0, required=True)
    service: str | None = field(2, None, required=True, optional=True)


class ProbeHandler(Model):
    """How a probe asks; exactly one is set."""

    exec: ExecAction | None = field(1, None)
    http_get: HTTPGetAction | None = field(2, None)
    tcp_socket: TCPSocketAction | None = field(3, None)
    grpc: GRPCAction | None = field(4, None)


class Probe(ProbeHandler, inline=1):
    """How, how often and how patiently to ask a container how it is."""

    initial_delay_seconds: Int32 = field(2, 0)
    timeout_seconds: Int32 = field(3, 0)
    period_seconds: Int32 = field(4, 0)
    success_threshold: Int32 = field(5, 0)
    failure_threshold: Int32 = field(6, 0)
    termination_grace_period_seconds: Int64 | None = field(7, None)


class SleepAction(Model):
    """A pause."""

    seconds: Int64 = field(1, 0, required=True)


class LifecycleHandler(Model):
    """One action of a lifecycle hook; exactly one is set."""

    exec: ExecAction | None = field(1, None)
    http_get: HTTPGetAction | None = field(2, None)
    tcp_socket: TCPSocketAction | None = field(3, None)
    sleep: SleepAction | None = field(4, None)


class Lifecycle(Model):
    """What to do right after a container starts and right before it stops."""

    post_start: LifecycleHandler | None = field(1, None)
    pre_stop: LifecycleHandler | None = field(2, None)


class Container(Model):
    """One program of a pod: image, command, environment, mounts, probes, limits."""

    name: str = field(1, "", required=True)
    image: str = field(2, "")
    command: tuple[str, ...] = field(3, (), list_type="atomic")
    args: tuple[str, ...] = field(4, (), list_type="atomic")
    working_dir: str = field(5, "")
    ports: tuple[ContainerPort, ...] = field(
        6, (), merge="merge", merge_key="containerPort", list_type="map", list_keys=("containerPort", "protocol")
    )
    env_from: tuple[EnvFromSource, ...] = field(19, (), list_type="atomic")
    env: tuple[EnvVar, ...] = field(7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",))
    resources: ResourceRequirements = field(8, ResourceRequirements)
    resize_policy: tuple[ContainerResizePolicy, ...] = field(23, (), list_type="atomic")
    restart_policy: str | None = field(24, None)
    volume_mounts: tuple[VolumeMount, ...] = field(
        9, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    volume_devices: tuple[VolumeDevice, ...] = field(
        21, (), merge="merge", merge_key="devicePath", list_type="map", list_keys=("devicePath",)
    )
    liveness_probe: Probe | None = field(10, None)
    readiness_probe: Probe | None = field(11, None)
    startup_probe: Probe | None = field(22, None)
    lifecycle: Lifecycle | None = field(12, None)
    termination_message_path: str = field(13, "")
    termination_message_policy: str = field(20, "")
    image_pull_policy: str = field(14, "")
    security_context: SecurityContext | None = field(15, None)
    stdin: bool = field(16, False)
    stdin_once: bool = field(17, False)
    tty: bool = field(18, False)


class EphemeralContainerCommon(Model):
    """What an ephemeral container shares with ordinary ones."""

    name: str = field(1, "", required=True)
    image: str = field(2, "")
    command: tuple[str, ...] = field(3, (), list_type="atomic")
    args: tuple[str, ...] = field(4, (), list_type="atomic")
    working_dir: str = field(5, "")
    ports: tuple[ContainerPort, ...] = field(
        6, (), merge="merge", merge_key="containerPort", list_type="map", list_keys=("containerPort", "protocol")
    )
    env_from: tuple[EnvFromSource, ...] = field(19, (), list_type="atomic")
    env: tuple[EnvVar, ...] = field(7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",))
    resources: ResourceRequirements = field(8, ResourceRequirements)
    resize_policy: tuple[ContainerResizePolicy, ...] = field(23, (), list_type="atomic")
    restart_policy: str | None = field(24, None)
    volume_mounts: tuple[VolumeMount, ...] = field(
        9, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    volume_devices: tuple[VolumeDevice, ...] = field(
        21, (), merge="merge", merge_key="devicePath", list_type="map", list_keys=("devicePath",)
    )
    liveness_probe: Probe | None = field(10, None)
    readiness_probe: Probe | None = field(11, None)
    startup_probe: Probe | None = field(22, None)
    lifecycle: Lifecycle | None = field(12, None)
    termination_message_path: str = field(13, "")
    termination_message_policy: str = field(20, "")
    image_pull_policy: str = field(14, "")
    security_context: SecurityContext | None = field(15, None)
    stdin: bool = field(16, False)
    stdin_once: bool = field(17, False)
    tty: bool = field(18, False)


class EphemeralContainer(EphemeralContainerCommon, inline=1):
    """A container that joins a running pod to look at it."""

    target_container_name: str = field(2, "")
