"""What the kubelet reports of a container."""

from machinery.api.core.v1.container import ResourceRequirements
from machinery.api.model import Int32, Int64, Model, Quantity, Time, field


class ContainerStateWaiting(Model):
    """Why the container does not run yet."""

    reason: str = field(1, "")
    """Why it waits, as one word: ContainerCreating, ImagePullBackOff, CrashLoopBackOff …"""
    message: str = field(2, "")
    """The same for people to read."""


class ContainerStateRunning(Model):
    """Since when the container runs."""

    started_at: Time | None = field(1, None)
    """Since when this run goes."""


class ContainerStateTerminated(Model):
    """How the container ended."""

    exit_code: Int32 = field(1, 0, required=True)
    """The exit code of its first process; 0 is success, 128 and more mostly a signal."""
    signal: Int32 = field(2, 0)
    """The signal that ended it, if the runtime tells."""
    reason: str = field(3, "")
    """Why it ended, as one word: Completed, Error, OOMKilled …"""
    message: str = field(4, "")
    """Its last words, from the termination message file."""
    started_at: Time | None = field(5, None)
    """When this run began."""
    finished_at: Time | None = field(6, None)
    """When it ended."""
    container_id: str = field(7, "", json="containerID")
    """The runtime's id of this run: containerd://…"""


class ContainerState(Model):
    """What a container does now: waits, runs or has ended; exactly one is set."""

    waiting: ContainerStateWaiting | None = field(1, None)
    """It does not run yet, or not again: here is why."""
    running: ContainerStateRunning | None = field(2, None)
    """It runs: here is since when."""
    terminated: ContainerStateTerminated | None = field(3, None)
    """It has ended: here is how."""


class VolumeMountStatus(Model):
    """How a volume is mounted."""

    name: str = field(1, "", required=True)
    """The name of the mounted volume."""
    mount_path: str = field(2, "", required=True)
    """The path inside the container where it is mounted."""
    read_only: bool = field(3, False)
    """Whether it is mounted read-only."""
    recursive_read_only: str | None = field(4, None)
    """Whether mounts below are read-only, too: Disabled or Enabled."""


class LinuxContainerUser(Model):
    """User and groups of a Linux process."""

    uid: Int64 = field(1, 0, required=True)
    """The user id with which the first process started."""
    gid: Int64 = field(2, 0, required=True)
    """The id of its primary group."""
    supplemental_groups: tuple[Int64, ...] = field(3, (), list_type="atomic")
    """The ids of its further groups."""


class ContainerUser(Model):
    """The user that the first process of the container runs as."""

    linux: LinuxContainerUser | None = field(1, None)
    """As ids, for containers on Linux."""


class ResourceHealth(Model):
    """The health of one device."""

    resource_id: str = field(1, "", json="resourceID", required=True)
    """The device's id, unique within its resource."""
    health: str = field(2, "")
    """Healthy, Unhealthy or Unknown."""


class ResourceStatus(Model):
    """The health of the devices of one resource."""

    name: str = field(1, "", required=True)
    """The resource: a name such as example.com/gpu, or claim: and a device claim's name."""
    resources: tuple[ResourceHealth, ...] = field(2, (), list_type="map", list_keys=("resourceID",))
    """The devices and how they are."""


class ContainerStatus(Model):
    """What the kubelet observed of one container."""

    name: str = field(1, "", required=True)
    """The container's name in the pod's spec."""
    state: ContainerState = field(2, ContainerState)
    """What it does now."""
    last_state: ContainerState = field(3, ContainerState)
    """How its previous run ended; empty if this is the first."""
    ready: bool = field(4, False, required=True)
    """Whether its readiness probe succeeds, or it runs and has none."""
    restart_count: Int32 = field(5, 0, required=True)
    """How often it was started again. Old runs that are cleaned up may lower it."""
    image: str = field(6, "", required=True)
    """The image that it runs; it may be another name of the one asked for."""
    image_id: str = field(7, "", json="imageID", required=True)
    """The exact image, mostly with its digest."""
    container_id: str = field(8, "", json="containerID")
    """The runtime's id of this run: containerd://…"""
    started: bool | None = field(9, None)
    """Whether its startup probe has succeeded, or it has none and its postStart hook is done."""
    allocated_resources: dict[str, Quantity] = field(10, {})
    """The requests that the node has set aside for it, while a resize may be on its way."""
    resources: ResourceRequirements | None = field(11, None)
    """The requests and limits that hold now for the running container."""
    volume_mounts: tuple[VolumeMountStatus, ...] = field(
        12, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    """Its volumes with the way they are really mounted."""
    user: ContainerUser | None = field(13, None)
    """The user and groups with which its first process started."""
    allocated_resources_status: tuple[ResourceStatus, ...] = field(
        14, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Whether the devices that it was given are healthy, by resource (alpha)."""
