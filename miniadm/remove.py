"""`mini down` stops a cluster and keeps its disks; `mini delete` removes every trace of it.

Both begin by shutting the machines down: with a machine's first process the kernel ends all its processes and
mounts. What remains are things with our names on the host: links, rules, namespaces, cgroups, folders.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from miniadm import host, kubeconfig, lab
from miniadm.cluster import RUN_ROOT, Cluster, SetupError
from miniadm.kernel import kill, start_time
from miniadm.lab import running_init, running_lab
from miniadm.machine import CNI_CACHE
from miniadm.progress import Progress

_DEADLINE = 20.0
_CGROUPS = Path("/sys/fs/cgroup")


def down(cluster: Cluster, progress: Progress) -> None:
    """Stop everything; what is on disk stays."""
    if not cluster.subnet:
        progress.say(f"cluster {cluster.name} is not there")
        return
    with progress.step("shut the machines down"):
        _shut_down(cluster)
    with progress.step("take the network away"):
        host.link_down(cluster)
    remove_cgroups(cluster)
    shutil.rmtree(cluster.run, ignore_errors=True)


def delete(cluster: Cluster, progress: Progress) -> None:
    """Stop everything and leave nothing."""
    if cluster.subnet:
        down(cluster, progress)
        host.restore_forwarding(cluster)
    _end_all(cluster)  # Also where the cluster's own file is lost.
    with progress.step("remove files"):
        _remove_files(cluster)
    try:
        kubeconfig.remove_context(cluster, kubeconfig.user_file())
    except (SetupError, OSError) as problem:
        progress.say(f"  (your kubeconfig was left alone: {problem})")


def _shut_down(cluster: Cluster) -> None:
    for machine in cluster.machines:
        machine.switch.unlink(missing_ok=True)
    pid = running_lab(cluster)
    if pid:
        kill(pid, signal.SIGTERM)
        _until_gone(pid)
    _end_all(cluster)


def _end_all(cluster: Cluster) -> None:
    """Whatever is left of the lab and its machines, known by a pid file or by its title alone."""
    known = [running_lab(cluster), *map(running_init, cluster.machines)]
    for pid in [*filter(None, known), *lab.strays(cluster)]:
        kill(pid, signal.SIGKILL)
        _until_gone(pid)


def _until_gone(pid: int) -> None:
    """A killed lab's children are not ours to reap: look at them instead."""
    deadline, started = time.monotonic() + _DEADLINE, start_time(pid)
    while started and start_time(pid) == started:
        if time.monotonic() > deadline:
            kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def remove_cgroups(cluster: Cluster) -> None:
    """In the one tree of version 2, or in each controller's tree of version 1. Only empty groups can go."""
    roots = [_CGROUPS / cluster.name, *_CGROUPS.glob(f"*/{cluster.name}")]
    for root in filter(Path.is_dir, roots):
        for folder, _, _ in os.walk(root, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def _remove_files(cluster: Cluster) -> None:
    if cluster.file.exists() or cluster.pki.exists():
        shutil.rmtree(cluster.home)
    elif cluster.home.exists():
        with contextlib.suppress(OSError):
            cluster.home.rmdir()
    shutil.rmtree(cluster.run, ignore_errors=True)
    for folder in (RUN_ROOT, CNI_CACHE):
        with contextlib.suppress(OSError):
            folder.rmdir()


def power(cluster: Cluster, name: str, *, on: bool) -> None:
    """`mini stop NODE`, as if the plug were pulled, and `mini start NODE`."""
    machine = cluster.machine(name)
    if not any(running_init(other) for other in cluster.machines) and not running_lab(cluster):
        raise SetupError(f"cluster {cluster.name} is down; ./mini up starts it")
    if on:
        machine.switch.touch()
    else:
        machine.switch.unlink(missing_ok=True)
    lab.start(cluster)
    lab.notify(cluster)
    deadline = time.monotonic() + _DEADLINE
    while bool(running_init(machine)) is not on:
        if time.monotonic() > deadline:
            raise SetupError(f"{name} did not {'start' if on else 'stop'}; see {cluster.lab_log}")
        time.sleep(0.02)
