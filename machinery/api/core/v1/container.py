"""Container and what it is made of: ports, mounts, probes, lifecycle hooks, resources."""

from machinery.api.core.v1.environment import EnvFromSource, EnvVar
from machinery.api.core.v1.security import SecurityContext
from machinery.api.model import Int32, Int64, IntOrString, Model, Quantity, field


class ContainerPort(Model):
    """A port that a container listens on."""

    name: str = field(1, "")
    """A name for the port, up to 15 characters, which services can use in place of the number."""
    host_port: Int32 = field(2, 0)
    """A port of the node that leads here. Only one pod per node can have it, so seldom useful."""
    container_port: Int32 = field(3, 0, required=True)
    """The port that the container listens on, 1 to 65535. For information: unlisted ports work as well."""
    protocol: str = field(4, "", openapi_default="TCP")
    """TCP (the default), UDP or SCTP."""
    host_ip: str = field(5, "", json="hostIP")
    """The address of the node that hostPort is bound to; all of them if not said."""


class ResourceClaim(Model):
    """A device claim that a container uses."""

    name: str = field(1, "", required=True)
    """The name of a claim in the pod's resourceClaims."""
    request: str = field(2, "")
    """One request of that claim; all of them if not said."""


class ResourceRequirements(Model):
    """What a container needs, and what it may not exceed."""

    limits: dict[str, Quantity] = field(1, {})
    """The most it may use: beyond its cpu it is slowed down, beyond its memory killed."""
    requests: dict[str, Quantity] = field(2, {})
    """What is set aside for it when a node is chosen; as much as limits if only those are given."""
    claims: tuple[ResourceClaim, ...] = field(3, (), list_type="map", list_keys=("name",))
    """Which of the pod's resourceClaims the container gets devices from."""


class ContainerResizePolicy(Model):
    """Whether a change of a resource restarts the container."""

    resource_name: str = field(1, "", required=True)
    """cpu or memory."""
    restart_policy: str = field(2, "", required=True)
    """NotRequired (the default) changes it in the running container, RestartContainer restarts it."""


class VolumeMount(Model):
    """Where a container sees a volume."""

    name: str = field(1, "", required=True)
    """The name of one of the pod's volumes."""
    read_only: bool = field(2, False)
    """Whether the container may only read. Default false."""
    recursive_read_only: str | None = field(7, None)
    """Whether mounts below are read-only, too: Disabled (default), IfPossible or Enabled."""
    mount_path: str = field(3, "", required=True)
    """The path inside the container where the volume appears; no colon in it."""
    sub_path: str = field(4, "")
    """A path inside the volume to mount in place of its root."""
    mount_propagation: str | None = field(5, None)
    """Whether later mounts are passed on: None (default), HostToContainer or Bidirectional."""
    sub_path_expr: str = field(6, "")
    """Like subPath, with $(NAME) replaced by the container's environment. Set one of the two."""


class VolumeDevice(Model):
    """A raw block device inside a container."""

    name: str = field(1, "", required=True)
    """The name of one of the pod's volumes, which must be a claim in Block mode."""
    device_path: str = field(2, "", required=True)
    """Where the device appears inside the container, such as /dev/xvda."""


class ExecAction(Model):
    """A command to run inside the container."""

    command: tuple[str, ...] = field(1, (), list_type="atomic")
    """The command and its arguments, run without a shell; exit code 0 is success. Its directory is /."""


class HTTPHeader(Model):
    """A header of a probe's request."""

    name: str = field(1, "", required=True)
    """Such as Host or Accept."""
    value: str = field(2, "", required=True)
    """What it is set to."""


class HTTPGetAction(Model):
    """A GET that must answer 200 to 399."""

    path: str = field(1, "")
    """The path to ask for, / if not said."""
    port: IntOrString | None = field(2, None, required=True)
    """The container's port, by number (1 to 65535) or by name."""
    host: str = field(3, "")
    """The host to connect to; the pod's address if not said. For virtual hosts set the header Host."""
    scheme: str = field(4, "")
    """HTTP (the default) or HTTPS, whose certificate is not checked."""
    http_headers: tuple[HTTPHeader, ...] = field(5, (), list_type="atomic")
    """Headers to send; the same name may come more than once."""


class TCPSocketAction(Model):
    """A port that must accept a connection."""

    port: IntOrString | None = field(1, None, required=True)
    """The container's port, by number (1 to 65535) or by name."""
    host: str = field(2, "")
    """The host to connect to; the pod's address if not said."""


class GRPCAction(Model):
    """A call of the gRPC health service."""

    port: Int32 = field(1, 0, required=True)
    """The port of the gRPC server, by number: 1 to 65535."""
    service: str | None = field(2, None, required=True, optional=True)
    """The service to name in the health request; empty asks for the server as a whole."""


