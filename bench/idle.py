"""What three idle machines cost: CPU of all our Python processes over a minute, and the memory of each.

Floor, in the same run: one Python process that has imported what they all import and waits in an event loop.
Command: `.venv/bin/python -m bench.idle [SECONDS]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from bench.figures import show
from bench.lab import running
from miniadm.cluster import Cluster
from miniadm.lab import running_init, running_lab
from miniadm.status import processes

TICKS = os.sysconf("SC_CLK_TCK")
BOUNDS = {"apiserver": 100, "scheduler": 60, "controllers": 70, "kubelet": 70, "kubeproxy": 50}
PYTHON = ("apiserver", "scheduler", "controllers", "kubelet", "kubeproxy", "network")
FLOOR = "import asyncio, ssl, uvloop, orjson, pydantic, aiohttp; uvloop.run(asyncio.Event().wait())"
SETTLE = 20.0


def main() -> None:
    """Print the figures."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with running() as cluster:
        time.sleep(SETTLE)
        pids = python_processes(cluster)
        before = {pid: cpu_seconds(pid) for rows in pids.values() for pid in rows}
        time.sleep(seconds)
        used = {name: sum(cpu_seconds(pid) - before[pid] for pid in rows) for name, rows in pids.items()}
        for name, spent in used.items():
            show(f"idle CPU: {name} ({len(pids[name])} processes)", 100 * spent / seconds, "% of a core")
        show("idle CPU: all Python processes", 100 * sum(used.values()) / seconds, "% of a core", bound=4)
        for name, rows in pids.items():
            show(f"resident memory: {name}", max(map(resident, rows)), "MB", bound=BOUNDS.get(name))
    floor()


def python_processes(cluster: Cluster) -> dict[str, list[int]]:
    """Name → process numbers, the lab's own supervisor and the machines' inits among them."""
    found: dict[str, list[int]] = defaultdict(list)
    for machine in cluster.machines:
        found["init"].append(running_init(machine))
        for process in processes(machine):
            if process.name in PYTHON:
                found[process.name].append(process.pid)
    found["lab"].append(running_lab(cluster))
    return dict(found)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """Resident memory in MB (10^6 bytes)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def floor() -> None:
    """A process with the shared imports and nothing to do."""
    process = subprocess.Popen([sys.executable, "-c", FLOOR])
    time.sleep(3)
    show("floor: resident memory of the shared imports alone", resident(process.pid), "MB")
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
