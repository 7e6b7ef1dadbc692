"""What the pod workers work with, and what each remembers of its pod between two looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from kubelet.cgroups import Cgroups, NoCgroups
from kubelet.config import Config
from kubelet.containers.sandbox import HostDns
from kubelet.images import Images
from kubelet.pods.backoff import Delay
from kubelet.pods.containers_status import Waiting
from kubelet.pods.status import Verdict
from kubelet.pods.writer import StatusWriter
from kubelet.probes.prober import Prober
from kubelet.runtime.interface import Runtime, RuntimePod
from kubelet.tell import Tell
from kubelet.volumes.mounter import Mounter
from machinery.api.core.v1 import Pod, ResourceRequirements, Service
from machinery.client.events import EventRecorder
from machinery.client.rest import Client
from machinery.component.clock import Clock


@dataclass(frozen=True)
class Tools:
    """One of each, shared by all workers."""

    config: Config
    clock: Clock
    client: Client
    runtime: Runtime
    runtime_name: str
    images: Images
    mounter: Mounter
    cgroups: Cgroups | NoCgroups
    prober: Prober
    writer: StatusWriter
    recorder: EventRecorder
    services: Callable[[], list[Service]]
    allocatable: Callable[[], Mapping[str, str]]
    pods: Callable[[], Iterable[Pod]]
    memory_capacity: int
    host_dns: HostDns
    admit: Callable[[Pod], Awaitable[Verdict | None]]
    """Whether the node takes a pod, and why not."""
    pod_of: dict[str, str] = field(default_factory=dict)
    """Container or sandbox id -> pod UID, of all that was ever looked at and still exists."""

    def tell(self, pod: Pod) -> Tell:
        return Tell(self.recorder, pod)


@dataclass
class Memory:
    """What one worker knows beside the API and the runtime. Losing it (a restart) costs only patience."""

    uid: str
    status: RuntimePod
    delays: dict[str, Delay] = field(default_factory=dict)
    reasons: dict[str, Waiting] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    """Termination messages by container id: read once."""
    applied: dict[str, ResourceRequirements] = field(default_factory=dict)
    """What each container has, by its id, where this kubelet gave it."""
    verdict: Verdict | None = None
    failures: int = 0
    """Syncs in a row that could not do all they should."""
