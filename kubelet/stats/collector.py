"""One look at everything: the node, its pods, their containers. Looks only when somebody asks.

Reads cgroups and disks, and asks the runtime what containers wrote. Folders are measured in a thread, and only for
those who want to know about disks.
Real Kubernetes: kubelet/stats (cri_stats_provider.go), server/stats. Left out: processor use over the last seconds for
what was never looked at before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from kubelet import folders
from kubelet.config import Config
from kubelet.containers.qos import pod_cgroup
from kubelet.containers.sandbox import log_directory
from kubelet.runtime.interface import DiskUse, Runtime, RuntimeContainer, RuntimeFailure, RuntimePod
from kubelet.stats import readings
from kubelet.stats.readings import Disk, Interface, Use
from machinery.api.core.v1 import Pod, Volume
from machinery.component.clock import Clock

NOTHING = DiskUse()
Taken = tuple[int, int]
"""(bytes, inodes)"""


@dataclass(frozen=True)
class ContainerSample:
    run: RuntimeContainer
    use: Use | None
    nano_cores: int | None = None
    written: DiskUse = NOTHING
    logs: Taken = (0, 0)


@dataclass(frozen=True)
class PodSample:
    pod: Pod
    use: Use | None
    nano_cores: int | None = None
    containers: tuple[ContainerSample, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    volumes: Mapping[str, Taken] = field(default_factory=dict)

    @property
    def ephemeral_storage(self) -> Taken:
        """What the pod keeps on the node's own disk: layers, logs and volumes that end with it."""
        parts = [(c.written.used_bytes + c.logs[0], c.written.inodes + c.logs[1]) for c in self.containers]
        local = {volume.name for volume in self.pod.spec.volumes if on_disk(volume)}
        parts += [taken for name, taken in self.volumes.items() if name in local]
        return sum(size for size, _ in parts), sum(inodes for _, inodes in parts)


@dataclass(frozen=True)
class Sample:
    at: datetime
    machine: Use
    nano_cores: int | None
    node_disk: Disk | None
    image_disk: Disk | None
    images: DiskUse
    interfaces: tuple[Interface, ...]
    pods: tuple[PodSample, ...]


def on_disk(volume: Volume) -> bool:
    """Whether a volume takes room of the pod's own on the node."""
    if volume.empty_dir is not None:
        return volume.empty_dir.medium != "Memory"
    return volume.config_map is not None or volume.downward_api is not None


def measured(volume: Volume) -> bool:
    return bool(folders.plugin_of(volume))


class Collector:
    """Remembers of each cgroup only its last reading, to tell how fast it goes."""

    def __init__(self, config: Config, runtime: Runtime, clock: Clock, pods: Callable[[], Iterable[Pod]]) -> None:
        self._config, self._runtime, self._clock, self._pods = config, runtime, clock, pods
        self._before: dict[str, tuple[float, int]] = {}

    async def sample(self, *, disks: bool = True) -> Sample:
        """Everything, or (cheaper) all but what must be measured file by file."""
        pods = [pod for pod in self._pods() if pod.status.phase not in ("Succeeded", "Failed")]
        found, written = await self._of_runtime(disks)
        images = await self._images()
        machine, before = readings.machine(), self._before
        self._before = {}
        rate = self._rate("", machine.cpu_nanoseconds, before)
        samples = tuple(self._pod(pod, found.get(pod.metadata.uid), written, before) for pod in pods)
        if disks:
            samples = tuple(await asyncio.to_thread(lambda: [self._with_folders(sample) for sample in samples]))
        return Sample(
            at=self._clock.now(),
            machine=machine,
            nano_cores=rate,
            node_disk=readings.disk(self._config.root_dir),
            image_disk=readings.disk(images.mountpoint or self._config.root_dir),
            images=images,
            interfaces=readings.interfaces(),
            pods=samples,
        )

    async def _of_runtime(self, disks: bool) -> tuple[dict[str, RuntimePod], dict[str, DiskUse]]:
        """A runtime that does not answer costs the containers, not the node."""
        try:
            return await self._runtime.pods(), await self._runtime.written_layers() if disks else {}
        except RuntimeFailure:
            return {}, {}

    async def _images(self) -> DiskUse:
        try:
            return await self._runtime.image_disk()
        except RuntimeFailure:
            return DiskUse()

    def _rate(self, key: str, nanoseconds: int, before: Mapping[str, tuple[float, int]]) -> int | None:
        now = self._clock.monotonic()
        self._before[key] = now, nanoseconds
        if key not in before or now - before[key][0] < 0.01:
            return None
        then, earlier = before[key]
        return max(0, int((nanoseconds - earlier) / (now - then)))

    def _read(self, path: str, before: Mapping[str, tuple[float, int]]) -> tuple[Use | None, int | None]:
        use = readings.cgroup(path)
        return use, self._rate(path, use.cpu_nanoseconds, before) if use else None

    def _pod(
        self, pod: Pod, runtime: RuntimePod | None, written: Mapping[str, DiskUse],
        before: Mapping[str, tuple[float, int]],
    ) -> PodSample:  # fmt: skip
        parent = pod_cgroup(self._config.cgroup_root, pod)
        containers = []
        for run in runtime.containers if runtime else ():
            if run.running:
                use, rate = self._read(f"{parent}/{run.id}", before)
                containers.append(ContainerSample(run, use, rate, written.get(run.id, DiskUse())))
        use, rate = self._read(parent, before)
        return PodSample(pod, use, rate, tuple(containers), self._interfaces(pod, runtime, parent))

    @staticmethod
    def _interfaces(pod: Pod, runtime: RuntimePod | None, parent: str) -> tuple[Interface, ...]:
        """The pod's own; one that uses the node's network has none."""
        if runtime is None or runtime.sandbox is None or pod.spec.host_network:
            return ()
        process = readings.first_process(f"{parent}/{runtime.sandbox.id}")
        return readings.interfaces(process) if process is not None else ()

    def _with_folders(self, sample: PodSample) -> PodSample:
        root, uid = self._config.root_dir, sample.pod.metadata.uid
        logs = Path(log_directory(self._config, sample.pod))
        volumes = {
            volume.name: readings.usage(folders.volume_folder(root, uid, volume))
            for volume in sample.pod.spec.volumes
            if measured(volume)
        }
        containers = tuple(replace(each, logs=readings.usage(logs / each.run.name)) for each in sample.containers)
        return replace(sample, volumes=volumes, containers=containers)
