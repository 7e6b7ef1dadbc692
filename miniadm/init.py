"""The first process of a machine: starts its services, restarts those that end, reaps orphans.

Reads services.json once, writes services.state for `mini status`. Being process 1 of a PID namespace it has
two gifts: whatever loses its parent becomes its child, and when it dies the kernel kills the whole machine.
A real machine has systemd here. Left out: dependencies other than "start once X is reachable".

Python components are forked from this process, which has their shared imports loaded already (`preload`);
this is why it runs no event loop and never starts a thread.
"""

from __future__ import annotations

import contextlib
import enum
import json
import os
import random
import runpy
import select
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from miniadm import kernel, preload
from miniadm.cluster import Machine, write_atomically
from miniadm.services import Service, python_command, read

LOG_LIMIT = 10 * 1024 * 1024
LONG_RUN = 30.0
"""A service that ran so long is forgiven its earlier ends."""
SERVICES_GRACE = 4.0
CONTAINERS_GRACE = 2.0
_HOUSEKEEPING = 60.0


class State(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    BACKING_OFF = "backing-off"
    DONE = "done"


def restart_delay(failures: int) -> float:
    """0.2 s at first, doubling up to 20 s."""
    return min(20.0, 0.2 * 2 ** min(failures, 10))


@dataclass
class Unit:
    """A service and how it is doing."""

    service: Service
    state: State = State.WAITING
    pid: int = 0
    started: float = 0.0
    restarts: int = 0
    failures: int = 0
    not_before: float = 0.0
    waiting_since: float = field(default_factory=time.monotonic)

    def row(self) -> dict[str, object]:
        return {
            "name": self.service.name,
            "state": self.state,
            "pid": self.pid,
            "started": self.started,
            "restarts": self.restarts,
        }


def unit_of(service: Service) -> Unit:
    done = bool(service.creates) and Path(service.creates).exists()
    return Unit(service, State.DONE if done else State.WAITING)


class Init:
    """Runs until SIGTERM; `run` returning means that the machine may be switched off."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._units = [unit_of(service) for service in read(machine.services_file)]
        self._stopping = False
        self._written = ""
        self._next_housekeeping = time.monotonic() + _HOUSEKEEPING
        self._wake = wake_on_signals(signal.SIGCHLD, signal.SIGTERM)
        signal.signal(signal.SIGTERM, self._on_terminate)

    def _on_terminate(self, *_: object) -> None:
        self._stopping = True

    def run(self) -> None:
        while not self._stopping:
            self._reap()
            self._start_what_is_due()
            self._write_state()
            wait_for_signal(self._wake, self._patience())
        self._shut_down()

    # -- deciding

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for unit in self._units:
            if unit.state is State.BACKING_OFF and now >= unit.not_before:
                self._move(unit, State.WAITING)
                unit.waiting_since = now
            if unit.state is State.WAITING and all(map(self._holds, unit.service.after)):
                self._start(unit)
        if now >= self._next_housekeeping:
            self._next_housekeeping = now + _HOUSEKEEPING
            rotate_logs(self._machine.logs)

    def _patience(self) -> float:
        """How long nothing can become due: short while somebody waits for a condition, ever less so."""
        now = time.monotonic()
        deadlines = [self._next_housekeeping - now]
        for unit in self._units:
            if unit.state is State.WAITING:
                deadlines.append(min(0.5, max(0.02, (now - unit.waiting_since) / 50)))
            if unit.state is State.BACKING_OFF:
                deadlines.append(unit.not_before - now)
        return max(0.0, min(deadlines))

    def _holds(self, condition: str) -> bool:
        kind, _, what = condition.partition(":")
        if kind == "done":
            return any(unit.service.name == what and unit.state is State.DONE for unit in self._units)
        return condition_holds(kind, what)

    # -- effects

    def _start(self, unit: Unit) -> None:
        unit.pid = spawn(unit.service, self._machine)
        unit.started = time.time()
        self._move(unit, State.RUNNING, f"pid {unit.pid}")

    def _reap(self) -> None:
        for pid, status in ended_children():
            for unit in self._units:
                if unit.pid == pid:
                    self._ended(unit, os.waitstatus_to_exitcode(status))

    def _ended(self, unit: Unit, code: int) -> None:
        unit.pid = 0
        if unit.service.creates and code == 0:
            Path(unit.service.creates).touch()
            self._move(unit, State.DONE)
            return
        if time.time() - unit.started > LONG_RUN:
            unit.failures = 0
        delay = restart_delay(unit.failures)
        unit.not_before = time.monotonic() + delay
        unit.failures += 1
        unit.restarts += 1
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._move(unit, State.BACKING_OFF, f"{why}, again in {delay:.1f} s")

    def _move(self, unit: Unit, state: State, why: str = "") -> None:
        log(f"{unit.service.name} {unit.state} -> {state}{': ' if why else ''}{why}")
        unit.state = state

    def _write_state(self) -> None:
        text = json.dumps([unit.row() for unit in self._units])
        if text != self._written:
            self._written = text
            write_atomically(Path("/run", self._machine.state_file.name), text, mode=0o644)

    def _shut_down(self) -> None:
        """Services first, then whatever else is alive (containers): both are asked before they are killed."""
        log("shutting down")
        _signal_all(self._pids())
        deadline = time.monotonic() + SERVICES_GRACE
        while self._pids() and time.monotonic() < deadline:
            wait_for_signal(self._wake, deadline - time.monotonic())
            self._forget_ended()
        kernel.kill(-1, signal.SIGTERM)
        deadline = time.monotonic() + CONTAINERS_GRACE
        while has_children() and time.monotonic() < deadline:
            wait_for_signal(self._wake, deadline - time.monotonic())

    def _pids(self) -> list[int]:
        return [unit.pid for unit in self._units if unit.pid]

    def _forget_ended(self) -> None:
        ended = {pid for pid, _ in ended_children()}
        for unit in self._units:
            if unit.pid in ended:
                unit.pid = 0


def _signal_all(pids: list[int]) -> None:
    for pid in pids:
        kernel.kill(pid, signal.SIGTERM)


def log(text: str) -> None:
    now = time.time()
    stamp = time.strftime("%m%d %H:%M:%S", time.gmtime(now))
    sys.stderr.write(f"{stamp}.{int(now * 1000) % 1000:03d} I {text}\n")
    sys.stderr.flush()


# -- waiting


def wake_on_signals(*numbers: int) -> socket.socket:
    """A socket that becomes readable when one of the signals arrives: no signal is lost between two polls."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return reader


def wait_for_signal(wake: socket.socket, seconds: float, *also: int) -> None:
    """Sleep until a signal, until one of the descriptors in `also` is readable, or so long at most."""
    poll = select.poll()
    for descriptor in (wake.fileno(), *also):
        poll.register(descriptor, select.POLLIN)
    poll.poll(max(0.0, seconds) * 1000 + 1)
    with contextlib.suppress(BlockingIOError):
        wake.recv(4096)


def ended_children() -> list[tuple[int, int]]:
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, status))
    return ended


