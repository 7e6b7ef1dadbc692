"""The lab's power supply: one process that switches machines on and off as their switches say.

Watches the files /run/mini/CLUSTER/MACHINE.on (on SIGHUP) and the machines' first processes; a machine whose
init ended though its switch is on boots again. Should this process itself be killed the machines run on, and
the next one finds them by their pid files and looks after them. Nearest relative: kind's Docker daemon.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from miniadm import host, kernel, preload
from miniadm.cluster import Cluster, Machine, SetupError, from_environment
from miniadm.init import ended_children, log, restart_delay, wait_for_signal, wake_on_signals
from miniadm.machine import power_on

SHUTDOWN_GRACE = 10.0
LAB, INIT = "mini-lab", "mini-init"
"""The titles of the lab's process and of a machine's first one, each followed by the cluster's name."""
_CGROUPS = Path("/sys/fs/cgroup")
# Room for `kernel.set_title`, which can only shorten the command line that a process was started with.
_ROOM = "-" * 1600


class Lab:
    """Keeps `cluster`'s machines as their switches say, until SIGTERM; then shuts all of them down."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._inits: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._stopping = False
        self._wake = wake_on_signals(signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM)
        signal.signal(signal.SIGTERM, self._on_terminate)

    def _on_terminate(self, *_: object) -> None:
        self._stopping = True

    def run(self) -> None:
        self._adopt()
        while not self._stopping:
            self._reconcile()
            self._wait(self._patience())
        self._shut_down()

    def _adopt(self) -> None:
        for machine in self._cluster.machines:
            if pid := running_init(machine):
                log(f"{machine.name} runs already: pid {pid}")
                self._inits[machine.name] = pid
        for pid in strays(self._cluster):
            if pid != os.getpid():
                log(f"process {pid} is left from an earlier lab: killed")
                kernel.kill(pid, signal.SIGKILL)

    def _reconcile(self) -> None:
        ended_children()
        self._cluster = from_environment()
        for machine in self._cluster.machines:
            on, pid = machine.switch.exists(), self._inits.get(machine.name)
            if pid and not running_init(machine):
                self._died(machine)
            elif pid and not on:
                kernel.kill(pid, signal.SIGKILL)
            elif on and not pid and time.monotonic() >= self._not_before.get(machine.name, 0):
                self._boot(machine)

    def _boot(self, machine: Machine) -> None:
        try:
            pid = power_on(machine)
        except (OSError, SetupError) as error:
            self._back_off(machine, str(error))
            return
        record_pid(machine.pid_file, pid)
        self._inits[machine.name] = pid
        log(f"{machine.name} off -> on: pid {pid}")

    def _died(self, machine: Machine) -> None:
        del self._inits[machine.name]
        machine.pid_file.unlink(missing_ok=True)
        with contextlib.suppress(SetupError):
            host.unplug(machine)
        if machine.switch.exists() and not self._stopping:
            self._back_off(machine, "its init ended")
        else:
            self._failures.pop(machine.name, None)
            log(f"{machine.name} on -> off")

    def _back_off(self, machine: Machine, why: str) -> None:
        failures = self._failures.get(machine.name, 0)
        delay = restart_delay(failures)
        self._failures[machine.name] = failures + 1
        self._not_before[machine.name] = time.monotonic() + delay
        log(f"{machine.name} -> off: {why}; again in {delay:.1f} s")

    def _patience(self) -> float:
        now = time.monotonic()
        due = [
            self._not_before.get(machine.name, now) - now
            for machine in self._cluster.machines
            if machine.switch.exists() and machine.name not in self._inits
        ]
        return max(0.05, min([3600.0, *due]))

    def _wait(self, seconds: float) -> None:
        """Until a signal or until a machine ends: pidfds tell of adopted machines, which are not children."""
        descriptors = []
        for pid in self._inits.values():
            with contextlib.suppress(ProcessLookupError):
                descriptors.append(os.pidfd_open(pid))
        wait_for_signal(self._wake, seconds, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def _shut_down(self) -> None:
        """Workers first: they may still tell the control plane."""
        deadline = time.monotonic() + SHUTDOWN_GRACE
        for machine in reversed(self._cluster.machines):
            if pid := running_init(machine):
                kernel.kill(pid, signal.SIGTERM)
        while self._inits:
            for machine in self._cluster.machines:
                if machine.name in self._inits and not running_init(machine):
                    self._died(machine)
                elif machine.name in self._inits and time.monotonic() > deadline:
                    kernel.kill(self._inits[machine.name], signal.SIGKILL)
            ended_children()
            if self._inits:
                self._wait(max(0.05, deadline - time.monotonic()))


# -- pid files: a pid with its start time and the kernel's boot, because pids are used again


def record_pid(path: Path, pid: int) -> None:
    """At once, not bit by bit: a reader that met an empty file would take the process for dead."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(f"{pid} {kernel.start_time(pid)} {kernel.boot_id()}\n")
    temporary.replace(path)


