"""Gives back the pages of library code that only start-up ran, which are a fifth of what a component holds.

Compiled libraries run much once: they register types, read certificates, build tables. Their code stays mapped, and
counts as this process' memory, though it is the file's own bytes. What is needed again is mapped again at its next use,
from the page cache, in microseconds. Data is never touched. Elsewhere than on Linux nothing happens.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

_MAPS = Path("/proc/self/maps")


def give_back_code() -> None:
    """A few milliseconds' work; worth it once, when a component has started and waits for something to do."""
    if not _MAPS.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in code_of_files(_MAPS.read_text().splitlines()):
        madvise(start, end - start, mmap.MADV_DONTNEED)


def code_of_files(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where files are mapped that can be run and not written: private copies of such pages differ in nothing."""
    for line in maps:
        place, rights, _, _, _, *path = line.split(maxsplit=5)
        if rights == "r-xp" and path and path[0].startswith("/"):
            start, end = place.split("-")
            yield int(start, 16), int(end, 16)
