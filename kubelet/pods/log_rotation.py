"""Keeps containers' logs within bounds: a file that is full is set aside, older ones are packed, the oldest go.

Every ten seconds looks at the size of the log of each running container; whoever writes it (the runtime) is told to
begin a new file. Writes below --pod-log-dir.
Real Kubernetes: kubelet/logs/container_log_manager.go. Left out: several workers.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from kubelet.config import Config
from kubelet.runtime.interface import Runtime, RuntimeContainer, RuntimeFailure
from kubelet.server.log_files import PACKED, rotated
from machinery.api.quantity import value
from machinery.component.clock import Clock

log = logging.getLogger(__name__)


class LogRotation:
    """Wants to know which containers there are."""

    def __init__(self, config: Config, runtime: Runtime, clock: Clock,
                 containers: Callable[[], Iterable[RuntimeContainer]]) -> None:  # fmt: skip
        self._most_bytes, self._most_files = value(config.container_log_max_size), config.container_log_max_files
        self._pause = config.container_log_monitor_interval
        self._runtime, self._clock, self._containers = runtime, clock, containers

    async def run(self) -> None:
        """Until cancelled."""
        while self._most_bytes > 0:
            await self._clock.sleep(self._pause)
            await self.look()

    async def look(self) -> None:
        """One look at every log."""
        for container in list(self._containers()):
            if container.running and container.log_path and _size(container.log_path) > self._most_bytes:
                await self._rotate(container)

    async def _rotate(self, container: RuntimeContainer) -> None:
        path = Path(container.log_path)
        try:
            await asyncio.to_thread(make_room, path, self._most_files)
            aside = set_aside(path, self._clock.now())
        except OSError as error:
            log.warning("log %s: %s", path, error)
            return
        try:
            await self._runtime.reopen_log(container.id)
        except RuntimeFailure as error:
            log.warning("log %s: %s", path, error)
            aside.rename(path)


def _size(path: str) -> int:
    """Of a link none: whoever writes the file behind it keeps that small."""
    try:
        found = os.lstat(path)
        return 0 if stat.S_ISLNK(found.st_mode) else found.st_size
    except OSError:
        return 0


def make_room(path: Path, most: int) -> None:
    """Before one more file is set aside: the oldest go, and the rest are packed."""
    for unfinished in path.parent.glob(f"{path.name}.*.tmp"):
        unfinished.unlink()
    found = rotated(path)
    excess = max(0, len(found) - max(most - 2, 0))
    for old in found[:excess]:
        old.unlink()
    for each in found[excess:]:
        if not each.name.endswith(PACKED):
            pack(each)


def pack(path: Path) -> None:
    """The package is whole before the file goes, and keeps its time."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with path.open("rb") as plain, gzip.open(unfinished, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed)
    found = path.stat()
    os.utime(unfinished, ns=(found.st_atime_ns, found.st_mtime_ns))
    unfinished.rename(path.with_name(path.name + PACKED))
    path.unlink()


def set_aside(path: Path, now: datetime) -> Path:
    """Named by the second; of two in one second the later comes after."""
    stamp = f"{path.name}.{now.astimezone().strftime('%Y%m%d-%H%M%S')}"
    aside = path.with_name(stamp)
    number = 0
    while aside.exists() or aside.with_name(aside.name + PACKED).exists():
        number += 1
        aside = path.with_name(f"{stamp}-{number}")
    path.rename(aside)
    return aside
