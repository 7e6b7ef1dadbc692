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


def empty_dir(source: EmptyDirVolumeSource, folder: Path, group: int | None) -> Path:
    """Makes the folder once; an existing one is kept as it is."""
    if folder.exists() and (source.medium != "Memory" or os.path.ismount(folder)):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if source.medium == "Memory":
        try:
            mount_tmpfs(folder, size=value(source.size_limit or "0"))
        except OSError as error:
            raise VolumeFailure(f"cannot mount tmpfs: {error.strerror}") from error
    folder.chmod(0o777)
    if group is not None:
        os.chown(folder, -1, group)
        folder.chmod(0o2777)
    return folder
