"""What the kernel says about cgroups, disks, network interfaces and the whole machine: one read, one value.

Reads /proc and /sys/fs/cgroup (v1 and v2); writes nothing. What cannot be read is None: a container may end meanwhile.
Real Kubernetes: cadvisor.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
TICK_NANOSECONDS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
BUSY = (0, 1, 2, 5, 6, 7)
"""user, nice, system, irq, softirq and steal in /proc/stat; without idle and iowait."""


@dataclass(frozen=True)
class Use:
    """Processor time ever used, and memory in use now, in bytes."""

    cpu_nanoseconds: int
    memory: int
    working_set: int
    """Memory less what the kernel could take back at once."""
    rss: int = 0
    page_faults: int = 0
    major_page_faults: int = 0
    available: int | None = None
    processes: int = 0


@dataclass(frozen=True)
class Disk:
    """A file system: bytes, then inodes."""

    capacity: int
    available: int
    inodes: int
    inodes_free: int

    @property
    def used(self) -> int:
        return self.capacity - self.available


@dataclass(frozen=True)
class Interface:
    name: str
    received: int
    receive_errors: int
    sent: int
    send_errors: int


def cgroup(path: str, root: Path = CGROUPS) -> Use | None:
    """Of one cgroup, by its path below the root of every hierarchy."""
    below = path.lstrip("/")
    try:
        return _v2(root / below) if (root / "cgroup.controllers").exists() else _v1(root, below)
    except (OSError, ValueError):
        return None


def _number(path: Path) -> int:
    return int(path.read_text())


def _pairs(path: Path) -> dict[str, int]:
    return {key: int(value) for key, _, value in (line.partition(" ") for line in path.read_text().splitlines())}


def _v1(root: Path, below: str) -> Use:
    memory = root / "memory" / below
    usage, stat = _number(memory / "memory.usage_in_bytes"), _pairs(memory / "memory.stat")
    return Use(
        cpu_nanoseconds=_number(root / "cpuacct" / below / "cpuacct.usage"),
        memory=usage,
        working_set=max(0, usage - stat.get("total_inactive_file", 0)),
        rss=stat.get("total_rss", 0),
        page_faults=stat.get("total_pgfault", 0),
        major_page_faults=stat.get("total_pgmajfault", 0),
        processes=_count(root / "pids" / below / "pids.current"),
    )


def _v2(folder: Path) -> Use:
    usage, stat = _number(folder / "memory.current"), _pairs(folder / "memory.stat")
    return Use(
        cpu_nanoseconds=_pairs(folder / "cpu.stat")["usage_usec"] * 1000,
        memory=usage,
        working_set=max(0, usage - stat.get("inactive_file", 0)),
        rss=stat.get("anon", 0),
        page_faults=stat.get("pgfault", 0),
        major_page_faults=stat.get("pgmajfault", 0),
        processes=_count(folder / "pids.current"),
    )


def _count(path: Path) -> int:
    try:
        return _number(path)
    except OSError:
        return 0


def first_process(path: str, root: Path = CGROUPS) -> int | None:
    """A process of a cgroup."""
    hierarchy = root if (root / "cgroup.controllers").exists() else root / "cpuacct"
    try:
        text = (hierarchy / path.lstrip("/") / "cgroup.procs").read_text()
        return int(text.split()[0])
    except (OSError, IndexError):
        return None


def machine(proc: Path = Path("/proc")) -> Use:
    """The whole node. Its working set is what the kernel could not give to a new process."""
    found = meminfo((proc / "meminfo").read_text())
    ticks = [int(word) for word in (proc / "stat").read_text().split(None, 9)[1:9]]
    used = found["MemTotal"] - found["MemFree"]
    return Use(
        cpu_nanoseconds=sum(ticks[index] for index in BUSY) * TICK_NANOSECONDS,
        memory=used,
        working_set=found["MemTotal"] - found["MemAvailable"],
        rss=found.get("AnonPages", 0),
        available=found["MemAvailable"],
        processes=processes(proc),
    )


def meminfo(text: str) -> dict[str, int]:
    """In bytes."""
    lines = (line.split() for line in text.splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 1}


def processes(proc: Path = Path("/proc")) -> int:
    """Threads of all processes: each takes a number of the same pool."""
    return int((proc / "loadavg").read_text().split()[3].partition("/")[2])


def most_processes(proc: Path = Path("/proc")) -> int:
    """The smaller of the kernel's two bounds."""
    return min(_number(proc / "sys/kernel/pid_max"), _number(proc / "sys/kernel/threads-max"))


def disk(path: str) -> Disk | None:
    """The file system that a path lies on."""
    try:
        found = os.statvfs(path)
    except OSError:
        return None
    unit = found.f_frsize
    return Disk(found.f_blocks * unit, found.f_bavail * unit, found.f_files, found.f_ffree)


def usage(folder: Path) -> tuple[int, int]:
    """(bytes, inodes) of everything below a folder, as `du` counts; of several links to a file only one."""
    size, seen, todo = 0, set(), [str(folder)]
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if (found.st_dev, found.st_ino) in seen:
                continue
            seen.add((found.st_dev, found.st_ino))
            size += found.st_blocks * 512
            if entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)
    return size, len(seen)


def interfaces(process: int | str = "self", proc: Path = Path("/proc")) -> tuple[Interface, ...]:
    """The network interfaces that a process sees, without loopback."""
    try:
        lines = (proc / str(process) / "net/dev").read_text().splitlines()[2:]
    except OSError:
        return ()
    found = []
    for line in lines:
        name, _, rest = line.partition(":")
        numbers = [int(word) for word in rest.split()]
        if name.strip() != "lo":
            found.append(Interface(name.strip(), numbers[0], numbers[2], numbers[8], numbers[10]))
    return tuple(found)
