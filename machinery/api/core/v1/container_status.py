"""What the kubelet reports of a container."""

from machinery.api.core.v1.container import ResourceRequirements
from machinery.api.model import Int32, Int64, Model, Quantity, Time, field


class ContainerStateWaiting(Model):
    """Why the container does not run yet."""

    reason: str = field(1, "")
    message: str = field(2, "")


class ContainerStateRunning(Model):
    """Since when the container runs."""

    started_at: Time | None = field(1, None)


class ContainerStateTerminated(Model):
    """How the container ended."""

    exit_code: Int32 = field(1, 0, required=True)
    signal: Int32 = field(2, 0)
    reason: str = field(3, "")
    message: str = field(4, "")
    started_at: Time | None = field(5, None)
    finished_at: Time | None = field(6, None)
    container_id: str = field(7, "", json="containerID")


class ContainerState(Model):
    """What a container does now: waits, runs or has ended; exactly one is set."""

    waiting: ContainerStateWaiting | None = field(1, None)
    running: ContainerStateRunning | None = field(2, None)
    terminated: ContainerStateTerminated | None = field(3, None)


class VolumeMountStatus(Model):
    """How a volume is mounted."""

    name: str = field(1, "", required=True)
    mount_path: str = field(2, "", required=True)
    read_only: bool = field(3, False)
    recursive_read_only: str | None = field(4, None)


class LinuxContainerUser(Model):
    """User and groups of a Linux process."""

    uid: Int64 = field(1, 0, required=True)
    gid: Int64 = field(2, 0, required=True)
    supplemental_groups: tuple[Int64, ...] = field(3, (), list_type="atomic")


class ContainerUser(Model):
    """The user that the first process of the container runs as."""

    linux: LinuxContainerUser | None = field(1, None)


class ResourceHealth(Model):
    """The health of one device."""

    resource_id: str = field(1, "", json="resourceID", required=True)
    health: str = field(2, "")


class ResourceStatus(Model):
    """The health of the devices of one resource."""

    name: str = field(1, "", required=True)
    resources: tuple[ResourceHealth, ...] = field(2, (), list_type="map", list_keys=("resourceID",))


class ContainerStatus(Model):
    """What the kubelet observed of one container."""

    name: str = field(1, "", required=True)
    state: ContainerState = field(2, ContainerState)
    last_state: ContainerState = field(3, ContainerState)
    ready: bool = field(4, False, required=True)
    restart_count: Int32 = field(5, 0, required=True)
    image: str = field(6, "", required=True)
    image_id: str = field(7, "", json="imageID", required=True)
    container_id: str = field(8, "", json="containerID")
    started: bool | None = field(9, None)
    allocated_resources: dict[str, Quantity] = field(10, {})
    resources: ResourceRequirements | None = field(11, None)
    volume_mounts: tuple[VolumeMountStatus, ...] = field(
        12, (), merge="merge", merge_key="mountPath", list_type="map", list_keys=("mountPath",)
    )
    user: ContainerUser | None = field(13, None)
    allocated_resources_status: tuple[ResourceStatus, ...] = field(
        14, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
