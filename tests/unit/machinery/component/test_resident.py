"""Only what is as in its file is given back, and what was given back works as before."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from machinery.component.resident import give_back_files, unwritten


def mapping(head: str, *, anonymous: int = 0, swap: int = 0) -> list[str]:
    return [head, "Rss: 40 kB", f"Anonymous: {anonymous} kB", f"Swap: {swap} kB", "VmFlags: rd mr mw me sd"]


MAPS = [
    *mapping("1000-2000 r--p 00000000 fe:00 1835015                    /usr/bin/python3.11"),
    *mapping("2000-3000 r-xp 00028000 fe:00 1835015                    /usr/bin/python3.11"),
    *mapping("3000-4000 r--p 00400000 fe:00 1835015                    /usr/bin/python3.11", anonymous=4),
    *mapping("4000-5000 r--p 00400000 fe:00 1835015                    /usr/bin/python3.11", swap=4),
    *mapping("5000-6000 rw-p 00400000 fe:00 1835015                    /usr/bin/python3.11"),
    *mapping("6000-7000 r-xp 00000000 00:00 0 "),
    *mapping("7000-8000 r-xp 00000000 fe:00 1835099                    /opt/with a space/lib.so"),
    *mapping("8000-9000 r-xp 00000000 00:00 0                          [vdso]"),
]


def test_what_files_hold_and_nothing_else() -> None:
    assert list(unwritten(MAPS)) == [(0x1000, 0x2000), (0x2000, 0x3000), (0x7000, 0x8000)]


def test_what_was_given_back_is_there_when_it_is_needed() -> None:
    before, held = hashlib.sha512(b"as before").hexdigest(), pages_of_files()
    give_back_files()
    assert pages_of_files() < held
    assert hashlib.sha512(b"as before").hexdigest() == before


def pages_of_files() -> int:
    """proc_pid_statm(5): shared."""
    return int(Path(f"/proc/{os.getpid()}/statm").read_text().split()[2])