def recorded_pid(path: Path) -> int:
    """The process that the file tells of if it still runs, else 0."""
    try:
        pid, started, boot = path.read_text().split()
    except (FileNotFoundError, ValueError):
        return 0
    same = boot == kernel.boot_id() and kernel.start_time(int(pid)) == int(started) != 0
    return int(pid) if same else 0


def running_init(machine: Machine) -> int:
    return recorded_pid(machine.pid_file)


def running_lab(cluster: Cluster) -> int:
    return recorded_pid(cluster.lab_pid_file)


def strays(cluster: Cluster, *programs: str) -> list[int]:
    """Labs and machines of this cluster, by their titles, that no pid file tells of: one was lost, or is old."""
    known = {running_lab(cluster), *map(running_init, cluster.machines)}
    titles = {(program, cluster.name) for program in programs or (LAB, INIT)}
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if tuple(words[:2]) in titles and int(path.parent.name) not in known:
                found.append(int(path.parent.name))
    return found


# -- the lab as seen by the commands


def start(cluster: Cluster) -> None:
    """Start the lab if it does not run: detached, its imports under way while the caller goes on."""
    if running_lab(cluster):
        return
    for pid in strays(cluster, LAB):
        kernel.kill(pid, signal.SIGKILL)  # Its pid file is lost: the next lab takes over its machines.
    cluster.home.mkdir(parents=True, exist_ok=True)
    cluster.run.mkdir(parents=True, exist_ok=True)
    (cluster.run / "lab.ready").unlink(missing_ok=True)
    environment = {
        key: value for key, value in os.environ.items() if key not in ("KUBECONFIG", "PYTHONDONTWRITEBYTECODE")
    }
    environment |= {"MINI_NAME": cluster.name, "MINI_HOME": str(cluster.home)}
    with cluster.lab_log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "miniadm.lab", _ROOM],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=project_folder(),
            env=environment, start_new_session=True, umask=0o022,
        )  # fmt: skip
    record_pid(cluster.lab_pid_file, process.pid)
    process.returncode = 0  # Detached on purpose: nobody here waits for it.


def notify(cluster: Cluster) -> None:
    """Have the lab look at the switches. One that is still importing looks at them anyway."""
    pid = running_lab(cluster)
    if pid and (cluster.run / "lab.ready").exists():
        kernel.kill(pid, signal.SIGHUP)


def project_folder() -> Path:
    return Path(__file__).resolve().parent.parent


def leave_the_session(cluster: Cluster) -> None:
    """Into a cgroup of our own: systemd ends a login's, or a service's, processes by theirs."""
    for root in (_CGROUPS, _CGROUPS / "systemd"):
        if (root / "cgroup.procs").exists():
            with contextlib.suppress(OSError):
                group = root / cluster.name / "lab"
                group.mkdir(parents=True, exist_ok=True)
                (group / "cgroup.procs").write_text(str(os.getpid()))


def _locked(descriptor: int) -> bool:
    """Whether the lock is ours, a moment allowed for one that was just killed to let go of it."""
    deadline = time.monotonic() + 1.0
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def main() -> None:
    cluster = from_environment()
    with (cluster.run / "lab.lock").open("w") as lock:
        if not _locked(lock.fileno()):
            sys.exit(f"the lab of cluster {cluster.name} runs already")
        kernel.set_title([LAB, cluster.name])
        leave_the_session(cluster)
        preload.load()
        lab = Lab(cluster)
        record_pid(cluster.lab_pid_file, os.getpid())
        (cluster.run / "lab.ready").touch()
        lab.run()
        (cluster.run / "lab.ready").unlink(missing_ok=True)
        cluster.lab_pid_file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
