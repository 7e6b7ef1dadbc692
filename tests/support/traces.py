"""Everything on this computer that a cluster could have left behind."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from miniadm.cluster import RUN_ROOT, Cluster
from miniadm.kernel import start_time
from miniadm.lab import running_init, running_lab


@dataclass(frozen=True)
class Traces:
    """One set for each kind of thing; `-` gives what is new."""

    links: frozenset[str]
    namespaces: frozenset[str]
    mounts: frozenset[str]
    rules: frozenset[str]
    cgroups: frozenset[str]
    files: frozenset[str]

    def __sub__(self, other: Traces) -> Traces:
        return Traces(**{name: mine - getattr(other, name) for name, mine in vars(self).items()})

    def of(self, cluster: Cluster) -> Traces:
        """Those that this cluster is to answer for: tests of other things may run at the same time."""
        marks = (cluster.name, str(cluster.home))
        return Traces(
            **{
                kind: frozenset(item for item in items if any(mark in item for mark in marks))
                for kind, items in vars(self).items()
            }
        )

    def __bool__(self) -> bool:
        return any(vars(self).values())


def look() -> Traces:
    return Traces(
        links=_names("/sys/class/net"),
        namespaces=_names("/run/netns"),
        mounts=frozenset(Path("/proc/self/mounts").read_text().splitlines()),
        rules=_rules(),
        cgroups=frozenset(folder for folder, _, _ in os.walk("/sys/fs/cgroup")),  # Others' may vanish as we look.
        files=_names(str(RUN_ROOT)) | _names("/var/lib/cni") | _names("/var/lib") | _names("/run/netns"),
    )


def _names(folder: str) -> frozenset[str]:
    path = Path(folder)
    return frozenset(str(entry) for entry in path.iterdir()) if path.is_dir() else frozenset()


def _rules() -> frozenset[str]:
    text = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    return frozenset(
        line.split("[")[0] for line in text.splitlines() if line.startswith(("-A", ":")) and "ACCEPT [" not in line
    )


Process = tuple[int, int]


def processes(cluster: Cluster) -> frozenset[Process]:
    """(pid, start time) of the lab, of its machines and of all that descends from them."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    found = {pid for pid in (running_lab(cluster), *map(running_init, cluster.machines)) if pid}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset((pid, start_time(pid)) for pid in found)


def alive(known: frozenset[Process]) -> frozenset[Process]:
    return frozenset((pid, started) for pid, started in known if started and start_time(pid) == started)


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
