"""What the kernel says: both versions of cgroups, disks, interfaces."""

from __future__ import annotations

import os
from pathlib import Path

from kubelet.stats import readings

STAT = "cache 1\n{rss} 300\n{inactive} 100\n{fault} 7\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_version_1(tmp_path: Path) -> None:
    write(tmp_path / "memory/pod/memory.usage_in_bytes", "1000\n")
    stat = STAT.format(rss="total_rss", inactive="total_inactive_file", fault="total_pgfault")
    write(tmp_path / "memory/pod/memory.stat", stat)
    write(tmp_path / "cpuacct/pod/cpuacct.usage", "5000\n")
    write(tmp_path / "cpuacct/pod/cgroup.procs", "17\n18\n")
    write(tmp_path / "pids/pod/pids.current", "2\n")
    use = readings.cgroup("/pod", tmp_path)
    assert use == readings.Use(5000, 1000, 900, rss=300, page_faults=7, processes=2)
    assert readings.first_process("/pod", tmp_path) == 17
    assert readings.cgroup("/none", tmp_path) is None and readings.first_process("/none", tmp_path) is None


def test_version_2(tmp_path: Path) -> None:
    write(tmp_path / "cgroup.controllers", "cpu memory\n")
    write(tmp_path / "pod/memory.current", "50\n")
    write(tmp_path / "pod/memory.stat", STAT.format(rss="anon", inactive="inactive_file", fault="pgfault"))
    write(tmp_path / "pod/cpu.stat", "usage_usec 5\nuser_usec 1\n")
    use = readings.cgroup("/pod", tmp_path)
    assert use == readings.Use(5000, 50, 0, rss=300, page_faults=7), "the working set is never negative"


def test_the_machine() -> None:
    use = readings.machine()
    assert use.available and use.working_set > 0 and use.cpu_nanoseconds > 0
    assert 0 < readings.processes() < readings.most_processes()


def test_a_folder_is_measured_as_du_does(tmp_path: Path) -> None:
    write(tmp_path / "a/b/file", "x" * 10_000)
    os.link(tmp_path / "a/b/file", tmp_path / "a/link")
    (tmp_path / "a/nowhere").symlink_to("/etc")
    size, inodes = readings.usage(tmp_path / "a")
    assert 10_000 <= size < 100_000 and inodes == 3
    assert readings.usage(tmp_path / "none") == (0, 0)


def test_interfaces(tmp_path: Path) -> None:
    line = "  eth0:  10 1 2 0 0 0 0 0  20 3 4 0 0 0 0 0\n"
    write(tmp_path / "self/net/dev", "head\nhead\n" + line + line.replace("eth0", "  lo"))
    assert readings.interfaces(proc=tmp_path) == (readings.Interface("eth0", 10, 2, 20, 4),)
    assert readings.interfaces(99, tmp_path) == ()
