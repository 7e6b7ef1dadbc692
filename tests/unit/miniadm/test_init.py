"""Waiting, restarting and tidying, without being process 1."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from miniadm import init
from miniadm.services import Service


def test_restarts_come_quickly_at_first_and_then_ever_slower():
    delays = [init.restart_delay(failures) for failures in range(9)]
    assert delays[0] == 0.2
    assert delays == sorted(delays)
    assert delays[-1] == 20.0


def test_a_condition_holds_once_somebody_accepts(tmp_path: Path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert not init.condition_holds("tcp", address)
        server.listen()
        assert init.condition_holds("tcp", address)
    assert not init.condition_holds("tcp", address)


def test_a_socket_file_that_nobody_listens_on_is_not_enough(tmp_path: Path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        assert not init.condition_holds("unix", path)
        server.listen()
        assert init.condition_holds("unix", path)


def test_a_file_is_a_condition(tmp_path: Path):
    assert not init.condition_holds("file", str(tmp_path / "x"))
    assert init.condition_holds("file", str(tmp_path))


def test_what_was_done_once_is_not_done_again(tmp_path: Path):
    service = Service("images", ("true",), creates=str(tmp_path / "mark"))
    assert init.unit_of(service).state is init.State.WAITING
    (tmp_path / "mark").touch()
    assert init.unit_of(service).state is init.State.DONE


def test_big_logs_keep_one_older_generation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(init, "LOG_LIMIT", 100)
    (tmp_path / "kubelet.log").write_text("x" * 101)
    (tmp_path / "proxy.log").write_text("short")
    init.rotate_logs(tmp_path)
    assert (tmp_path / "kubelet.log").read_text() == ""
    assert (tmp_path / "kubelet.log.1").read_text() == "x" * 101
    assert (tmp_path / "proxy.log").read_text() == "short"


_WAITS = """
import signal, sys
from miniadm import init
wake = init.wake_on_signals(signal.SIGTERM)
print("ready", flush=True)
init.wait_for_signal(wake, 30)
print("woken", flush=True)
"""


def test_a_signal_ends_the_wait():
    process = subprocess.Popen([sys.executable, "-c", _WAITS], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    assert process.communicate(timeout=20)[0] == "woken\n"
    assert time.monotonic() - began < 20


_TITLE = """
import os, sys
from miniadm import kernel
before = kernel.start_time(os.getpid())
kernel.set_title(["python3", "-m", "kubelet", "--node-name=x"])
print(open("/proc/self/cmdline").read().rstrip("\\0").replace("\\0", " "))
print(open("/proc/self/comm").read().strip(), before == kernel.start_time(os.getpid()))
"""


def test_a_forked_component_shows_its_own_command_line():
    command = [sys.executable, "-c", _TITLE, "-" * 200]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert shown == ["python3 -m kubelet --node-name=x", "python3 True"]
