"""Removes images that nobody uses: when their disk is full, when they are old, and when the node is under pressure.

* Never one that a container (running or ended) or a pod of this node uses, nor the runtime's own pause image.
* The one that was last used longest ago goes first; none younger than the minimum age.
Watches nothing: the node's keeper tells which images there are. Writes Events on the Node.
Real Kubernetes: kubelet/images/image_gc_manager.go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from kubelet.config import Config
from kubelet.images import ImageFailure, with_tag
from kubelet.runtime.interface import Image, Runtime, RuntimeContainer, RuntimeFailure
from kubelet.stats import readings
from kubelet.stats.readings import Disk
from machinery.api.core.v1 import Pod
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

PERIOD_SECONDS = 300.0
LONG_AGO = float("-inf")

Tell = Callable[[str, str], None]
"""A warning about the node: reason and message."""


@dataclass(frozen=True)
class Known:
    image: Image
    first_seen: float
    last_used: float


def names_in_use(containers: Iterable[RuntimeContainer], pods: Iterable[Pod]) -> set[str]:
    """By whatever name or id."""
    found = {name for run in containers for name in (run.image, run.image_id)}
    for pod in pods:
        for container in (*pod.spec.init_containers, *pod.spec.containers, *pod.spec.ephemeral_containers):
            found.add(container.image)
            try:
                found.add(with_tag(container.image))
            except ImageFailure:
                continue
    return found - {""}


def is_used(image: Image, names: set[str]) -> bool:
    every = {image.id, *image.tags, *image.digests}
    every |= {tag.removeprefix("docker.io/library/").removeprefix("docker.io/") for tag in image.tags}
    return image.pinned or not names.isdisjoint(every)


def removable(known: Iterable[Known], names: set[str], *, now: float, youngest: float) -> list[Known]:
    """Those that may go, in the order in which they shall."""
    found = [each for each in known if not is_used(each.image, names) and now - each.first_seen >= youngest]
    return sorted(found, key=lambda each: (each.last_used, each.first_seen))


def to_free(disk: Disk, *, high: int, low: int) -> int:
    """Bytes to win back, 0 below the high mark."""
    if not disk.capacity or 100 - disk.available * 100 // disk.capacity < high:
        return 0
    return max(0, disk.capacity * (100 - low) // 100 - disk.available)


class ImageCollection:
    """Remembers since when it knows each image, and when that was last used."""

    def __init__(
        self, config: Config, runtime: Runtime, clock: Clock, *, names: Callable[[], set[str]], tell: Tell
    ) -> None:
        """`names` are those in use now."""
        self._config, self._runtime, self._clock = config, runtime, clock
        self._names, self._tell = names, tell
        self._known: dict[str, Known] = {}
        self._began = False

    def note(self, images: Iterable[Image]) -> None:
        """These are here now. What was here when the kubelet began is as old as it wants."""
        now, names = self._clock.monotonic(), self._names()
        found = {}
        for image in images:
            known = self._known.get(image.id) or Known(image, now if self._began else LONG_AGO, LONG_AGO)
            used = now if is_used(image, names) else known.last_used
            found[image.id] = replace(known, image=image, last_used=used)
        self._known, self._began = found, True

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep(PERIOD_SECONDS)
            try:
                await self.collect()
            except RuntimeFailure as error:
                log.warning("images: %s", error)
                self._tell("ImageGCFailed", str(error))

    async def collect(self) -> None:
        """What is too old, then as much as the disk wants."""
        self.note(await self._runtime.images())
        if oldest := self._config.image_maximum_gc_age:
            since = self._clock.monotonic() - oldest
            await self._remove(lambda each: max(each.last_used, each.first_seen) < since and each.first_seen > LONG_AGO)
        where = await self._runtime.image_disk()
        disk = readings.disk(where.mountpoint) if where.mountpoint else None
        if disk is None:
            return
        high, low = self._config.image_gc_high_threshold, self._config.image_gc_low_threshold
        wanted = to_free(disk, high=high, low=low) if high < 100 else 0
        if wanted:
            log.info("images: disk is at the high mark of %s %%, %s bytes to free", high, wanted)
            freed = await self.reclaim(wanted)
            if freed < wanted:
                self._failed(wanted, freed)

    def _failed(self, wanted: int, freed: int) -> None:
        message = (
            f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, "
            f"but only found {freed} bytes eligible to free."
        )
        self._tell("FreeDiskSpaceFailed", message)
        self._tell("ImageGCFailed", message)

    async def reclaim(self, wanted: float = float("inf")) -> int:
        """Removes until so many bytes are free, by default all that may go; returns how many it were."""
        freed = 0

        def more(each: Known) -> bool:
            nonlocal freed
            if freed >= wanted:
                return False
            freed += each.image.size
            return True

        await self._remove(more)
        return freed

    async def _remove(self, wanted: Callable[[Known], bool]) -> None:
        youngest = self._config.minimum_image_ttl_duration
        now = self._clock.monotonic()
        for each in removable(self._known.values(), self._names(), now=now, youngest=youngest):
            if wanted(each):
                log.info("image %s %s: removed", each.image.id, " ".join(each.image.tags))
                await self._runtime.remove_image(each.image.id)
                self._known.pop(each.image.id, None)
