"""Keeps the node alive when it runs short: looks, wins back what nobody needs, and ends one pod at a time.

Every ten seconds reads memory, disks and process numbers; pods are measured only when something is short, or when they
have limits of their own. Writes Events; the conditions go to the node's keeper, the verdicts to the pods' workers.
Real Kubernetes: kubelet/eviction/eviction_manager.go. Left out: being woken by the kernel (memcg notification).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kubelet.config import Config
from kubelet.eviction.limits import excess, limited
from kubelet.eviction.ranking import evictable, message, rank
from kubelet.eviction.thresholds import Crossings, Observation, Threshold, crossed, step, thresholds
from kubelet.pods.status import Verdict
from kubelet.runtime.interface import Runtime, RuntimeFailure
from kubelet.stats import readings
from kubelet.stats.collector import Collector, PodSample
from machinery.api.core.v1 import Pod
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

IMMEDIATE_SECONDS = 1.0
CLEANED_SECONDS = 30.0
MEASURING_SHARE = 50
"""Measuring folders takes at most one part in so many of the time."""


@dataclass(frozen=True)
class Hands:
    """What eviction may do to the rest of the kubelet."""

    pods: Callable[[], Iterable[Pod]]
    """The pods that run or are about to."""
    end: Callable[[str, Verdict, float], None]
    """Ends a pod (UID) within that grace period."""
    ended: Callable[[str], bool]
    reclaim: Callable[[], object]
    """Awaitable: removes dead containers and unused images."""
    warn_pod: Callable[[Pod, str, str], None]
    warn_node: Callable[[str, str], None]
    changed: Callable[[], None]
    """The conditions are others now."""


class Eviction:
    """One look after the other."""

    def __init__(self, config: Config, runtime: Runtime, clock: Clock, hands: Hands) -> None:
        self._config, self._runtime, self._clock, self._hands = config, runtime, clock, hands
        self._thresholds = thresholds(config)
        self._crossings = Crossings()
        self._image_disk = ""
        self._all = Collector(config, runtime, clock, hands.pods)
        self._limited = Collector(config, runtime, clock, lambda: filter(limited, hands.pods()))

    @property
    def conditions(self) -> frozenset[str]:
        return self._crossings.conditions

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = self._config.eviction_monitoring_period
            try:
                if await self.look():
                    continue
                pause = max(pause, await self._enforce_limits() * MEASURING_SHARE)
            except RuntimeFailure as error:
                log.warning("eviction: %s", error)
            await self._clock.sleep(pause)

    async def look(self) -> bool:
        """One look at the signals. True when a pod was ended, and the next look should come at once."""
        seen, now = await self.observe(), self._clock.monotonic()
        transition = self._config.eviction_pressure_transition_period
        before, after = self._crossings, step(self._crossings, self._thresholds, seen, now=now, transition=transition)
        self._crossings = after
        if before.conditions != after.conditions:
            self._hands.changed()
        if not after.due:
            return False
        threshold = after.due[0]
        log.warning("eviction: %s is below %s", threshold.signal, threshold.amount.text)
        self._hands.warn_node("EvictionThresholdMet", f"Attempting to reclaim {threshold.resource}")
        if threshold.condition == "DiskPressure" and await self._reclaimed():
            return False
        return await self._evict_one(threshold, seen[threshold.signal])

    async def observe(self) -> dict[str, Observation]:
        if not self._image_disk:
            self._image_disk = (await self._runtime.image_disk()).mountpoint or self._config.root_dir
        memory, found = readings.meminfo(_read("/proc/meminfo")), {}
        found["memory.available"] = Observation(memory["MemAvailable"], memory["MemTotal"])
        most = readings.most_processes()
        found["pid.available"] = Observation(most - readings.processes(), most)
        for name, folder in (("nodefs", self._config.root_dir), ("imagefs", self._image_disk)):
            if (disk := readings.disk(folder)) is not None:
                found[f"{name}.available"] = Observation(disk.available, disk.capacity)
                if disk.inodes:
                    found[f"{name}.inodesFree"] = Observation(disk.inodes_free, disk.inodes)
        return found

    async def _reclaimed(self) -> bool:
        """Whether it was enough to throw away what nobody needs."""
        await self._hands.reclaim()  # type: ignore[misc]
        return not crossed(self._thresholds, await self.observe(), reclaim=True)

    async def _evict_one(self, threshold: Threshold, seen: Observation) -> bool:
        sample = await self._all.sample()
        ranked = rank(sample.pods, threshold, own_image_disk=self._own_image_disk())
        if not ranked:
            log.warning("eviction: no pod can be ended")
            return False
        first = ranked[0]
        grace = IMMEDIATE_SECONDS if threshold.hard else float(self._config.eviction_max_pod_grace_period)
        await self._evict(first.pod, message(first, threshold, seen), grace, "TerminationByKubelet")
        return True

    def _own_image_disk(self) -> bool:
        return os.stat(self._image_disk).st_dev != os.stat(self._config.root_dir).st_dev

    async def _evict(self, pod: Pod, why: str, grace: float, disruption: str) -> None:
        """Returns when nothing of it runs, or after half a minute."""
        log.warning("eviction: pod %s/%s: %s", pod.metadata.namespace, pod.metadata.name, why)
        self._hands.warn_pod(pod, "Evicted", why)
        self._hands.end(pod.metadata.uid, Verdict("Evicted", why, disruption), grace)
        deadline = self._clock.monotonic() + CLEANED_SECONDS
        while not self._hands.ended(pod.metadata.uid) and self._clock.monotonic() < deadline:
            await asyncio.sleep(0.2)

    async def _enforce_limits(self) -> float:
        """Ends every pod that has more than it may; returns how long the measuring took."""
        if not any(limited(pod) for pod in self._hands.pods()):
            return 0.0
        began = self._clock.monotonic()
        sample = await self._limited.sample()
        took = self._clock.monotonic() - began
        await asyncio.gather(*(self._limit(found) for found in sample.pods))
        return took

    async def _limit(self, found: PodSample) -> None:
        if (why := excess(found)) and evictable(found):
            await self._evict(found.pod, why, IMMEDIATE_SECONDS, "")


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()
