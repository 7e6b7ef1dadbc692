"""The seam to what runs containers: a Protocol of few methods, and the values that cross it.

* A pod is a sandbox (its network and cgroup) plus containers; ids are the runtime's own.
* Everything that we create carries the labels below: after a restart of the kubelet the runtime is the
  only memory of what runs, and what lacks them is not ours.
* `events` says "look again at this container"; it carries no state (level-triggered).
Real Kubernetes: cri-api's RuntimeService and ImageService. Left out: checkpoints, statistics that cgroups tell.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

POD_NAME = "io.kubernetes.pod.name"
POD_NAMESPACE = "io.kubernetes.pod.namespace"
POD_UID = "io.kubernetes.pod.uid"
CONTAINER_NAME = "io.kubernetes.container.name"
CONTAINER_HASH = "io.kubernetes.container.hash"
RESTART_COUNT = "io.kubernetes.container.restartCount"
TERMINATION_MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath"
TERMINATION_MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy"
TERMINATION_FILE = "io.kubernetes.container.terminationMessageFile"
GRACE_PERIOD = "io.kubernetes.pod.terminationGracePeriod"


class RuntimeFailure(Exception):
    """The runtime refused or failed; the text is what the user reads."""


class Unavailable(RuntimeFailure):
    """The runtime does not answer."""


class ImageFailure(RuntimeFailure):
    """An image could not be had. `reason` is the word shown as the container's waiting reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ContainerState(enum.Enum):
    CREATED = 0
    RUNNING = 1
    EXITED = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class RuntimeCondition:
    type: str
    status: bool
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class RuntimeVersion:
    name: str
    version: str


@dataclass(frozen=True)
class Image:
    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size: int = 0
    uid: int | None = None
    user: str = ""
    pinned: bool = False
    """The runtime itself needs it: its pause image."""


@dataclass(frozen=True)
class DiskUse:
    """How much of a file system something takes."""

    used_bytes: int = 0
    inodes: int = 0
    mountpoint: str = ""


@dataclass(frozen=True)
class Sandbox:
    """A sandbox as the runtime sees it. `ips` is empty when the pod uses the node's network."""

    id: str
    pod_uid: str
    pod_name: str
    pod_namespace: str
    ready: bool
    attempt: int
    created_at: datetime
    ips: tuple[str, ...] = ()
    grace_period: int = 30


@dataclass(frozen=True)
class RuntimeContainer:
    """A container as the runtime sees it, running or ended."""

    id: str
    sandbox_id: str
    pod_uid: str
    name: str
    attempt: int
    state: ContainerState
    created_at: datetime
    image: str = ""
    image_id: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    log_path: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return self.state is ContainerState.RUNNING


@dataclass(frozen=True)
class RuntimePod:
    """All that the runtime holds for one pod UID; newest first in both tuples."""

    uid: str
    name: str = ""
    namespace: str = ""
    sandboxes: tuple[Sandbox, ...] = ()
    containers: tuple[RuntimeContainer, ...] = ()

    def newest(self, name: str) -> RuntimeContainer | None:
        return next((c for c in self.containers if c.name == name), None)

    def history(self, name: str) -> tuple[RuntimeContainer, ...]:
        return tuple(c for c in self.containers if c.name == name)

    @property
    def sandbox(self) -> Sandbox | None:
        """The newest sandbox if it is ready."""
        return self.sandboxes[0] if self.sandboxes and self.sandboxes[0].ready else None


@dataclass(frozen=True)
class PortMapping:
    container_port: int
    host_port: int
    protocol: str = "TCP"
    host_ip: str = ""


@dataclass(frozen=True)
class Dns:
    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Namespaces:
    """Which of the node's namespaces a pod shares. `pid` is "container", "pod" or "node"."""

    host_network: bool = False
    host_ipc: bool = False
    pid: str = "container"


