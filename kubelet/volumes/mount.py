"""The system calls that volumes need, without a process: mount and umount.

Real Kubernetes: k8s.io/mount-utils, which starts mount(8).
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
from pathlib import Path

MS_NOSUID, MS_NODEV, MS_BIND = 2, 4, 4096
MNT_DETACH = 2


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, path: Path | str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))


def mount_tmpfs(path: Path, *, size: int = 0, mode: int = 0o777) -> None:
    options = f"mode={mode:o}" + (f",size={size}" if size else "")
    _check(_libc().mount(b"tmpfs", bytes(path), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode()), path)


def bind(source: str, path: Path) -> None:
    """`path` (which exists) shows what `source` is."""
    _check(_libc().mount(source.encode(), bytes(path), None, MS_BIND, None), path)


def unmount(path: Path) -> None:
    _check(_libc().umount2(bytes(path), MNT_DETACH), path)


def mounts_under(folder: Path) -> list[Path]:
    """Deepest first, so that they can be unmounted in this order. The kernel's list knows no links on the way."""
    top = os.path.realpath(folder)
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    found = [_unescaped(line.split()[4]) for line in lines]
    return [Path(path) for path in reversed(found) if path == top or path.startswith(f"{top}/")]


def _unescaped(text: str) -> str:
    """The kernel writes space, tab, newline and backslash as \\040 and the like."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def unmount_all(folder: Path) -> None:
    """Everything that is mounted at or below the folder. Raises while something still is."""
    for path in mounts_under(folder):
        unmount(path)
    if left := mounts_under(folder):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(left[0]))
