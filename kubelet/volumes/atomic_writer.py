"""Files that change all at once: readers see the old set or the new one, never a mixture.

    volume/
      ..2026_11_21_00_16_47.123456/   the files of one version
      ..data -> ..2026_...            the only thing that is ever replaced, by rename
      key -> ..data/key               what containers open

Real Kubernetes: volume/util/atomic_writer.go.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from kubelet.volumes.ownership import file_mode, give, give_all

DATA = "..data"


@dataclass(frozen=True)
class File:
    """The content and mode of one file."""

    data: bytes
    mode: int = 0o644
    owner: int | None = None
    """The user who may read it, if not root."""


Payload = Mapping[str, File]
"""Relative path -> file."""


def _current(folder: Path, payload: Payload, group: int | None) -> bool:
    """Whether the folder already holds exactly this."""
    mode = partial(file_mode, read_only=True) if group is not None else int
    data = folder / DATA
    if not data.is_dir():
        return False
    there = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    return there == set(payload) and all(
        (data / name).read_bytes() == file.data and (data / name).stat().st_mode & 0o7777 == mode(file.mode)
        for name, file in payload.items()
    )


def _write_version(version: Path, payload: Payload, group: int | None) -> None:
    version.mkdir(mode=0o755)
    for name, file in payload.items():
        target = version / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(file.mode)
        if file.owner is not None:
            os.chown(target, file.owner, -1)
    if group is not None:
        give_all(version, group, read_only=True)


def _link(folder: Path, payload: Payload) -> None:
    """A link for every first part of a path; links of what is gone are removed."""
    firsts = {name.partition("/")[0] for name in payload}
    for first in firsts:
        link = folder / first
        if not link.is_symlink():
            link.symlink_to(f"{DATA}/{first}")
    for entry in folder.iterdir():
        if entry.is_symlink() and entry.name not in firsts and entry.name != DATA:
            entry.unlink()


def write(folder: Path, payload: Payload, *, now: datetime, group: int | None = None) -> bool:
    """Makes the folder hold the payload; says whether anything changed."""
    if _current(folder, payload, group):
        return False
    version = folder / f"..{now:%Y_%m_%d_%H_%M_%S}.{now:%f}"
    if version.exists():
        shutil.rmtree(version)
    _write_version(version, payload, group)
    old = folder / os.readlink(folder / DATA) if (folder / DATA).is_symlink() else None
    fresh = folder / "..data_tmp"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(version.name)
    fresh.rename(folder / DATA)
    _link(folder, payload)
    if group is not None:
        give(folder, group, read_only=True)
    if old is not None and old != version:
        shutil.rmtree(old, ignore_errors=True)
    return True