class ProbeHandler(Model):
    """How a probe asks; exactly one is set."""

    exec: ExecAction | None = field(1, None)
    """Runs a command in the container; exit code 0 is success."""
    http_get: HTTPGetAction | None = field(2, None)
    """Sends an HTTP request to the pod; any status from 200 to 399 is success."""
    tcp_socket: TCPSocketAction | None = field(3, None)
    """Opens a TCP connection to the pod; that it opens is success."""
    grpc: GRPCAction | None = field(4, None)
    """Asks the pod's gRPC server for its health; SERVING is success."""


class Probe(ProbeHandler, inline=1):
    """How, how often and how patiently to ask a container how it is."""

    initial_delay_seconds: Int32 = field(2, 0)
    """Seconds from the container's start to the first probe. Default 0."""
    timeout_seconds: Int32 = field(3, 0)
    """Seconds after which a probe without an answer has failed. Default 1."""
    period_seconds: Int32 = field(4, 0)
    """Seconds from one probe to the next. Default 10, at least 1."""
    success_threshold: Int32 = field(5, 0)
    """Successes in a row after a failure that count as success. Default 1; must be 1 except for readiness."""
    failure_threshold: Int32 = field(6, 0)
    """Failures in a row after a success that count as failure. Default 3."""
    termination_grace_period_seconds: Int64 | None = field(7, None)
    """Seconds to stop in when this probe fails; the pod's own if not said. Not for readiness."""


class SleepAction(Model):
    """A pause."""

    seconds: Int64 = field(1, 0, required=True)
    """How long to wait, in seconds."""


class LifecycleHandler(Model):
    """One action of a lifecycle hook; exactly one is set."""

    exec: ExecAction | None = field(1, None)
    """Starts a program in the container, such as one that lets connections drain."""
    http_get: HTTPGetAction | None = field(2, None)
    """Sends an HTTP request to the pod."""
    tcp_socket: TCPSocketAction | None = field(3, None)
    """Deprecated and without effect; kept for old manifests."""
    sleep: SleepAction | None = field(4, None)
    """Waits for some seconds."""


class Lifecycle(Model):
    """What to do right after a container starts and right before it stops."""

    post_start: LifecycleHandler | None = field(1, None)
    """Done right after the container is created; if it fails, the container is stopped and restarted by policy."""
    pre_stop: LifecycleHandler | None = field(2, None)
    """Done before the container is told to stop, within the grace period. Not done when it ends by itself."""


