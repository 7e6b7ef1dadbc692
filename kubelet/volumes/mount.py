"""The two system calls that volumes need, without a process: mount and umount.

Real Kubernetes: k8s.io/mount-utils, which starts mount(8).
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

MS_NOSUID, MS_NODEV = 2, 4
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


def unmount(path: Path) -> None:
    _check(_libc().umount2(bytes(path), MNT_DETACH), path)


def mounts_under(folder: Path) -> list[Path]:
    """Deepest first, so that they can be unmounted in this order."""
    prefix = f"{folder}/"
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    found = [line.split()[4].replace("\\040", " ") for line in lines]
    return [Path(path) for path in reversed(found) if path == str(folder) or path.startswith(prefix)]
