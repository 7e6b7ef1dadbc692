"""fsGroup: a volume's files belong to the pod's group, which may then use them.

* Files: owner's rights for the group too (without writing, where nobody may write). Folders: also enter, and pass
  the group on to what is made in them.
* With OnRootMismatch a volume whose root is right already is left alone: walking a large one takes long.
Real Kubernetes: volume/volume_linux.go.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from machinery.api.core.v1 import Pod

READ_WRITE, READ_ONLY, ENTER = 0o660, 0o440, 0o110


def fs_group(pod: Pod) -> int | None:
    security = pod.spec.security_context
    return security.fs_group if security else None


def only_on_mismatch(pod: Pod) -> bool:
    security = pod.spec.security_context
    return security is not None and security.fs_group_change_policy == "OnRootMismatch"


def file_mode(mode: int, *, read_only: bool) -> int:
    return mode | (READ_ONLY if read_only else READ_WRITE)


def folder_mode(mode: int, *, read_only: bool) -> int:
    return file_mode(mode, read_only=read_only) | ENTER | stat.S_ISGID


def _mismatch(root: Path, group: int, read_only: bool) -> bool:
    found = root.stat()
    wanted = folder_mode(0, read_only=read_only)
    return found.st_gid != group or found.st_mode & wanted != wanted


def give(path: Path, group: int, *, read_only: bool = False) -> None:
    """One file or folder. A link itself has an owner and no mode."""
    os.chown(path, -1, group, follow_symlinks=False)
    if path.is_symlink():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod((folder_mode if path.is_dir() else file_mode)(mode, read_only=read_only))


def give_all(root: Path, group: int, *, read_only: bool = False, only_on_mismatch: bool = False) -> None:
    """The root comes last: it is what tells the next time that everything below was done."""
    if only_on_mismatch and not _mismatch(root, group, read_only):
        return
    for folder, folders, files in os.walk(root, topdown=False):
        for name in (*files, *folders):
            give(Path(folder, name), group, read_only=read_only)
    give(root, group, read_only=read_only)