class Container(Model):
    """One program of a pod: image, command, environment, mounts, probes, limits."""

    name: str = field(1, "", required=True)
    """A DNS label, unique among the pod's containers. It cannot be changed."""
    image: str = field(2, "")
    """The image to run, such as registry.example.com/team/app:1.2."""
    command: tuple[str, ...] = field(3, (), list_type="atomic")
    """The program and first arguments in place of the image's ENTRYPOINT; no shell. $(NAME) is replaced from env."""
    args: tuple[str, ...] = field(4, (), list_type="atomic")
    """Arguments in place of the image's CMD. $(NAME) is replaced from env, and $$(NAME) stands for itself."""
    working_dir: str = field(5, "")
    """The directory to start in; the image's own if not said."""
    ports: tuple[ContainerPort, ...] = field(
        6, (), merge="merge", merge_key="containerPort", list_type="map", list_keys=("containerPort", "protocol")
    )
    """Ports that the container listens on, mostly so that others can use their names."""
    env_from: tuple[EnvFromSource, ...] = field(19, (), list_type="atomic")
    """ConfigMaps and Secrets whose every key becomes an environment variable. Values in env win."""
    env: tuple[EnvVar, ...] = field(7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",))
    """Environment variables of the container."""
    resources: ResourceRequirements = field(8, ResourceRequirements)
    """How much cpu, memory and so on to set aside for the container, and how much it may use."""
    resize_policy: tuple[ContainerResizePolicy, ...] = field(23, (), list_type="atomic")
    """Whether changing cpu or memory restarts the container; what is not named here changes without."""
    restart_policy: str | None = field(24, None)
    """Only for init containers: Always makes one a sidecar, which keeps running beside the others."""
    volume_mounts: tuple[VolumeMount, ...] = field(
        9, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    """Which of the pod's volumes the container sees, and where."""
    volume_devices: tuple[VolumeDevice, ...] = field(
        21, (), merge="merge", merge_key="devicePath", list_type="map", list_keys=("devicePath",)
    )
    """Claims in Block mode that it uses as devices in place of mounting them."""
    liveness_probe: Probe | None = field(10, None)
    """Is it alive? When this fails, the container is killed and restarted."""
    readiness_probe: Probe | None = field(11, None)
    """Can it serve? While this fails, services send the pod no traffic."""
    startup_probe: Probe | None = field(22, None)
    """Has it started? Until this succeeds the other probes wait; if it fails, the container is restarted."""
    lifecycle: Lifecycle | None = field(12, None)
    """Hooks: postStart after it is created, preStop before it is told to end."""
    termination_message_path: str = field(13, "")
    """The file from which its last words are read into the status. Default /dev/termination-log."""
    termination_message_policy: str = field(20, "")
    """File (default) reads that file only; FallbackToLogsOnError takes the log's end if it is empty."""
    image_pull_policy: str = field(14, "")
    """Always, IfNotPresent or Never. Default Always for the tag :latest or none, else IfNotPresent."""
    security_context: SecurityContext | None = field(15, None)
    """The user, privileges and capabilities of the container; wins over the pod's."""
    stdin: bool = field(16, False)
    """Whether to keep a standard input open, for attach. Default false: reads see the end of the file."""
    stdin_once: bool = field(17, False)
    """Whether standard input is closed when the first who attached leaves. Default false."""
    tty: bool = field(18, False)
    """Whether to give the container a terminal; needs stdin. Default false."""


class EphemeralContainerCommon(Model):
    """What an ephemeral container shares with ordinary ones."""

    name: str = field(1, "", required=True)
    """A DNS label, unique among all containers of the pod."""
    image: str = field(2, "")
    """The image to run, such as busybox."""
    command: tuple[str, ...] = field(3, (), list_type="atomic")
    """The program and first arguments in place of the image's ENTRYPOINT; no shell. $(NAME) is replaced from env."""
    args: tuple[str, ...] = field(4, (), list_type="atomic")
    """Arguments in place of the image's CMD. $(NAME) is replaced from env, and $$(NAME) stands for itself."""
    working_dir: str = field(5, "")
    """The directory to start in; the image's own if not said."""
    ports: tuple[ContainerPort, ...] = field(
        6, (), merge="merge", merge_key="containerPort", list_type="map", list_keys=("containerPort", "protocol")
    )
    """Not allowed for ephemeral containers."""
    env_from: tuple[EnvFromSource, ...] = field(19, (), list_type="atomic")
    """ConfigMaps and Secrets whose every key becomes an environment variable. Values in env win."""
    env: tuple[EnvVar, ...] = field(7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",))
    """Environment variables of the container."""
    resources: ResourceRequirements = field(8, ResourceRequirements)
    """Not allowed for ephemeral containers: they use what the pod has left."""
    resize_policy: tuple[ContainerResizePolicy, ...] = field(23, (), list_type="atomic")
    """Not allowed for ephemeral containers."""
    restart_policy: str | None = field(24, None)
    """Not allowed for ephemeral containers: they are never restarted."""
    volume_mounts: tuple[VolumeMount, ...] = field(
        9, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    """Which of the pod's volumes the container sees, and where; without subPath."""
    volume_devices: tuple[VolumeDevice, ...] = field(
        21, (), merge="merge", merge_key="devicePath", list_type="map", list_keys=("devicePath",)
    )
    """Claims in Block mode that it uses as devices in place of mounting them."""
    liveness_probe: Probe | None = field(10, None)
    """Not allowed for ephemeral containers."""
    readiness_probe: Probe | None = field(11, None)
    """Not allowed for ephemeral containers."""
    startup_probe: Probe | None = field(22, None)
    """Not allowed for ephemeral containers."""
    lifecycle: Lifecycle | None = field(12, None)
    """Not allowed for ephemeral containers."""
    termination_message_path: str = field(13, "")
    """The file from which its last words are read into the status. Default /dev/termination-log."""
    termination_message_policy: str = field(20, "")
    """File (default) reads that file only; FallbackToLogsOnError takes the log's end if it is empty."""
    image_pull_policy: str = field(14, "")
    """Always, IfNotPresent or Never. Default Always for the tag :latest or none, else IfNotPresent."""
    security_context: SecurityContext | None = field(15, None)
    """The user, privileges and capabilities of the container; wins over the pod's."""
    stdin: bool = field(16, False)
    """Whether to keep a standard input open, for attach. Default false: reads see the end of the file."""
    stdin_once: bool = field(17, False)
    """Whether standard input is closed when the first who attached leaves. Default false."""
    tty: bool = field(18, False)
    """Whether to give the container a terminal; needs stdin. Default false."""


class EphemeralContainer(EphemeralContainerCommon, inline=1):
    """A container that joins a running pod to look at it."""

    target_container_name: str = field(2, "")
    """The container whose processes it joins, to see and trace them; its own ones if not said."""
