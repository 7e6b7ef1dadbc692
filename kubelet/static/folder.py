"""Follows a folder of pod manifests: every file in it that describes a pod is a pod of this node.

Reads the folder when the kernel says that it changed (inotify), never by the clock. A file that is no pod is left out
with one line of log, and comes in once it is mended.
Real Kubernetes: kubelet/config/file.go, file_linux.go. Left out: the slow relist beside inotify.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

from asyncinotify import Event, Inotify, Mask

from kubelet.static.manifest import ManifestFailure, static_pod
from machinery.api.core.v1 import Pod

log = logging.getLogger(__name__)

CHANGES = Mask.CLOSE_WRITE | Mask.MOVE | Mask.CREATE | Mask.DELETE | Mask.DELETE_SELF | Mask.MOVE_SELF
SETTLE_SECONDS = 0.05
"""Whoever writes several files at once is read once."""
AGAIN_SECONDS = 1.0


def read(folder: Path, node: str) -> list[Pod]:
    """The pods of the folder, by file name; of two with the same UID the first."""
    found: dict[str, Pod] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            pod = static_pod(path.read_bytes(), str(path), node)
        except (ManifestFailure, OSError) as error:
            log.warning("static pod %s: %s", path, error)
        else:
            found.setdefault(pod.metadata.uid, pod)
    return list(found.values())


async def follow(folder: Path, node: str, on_change: Callable[[list[Pod]], None]) -> None:
    """Tells what the folder holds, now and after every change, until cancelled."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with Inotify(sync_timeout=0) as inotify:
            inotify.add_watch(folder, CHANGES | Mask.ONLYDIR)
            on_change(read(folder, node))
            await _until_gone(inotify, folder, lambda: on_change(read(folder, node)))
        await asyncio.sleep(AGAIN_SECONDS)


async def _until_gone(inotify: Inotify, folder: Path, changed: Callable[[], None]) -> None:
    """Returns when the folder itself is taken away."""
    while folder.is_dir():
        news: Event | None = await inotify.get()
        await asyncio.sleep(SETTLE_SECONDS)
        while news is not None:
            if not _half_written(news):
                changed()
                break
            news = inotify.sync_get()
        while inotify.sync_get() is not None:
            pass


def _half_written(news: Event) -> bool:
    """A file that was just made is told of again when its writer closes it; a link is whole at once."""
    if not news.mask & Mask.CREATE or news.path is None:
        return False
    try:
        found = os.lstat(news.path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1
