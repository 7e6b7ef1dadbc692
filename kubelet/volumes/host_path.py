"""hostPath: a file or folder of the node itself, checked against its declared type.

Real Kubernetes: volume/hostpath/host_path.go.
"""

from __future__ import annotations

import stat
from pathlib import Path

from kubelet.volumes.failure import VolumeFailure
from machinery.api.core.v1 import HostPathVolumeSource

_CHECKS = {
    "Directory": (stat.S_ISDIR, "a directory"),
    "File": (stat.S_ISREG, "a file"),
    "Socket": (stat.S_ISSOCK, "a socket file"),
    "CharDevice": (stat.S_ISCHR, "a character device"),
    "BlockDevice": (stat.S_ISBLK, "a block device"),
}


def _make(path: Path, kind: str) -> str:
    """Creates what "...OrCreate" asks for; returns the type to check then."""
    if kind == "DirectoryOrCreate" and not path.exists():
        path.mkdir(mode=0o755, parents=True)
    if kind == "FileOrCreate" and not path.exists():
        path.touch(mode=0o644)
    return kind.removesuffix("OrCreate")


def host_path(source: HostPathVolumeSource) -> Path:
    path, kind = Path(source.path), source.type or ""
    try:
        kind = _make(path, kind)
    except OSError as error:
        raise VolumeFailure(f"hostPath type check failed: {path}: {error.strerror}") from error
    if not kind:
        return path
    test, words = _CHECKS[kind]
    if not path.exists() or not test(path.stat().st_mode):
        raise VolumeFailure(f"hostPath type check failed: {path} is not {words}")
    return path
