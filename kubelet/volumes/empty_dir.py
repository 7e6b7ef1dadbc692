"""emptyDir: a folder of the pod's own, on disk or in memory.

Real Kubernetes: volume/emptydir/empty_dir.go. Left out: hugepages, project quotas for sizeLimit on disk.
"""

from __future__ import annotations

import os
from pathlib import Path

from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.mount import mount_tmpfs
from machinery.api.core.v1 import EmptyDirVolumeSource
from machinery.api.quantity import value


def memory_size(source: EmptyDirVolumeSource, pod_limit: int, node_memory: int) -> int:
    """What a folder in memory may hold: as much as it says, as the pod may use, or as all pods may. Pure."""
    return min((size for size in (value(source.size_limit or "0"), pod_limit, node_memory) if size > 0), default=0)


def empty_dir(source: EmptyDirVolumeSource, folder: Path, group: int | None, size: int = 0) -> Path:
    """Makes the folder once; an existing one is kept as it is."""
    if source.medium not in ("", "Memory"):
        raise VolumeFailure(f'unknown storage medium "{source.medium}": this node has no huge pages')
    if folder.exists() and (source.medium != "Memory" or os.path.ismount(folder)):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if source.medium == "Memory":
        try:
            mount_tmpfs(folder, size=size)
        except OSError as error:
            raise VolumeFailure(f"cannot mount tmpfs: {error.strerror}") from error
    folder.chmod(0o777)
    if group is not None:
        os.chown(folder, -1, group)
        folder.chmod(0o2777)
    return folder