def has_children() -> bool:
    """Whether anything is left, once what ended was reaped."""
    ended_children()
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def condition_holds(kind: str, what: str) -> bool:
    if kind == "file":
        return Path(what).exists()
    if kind == "unix":
        return _accepts(socket.AF_UNIX, what)
    host, _, port = what.rpartition(":")
    return _accepts(socket.AF_INET, (host, int(port)))


def _accepts(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


# -- starting a process


def spawn(service: Service, machine: Machine) -> int:
    pid = os.fork()
    if pid == 0:
        _become(service, machine)
    return pid


def _become(service: Service, machine: Machine) -> None:
    """In the child: a session, signals and files of its own, then the service. Never returns."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    _redirect(machine.logs / f"{service.name}.log")
    if service.python and preload.is_current():
        _run_module(service)
    command = python_command(service) if service.python else service.argv
    try:
        os.execvp(command[0], command)
    except OSError as error:
        log(f"{command[0]}: {error.strerror}")
        os._exit(127)


def _redirect(path: Path) -> None:
    output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, 256)


def _run_module(service: Service) -> None:
    """What `python -m MODULE ARGUMENTS` does, without paying for the imports again. Never returns."""
    kernel.set_title(["python3", *python_command(service)[1:]])
    random.seed()
    sys.argv = list(service.argv)
    code = 1
    try:
        runpy.run_module(service.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if isinstance(leaving.code, str):
            sys.stderr.write(leaving.code + "\n")
    finally:
        leave(code)


def leave(code: int) -> None:
    """End a forked child: say what went wrong, but run nothing that the parent meant for its own end."""
    kind, error, trace = sys.exc_info()
    if kind is not None and error is not None:
        sys.excepthook(kind, error, trace)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def rotate_logs(folder: Path) -> None:
    """Keep one older generation of each log. Writers append, hence a copy and a cut lose little."""
    for path in folder.glob("*.log"):
        if path.stat().st_size > LOG_LIMIT:
            shutil.copyfile(path, path.with_suffix(".log.1"))
            os.truncate(path, 0)
