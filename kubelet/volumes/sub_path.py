"""subPath: one file or folder inside a volume, from which no link leads out.

* The path is resolved, must lie inside the volume, and is then opened part by part without following any link: who
  swaps a folder for a link in between gains nothing.
* What was opened is bind-mounted to a place that only root can reach, and that place is what the container mounts.
Real Kubernetes: volume/util/subpath/subpath_linux.go.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kubelet.volumes import mount
from kubelet.volumes.failure import VolumeFailure

_OPEN = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def _inside(volume: Path, sub_path: str) -> tuple[str, list[str]]:
    """The volume's true root, and the parts of the way from there."""
    if sub_path.startswith("/") or ".." in sub_path.split("/"):
        raise VolumeFailure(f"subPath {sub_path!r} must stay inside the volume")
    root = os.path.realpath(volume)
    target = os.path.realpath(os.path.join(root, sub_path))
    if target != root and not target.startswith(root.rstrip("/") + "/"):
        raise VolumeFailure(f"subPath {sub_path!r} leads out of the volume")
    way = os.path.relpath(target, root)
    return root, [] if way == "." else way.split("/")


def _step(folder: int, part: str, mode: int) -> int:
    """Opens one part, made as a folder where it is missing."""
    try:
        found = os.open(part, _OPEN, dir_fd=folder)
    except FileNotFoundError:
        os.mkdir(part, mode, dir_fd=folder)
        found = os.open(part, _OPEN, dir_fd=folder)
        os.chmod(f"/proc/self/fd/{found}", mode)
    if stat.S_ISLNK(os.fstat(found).st_mode):
        os.close(found)
        raise VolumeFailure(f"subPath part {part!r} became a link")
    return found


@contextlib.contextmanager
def opened(volume: Path, sub_path: str) -> Iterator[int]:
    """The file or folder, held open; a folder that is missing is made, with the rights of the volume's root."""
    root, parts = _inside(volume, sub_path)
    with contextlib.ExitStack() as held:
        here = os.open(root, _OPEN)
        held.callback(os.close, here)
        mode = stat.S_IMODE(os.fstat(here).st_mode)
        for part in parts:
            here = _step(here, part, mode)
            held.callback(os.close, here)
        yield here


def bind(volume: Path, sub_path: str, place: Path) -> Path:
    """Mounts what `sub_path` means now to `place`, which stands for it from then on."""
    with opened(volume, sub_path) as found:
        if os.geteuid() != 0:  # Only a hollow runtime works without root: nothing is run, so nothing can be swapped.
            return Path(os.readlink(f"/proc/self/fd/{found}"))
        mount.unmount_all(place)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        if stat.S_ISDIR(os.fstat(found).st_mode):
            place.mkdir(exist_ok=True, mode=0o750)
        else:
            place.touch(mode=0o640)
        mount.bind(f"/proc/self/fd/{found}", place)
    return place
