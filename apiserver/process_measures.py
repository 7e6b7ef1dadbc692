"""process_*: what the operating system says of this process, asked for when somebody scrapes.

Real Kubernetes: the process collector of prometheus/client_golang.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from machinery.component.metrics import Gauge

_PAGE = resource.getpagesize()
_TICKS = os.sysconf("SC_CLK_TCK")


def _memory(field: int) -> float:
    return int(Path("/proc/self/statm").read_text().split()[field]) * _PAGE


def _started() -> float:
    """Seconds since 1970."""
    booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return int(booted.split()[1]) + int(after_name[19]) / _TICKS


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system


class _CpuSeconds(Gauge):
    """It only grows: Prometheus is told so."""

    type = "counter"


def register() -> None:
    """From now on /metrics shows them."""
    _CpuSeconds("process_cpu_seconds_total", "Seconds of user and system CPU time spent.", ask=_cpu_seconds)
    Gauge("process_open_fds", "Open file descriptors.", ask=lambda: len(os.listdir("/proc/self/fd")))
    Gauge("process_max_fds", "File descriptors that may be open.", ask=_most_files)
    Gauge("process_resident_memory_bytes", "Resident memory in bytes.", ask=lambda: _memory(1))
    Gauge("process_virtual_memory_bytes", "Virtual memory in bytes.", ask=lambda: _memory(0))
    Gauge("process_start_time_seconds", "Start of the process in seconds since 1970.", ask=_started)


def _most_files() -> float:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
