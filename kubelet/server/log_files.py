"""A container's log is several files: the one that is written, and those that were set aside, the oldest packed.

    0.log   0.log.20300101-115900   0.log.20300101-110000.gz
    0.log -> …/<id>-json.log        <id>-json.log.1            Docker's own, where .1 is younger than .2

Reads them as if they were one, from its last lines on if so wanted, and follows it from one file into the next.
Real Kubernetes names and packs the files the same way (container_log_manager.go), but shows only the newest.
"""

from __future__ import annotations

import gzip
import os
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

BLOCK = 64 * 1024
PACKED = ".gz"


def rotated(path: Path) -> list[Path]:
    """The files that were set aside, oldest first; unfinished packages (.tmp) are not among them."""
    path = path.resolve() if path.is_symlink() else path
    found = (each for each in path.parent.glob(f"{path.name}.*") if not each.name.endswith(".tmp"))
    return sorted(found, key=_age)


def _age(path: Path) -> tuple[int, str]:
    """A date grows, Docker's number falls, towards the youngest."""
    name = path.name.removesuffix(PACKED)
    number = name.rpartition(".")[2]
    return (-int(number), "") if number.isdecimal() else (0, name)


def remove(path: Path) -> None:
    """The whole log of one run of a container."""
    for each in (*path.parent.glob(f"{path.name}.*"), path):
        each.unlink(missing_ok=True)


def _open(path: Path) -> IO[bytes] | None:
    """Its package, if it was packed meanwhile; None if it is gone."""
    try:
        return gzip.open(path, "rb") if path.name.endswith(PACKED) else path.open("rb")
    except OSError:
        return None if path.name.endswith(PACKED) else _open(path.with_name(path.name + PACKED))


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def seek_tail(file: IO[bytes], count: int) -> int:
    """Puts the file at the start of its last `count` lines, reading only its end; returns how many those are."""
    if isinstance(file, gzip.GzipFile):
        return _seek_packed_tail(file, count)
    position = file.seek(0, 2)
    seen, wanted = 0, count + 1
    while position > 0:
        size = min(BLOCK, position)
        position -= size
        file.seek(position)
        block = file.read(size)
        found = block.count(b"\n")
        if seen + found >= wanted:
            for _ in range(wanted - seen):
                block = block[: block.rfind(b"\n")]
            file.seek(position + len(block) + 1)
            return count
        seen += found
    file.seek(0)
    return seen


def _seek_packed_tail(file: gzip.GzipFile, count: int) -> int:
    """A package can only be read from its start."""
    starts: deque[int] = deque(maxlen=count)
    position = 0
    for line in file:
        starts.append(position)
        position += len(line)
    file.seek(starts[0] if starts else position)
    return len(starts)


class LogFiles:
    """The files of one log, each opened when the one before it is read."""

    def __init__(self, path: Path, tail: int | None, since: datetime | None) -> None:
        """Raises OSError when there is no such log."""
        self._path = path
        self._newest = path.open("rb")
        self._older: list[IO[bytes]] = []
        left = None if tail is None else tail - seek_tail(self._newest, tail)
        for each in reversed(rotated(path)):
            if left is not None and left <= 0:
                break
            if since is not None and _changed_at(each) < since.timestamp():
                break
            if (file := _open(each)) is not None:
                self._older.insert(0, file)
                left = None if left is None else left - seek_tail(file, left)

    @property
    def current(self) -> IO[bytes]:
        return self._older[0] if self._older else self._newest

    def next(self) -> bool:
        """Goes on to the file after this one, if there is one by now."""
        if self._older:
            self._older.pop(0).close()
            return True
        if not self._moved_away():
            return False
        fresh = _open(self._path)
        if fresh is None:
            return False
        self._older, self._newest = [self._newest], fresh
        return True

    def _moved_away(self) -> bool:
        """Whether the file that we read is no longer the one that is written. What it still holds is read first."""
        try:
            found = os.stat(self._path)
        except OSError:
            return False
        ours = os.fstat(self._newest.fileno())
        return (found.st_dev, found.st_ino) != (ours.st_dev, ours.st_ino)

    def close(self) -> None:
        for file in (*self._older, self._newest):
            file.close()


def complete_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Whole lines that are there now; an unfinished one is left for later."""
    while True:
        position = file.tell()
        raw = file.readline()
        if not raw.endswith(b"\n"):
            file.seek(position)
            return
        yield raw