@dataclass(frozen=True)
class SandboxSpec:
    name: str
    namespace: str
    uid: str
    attempt: int = 0
    hostname: str = ""
    log_directory: str = ""
    dns: Dns | None = None
    ports: tuple[PortMapping, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    cgroup_parent: str = ""
    namespaces: Namespaces = Namespaces()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False
    runtime_handler: str = ""


@dataclass(frozen=True)
class Mount:
    host_path: str
    container_path: str
    read_only: bool = False
    propagation: str = "None"


@dataclass(frozen=True)
class Resources:
    cpu_shares: int = 0
    cpu_quota: int = 0
    cpu_period: int = 0
    memory_limit: int = 0
    oom_score_adj: int = 0


@dataclass(frozen=True)
class Security:
    privileged: bool = False
    run_as_user: int | None = None
    run_as_group: int | None = None
    read_only_rootfs: bool = False
    no_new_privileges: bool = False
    add_capabilities: tuple[str, ...] = ()
    drop_capabilities: tuple[str, ...] = ()
    supplemental_groups: tuple[int, ...] = ()
    masked_paths: tuple[str, ...] = ()
    read_only_paths: tuple[str, ...] = ()
    seccomp: str = "Unconfined"
    seccomp_file: str = ""
    app_armor: str = ""
    """RuntimeDefault, Unconfined or Localhost; "" for whatever the runtime does."""
    app_armor_profile: str = ""


@dataclass(frozen=True)
class ContainerSpec:
    name: str
    image: str
    attempt: int = 0
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    log_path: str = ""
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    resources: Resources = Resources()
    security: Security = Security()
    target_id: str = ""
    """The container whose processes this one sees; "" for its own alone (or as the pod says)."""


@dataclass(frozen=True)
class ExecResult:
    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""


@dataclass(frozen=True)
class Streams:
    """What a client wants to be connected to."""

    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


@dataclass(frozen=True)
class RegistryLogin:
    username: str
    password: str


class Runtime(Protocol):
    """What the kubelet needs of a container runtime. Missing things are no error for stop and remove."""

    async def version(self) -> RuntimeVersion: ...

    async def conditions(self) -> tuple[RuntimeCondition, ...]: ...

    async def pods(self, uid: str = "") -> dict[str, RuntimePod]:
        """Our pods by UID (only that one, if given), with the full state of every container."""

    async def run_sandbox(self, spec: SandboxSpec) -> Sandbox: ...

    async def stop_sandbox(self, sandbox_id: str) -> None: ...

    async def remove_sandbox(self, sandbox_id: str) -> None: ...

    async def create_container(self, sandbox_id: str, spec: ContainerSpec, sandbox: SandboxSpec) -> str: ...

    async def start_container(self, container_id: str) -> None: ...

    async def stop_container(self, container_id: str, grace: float) -> None: ...

    async def remove_container(self, container_id: str) -> None: ...

    async def exec_sync(self, container_id: str, command: tuple[str, ...], timeout: float) -> ExecResult: ...

    async def exec(self, container_id: str, command: tuple[str, ...], streams: Streams) -> str:
        """The address (a URL on this node) where one client may upgrade its connection to a new process."""

    async def attach(self, container_id: str, streams: Streams) -> str:
        """The same for the process that runs."""

    async def port_forward(self, sandbox_id: str, ports: tuple[int, ...]) -> str:
        """The same for ports inside the pod."""

    async def update_resources(self, container_id: str, resources: Resources) -> None:
        """Other limits for a container that runs."""

    async def image(self, reference: str) -> Image | None: ...

    async def images(self) -> tuple[Image, ...]: ...

    async def pull(self, reference: str, login: RegistryLogin | None, sandbox: SandboxSpec) -> str:
        """Fetches an image and returns its id; raises ImageFailure."""

    async def remove_image(self, image_id: str) -> None: ...

    async def blobs(self) -> set[str]:
        """Digests of the layers (and descriptions) of images that are here."""

    async def load(self, archive: AsyncIterator[bytes]) -> None:
        """Takes in the images of an OCI archive, which may leave out what is here; raises RuntimeFailure."""

    async def image_disk(self) -> DiskUse:
        """Where the images lie, and how much of that disk they take. An empty mountpoint: nowhere."""

    async def written_layers(self) -> dict[str, DiskUse]:
        """Container id -> what it has written beside its volumes."""

    async def reopen_log(self, container_id: str) -> None:
        """Its log file was moved away: from now on it writes to a new one."""

    def events(self) -> AsyncIterator[str]:
        """Ids of containers whose state changed; an empty id means: anything may have (look at all)."""

    async def close(self) -> None: ...
