"""subPath: one file or folder inside a volume, resolved so that no link leads out of it.

The path is opened part by part without following links. Real Kubernetes: volume/util/subpath/subpath_linux.go
(which also bind-mounts the result, against links that are swapped later).
"""

from __future__ import annotations

import os
from pathlib import Path

from kubelet.volumes.failure import VolumeFailure


def resolve(volume: Path, sub_path: str) -> Path:
    """The host's path of `sub_path`; a folder that is missing is made."""
    if sub_path.startswith("/") or ".." in sub_path.split("/"):
        raise VolumeFailure(f"subPath {sub_path!r} must stay inside the volume")
    root = os.path.realpath(volume)
    target = os.path.realpath(os.path.join(root, sub_path))
    if target != root and not target.startswith(root + os.sep):
        raise VolumeFailure(f"subPath {sub_path!r} leads out of the volume")
    if not os.path.exists(target):
        Path(target).mkdir(parents=True, mode=0o750)
        os.chmod(target, os.stat(root).st_mode & 0o7777)
    return Path(target)
