"""`mini status`: the machines of a cluster and the processes in them, as the host sees them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from miniadm.cluster import Cluster, Machine
from miniadm.lab import running_init, running_lab

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Process:
    """A service's process, by its number on the host."""

    name: str
    state: str
    pid: int
    started: float
    restarts: int

    @property
    def resident(self) -> int:
        """Bytes of memory, 0 if it is gone."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE
        except (FileNotFoundError, ProcessLookupError):
            return 0


def processes(machine: Machine) -> list[Process]:
    """What the machine's init says it runs; its numbers are turned into the host's."""
    init = running_init(machine)
    if not init:
        return []
    try:
        rows = json.loads(machine.state_file.read_text())
    except (FileNotFoundError, ValueError):
        return []
    numbers = dict(_numbers(init))
    return [
        Process(row["name"], row["state"], numbers.get(row["pid"], 0), row["started"], row["restarts"]) for row in rows
    ]


def _numbers(init: int) -> Iterator[tuple[int, int]]:
    """(number inside the machine, number on the host) of each child of the machine's init."""
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in path.read_text().splitlines())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields["PPid"]) == init:
            yield int(fields["NSpid"].split()[-1]), int(fields["Pid"])


def show(cluster: Cluster) -> None:
    print(f"cluster {cluster.name} in {cluster.home}: {_summary(cluster)}")
    if not cluster.subnet:
        return
    for machine in cluster.machines:
        init = running_init(machine)
        print(f"\n{machine.name:<16} {machine.ip:<16} {f'on, init is process {init}' if init else 'off'}")
        for process in processes(machine):
            print(_line(process))


def _summary(cluster: Cluster) -> str:
    if not cluster.subnet:
        return "never started; ./mini up starts it"
    lab = running_lab(cluster)
    on = sum(bool(running_init(machine)) for machine in cluster.machines)
    if not lab and on:
        return "machines run but nobody looks after them; ./mini up takes them over"
    return f"{on} of {len(cluster.machines)} machines on" if lab else "down; ./mini up starts it"


def _line(process: Process) -> str:
    if not process.pid:
        restarts = f"restarts {process.restarts}" if process.restarts else ""
        return f"  {process.name:<14} {process.state:<12} {restarts}".rstrip()
    up, size = _span(time.time() - process.started), process.resident >> 20
    return (
        f"  {process.name:<14} {process.state:<12} pid {process.pid:<8} up {up:<8} "
        f"restarts {process.restarts:<4} {size:4} MB"
    )


def _span(seconds: float) -> str:
    """As kubectl writes ages: the largest unit that fits."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)}{unit}"
    return f"{int(seconds)}s"
