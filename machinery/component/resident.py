"""Gives back the pages of library files that only start-up used, which are a quarter of what a component holds.

Compiled libraries run much once: they register types, read certificates, build tables. Their code and constants stay
mapped, and count as this process' memory, though they are the file's own bytes. What is needed again is mapped again at
its next use, from the page cache, in microseconds. What was ever written is never touched. Elsewhere than on Linux
nothing happens.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

_MAPS = Path("/proc/self/smaps")


def give_back_files() -> None:
    """A few milliseconds' work; worth it when a component has started and waits for something to do."""
    if not _MAPS.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in unwritten(_MAPS.read_text().splitlines()):
        madvise(start, end - start, mmap.MADV_DONTNEED)


def unwritten(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where files are mapped that cannot be written, and of which no page was before that: they are as on the disk.

    Trap: the linker writes addresses into pages that it then locks. Those read "r--p" like any other, but smaps counts
    them as Anonymous, or as Swap (proc_pid_smaps(5)); without them the process is lost.
    """
    place = ""
    for line in maps:
        name, *rest = line.split(maxsplit=5)
        if not name.endswith(":"):
            of_a_file = len(rest) == 5 and rest[-1].startswith("/")
            place = name if of_a_file and rest[0] in ("r-xp", "r--p") else ""
        elif name in ("Anonymous:", "Swap:") and rest[0] != "0":
            place = ""
        elif name == "VmFlags:" and place:
            start, end = place.split("-")
            yield int(start, 16), int(end, 16)
