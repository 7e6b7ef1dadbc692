"""Pid files: a number that another process got since does not fool them."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

from miniadm import kernel, lab


def test_a_recorded_process_is_found_while_it_runs(tmp_path: Path):
    path = tmp_path / "run" / "x.pid"
    lab.record_pid(path, os.getpid())
    assert lab.recorded_pid(path) == os.getpid()


def test_a_reused_number_is_not_the_recorded_process(tmp_path: Path):
    path = tmp_path / "x.pid"
    path.write_text(f"{os.getpid()} {kernel.start_time(os.getpid()) - 1} {kernel.boot_id()}\n")
    assert lab.recorded_pid(path) == 0


def test_a_file_from_before_the_computer_restarted_is_void(tmp_path: Path):
    path = tmp_path / "x.pid"
    path.write_text(f"{os.getpid()} {kernel.start_time(os.getpid())} another-boot\n")
    assert lab.recorded_pid(path) == 0


def test_a_process_that_ended_counts_as_gone_even_before_it_is_reaped(tmp_path: Path):
    process = subprocess.Popen(["sleep", "30"])
    lab.record_pid(tmp_path / "x.pid", process.pid)
    assert lab.recorded_pid(tmp_path / "x.pid") == process.pid
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert lab.recorded_pid(tmp_path / "x.pid") == 0
    process.wait()


def test_who_reads_while_it_is_recorded_again_finds_it(tmp_path: Path):
    path = tmp_path / "x.pid"
    lab.record_pid(path, os.getpid())
    writer = threading.Thread(target=lambda: [lab.record_pid(path, os.getpid()) for _ in range(2000)])
    writer.start()
    found = set()
    while writer.is_alive():
        found.add(lab.recorded_pid(path))
    assert found == {os.getpid()}


def test_no_file_or_a_half_written_one_means_nobody(tmp_path: Path):
    assert lab.recorded_pid(tmp_path / "none") == 0
    (tmp_path / "half").write_text("12")
    assert lab.recorded_pid(tmp_path / "half") == 0
