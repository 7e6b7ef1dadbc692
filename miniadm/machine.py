"""Boots a machine: a process tree with its own network, hostname, process numbers and mounts.

The lab forks a child in a new PID namespace, where it is process 1; the child enters the machine's network
namespace, arranges its mounts and becomes `init`. All mounts of all pods live in the machine's own mount
namespace and all its processes in its PID namespace: killing process 1 is pulling the plug, and the kernel
leaves nothing behind. kind uses a privileged Docker container for the same purpose.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from miniadm import host, kernel
from miniadm.cluster import Machine
from miniadm.init import Init, leave, log

# libcni keeps its results here, a path that cannot be configured through containerd.
CNI_CACHE = Path("/var/lib/cni")
MACHINE_ID = Path("/etc/machine-id")
_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    # Per network namespace: at 0, a Service whose endpoint sits on the client's own node hangs.
    "net/bridge/bridge-nf-call-iptables": "1",
}


def power_on(machine: Machine) -> int:
    """Start the machine and return the process id, on the host, of its init."""
    _empty_run(machine)
    host.unplug(machine)
    host.plug(machine)
    kernel.unshare(kernel.CLONE_NEWPID)
    try:
        pid = os.fork()
    finally:
        if os.getpid() != 1:
            kernel.setns("/proc/self/ns/pid", kernel.CLONE_NEWPID)
    if pid == 0:
        _be_machine(machine)
    return pid


def _empty_run(machine: Machine) -> None:
    """What /run held before a power cut (sockets, pids, container state) is about processes long gone."""
    shutil.rmtree(machine.run, ignore_errors=True)
    for folder in (machine.run, machine.logs, machine.home / "cni-cache"):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in ("netns", "containerd", "lock"):
        (machine.run / folder).mkdir()


def _be_machine(machine: Machine) -> None:
    """In the child: never returns."""
    code = 1
    try:
        os.closerange(3, 256)  # The lab's lock among them: it must not outlive the lab.
        os.setsid()
        kernel.set_title(["mini-init", machine.cluster.name, machine.name])
        output = os.open(machine.logs / "init.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.dup2(output, 1)
        os.dup2(output, 2)
        log(f"machine {machine.name} of cluster {machine.cluster.name} boots")
        enter(machine)
        Init(machine).run()
        code = 0
    finally:
        leave(code)


def enter(machine: Machine) -> None:
    """Arrange the namespaces and mounts in which everything of this machine runs."""
    kernel.setns(f"/run/netns/{machine.netns}", kernel.CLONE_NEWNET)
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS)
    kernel.set_hostname(machine.name)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_SLAVE)
    _mount_own_files(machine)
    kernel.mount("proc", "/proc", kind="proc")
    # Containers may share mounts with the machine, never with the host.
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_SHARED)
    for name, value in _SYSCTLS.items():
        path = Path("/proc/sys", name)
        if path.exists():
            path.write_text(value)


def _mount_own_files(machine: Machine) -> None:
    resolver, target = _resolver()
    (machine.home / "hosts").write_text(_hosts(machine))
    (machine.home / "resolv.conf").write_text(resolver)
    bind(machine.home / "hosts", Path("/etc/hosts"))
    if MACHINE_ID.exists():
        bind(_machine_id(machine), MACHINE_ID)
    bind(machine.home / "cni-cache", CNI_CACHE)
    if target.is_relative_to("/run"):
        own = machine.run / target.relative_to("/run")
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(resolver)
    elif target.exists():
        bind(machine.home / "resolv.conf", target)
    bind(machine.run, Path("/run"))


def _machine_id(machine: Machine) -> Path:
    """Made once and kept: two nodes with the same identity would be one to whoever counts by it."""
    path = machine.home / "machine-id"
    if not path.exists():
        path.write_text(f"{uuid.uuid4().hex}\n")
    return path


def bind(source: Path, target: Path) -> None:
    kernel.mount(str(source), str(target), flags=kernel.MS_BIND)


def _hosts(machine: Machine) -> str:
    rows = [f"{other.ip}\t{other.name}" for other in machine.cluster.machines]
    return "\n".join(["127.0.0.1\tlocalhost", *rows, ""])


def _resolver() -> tuple[str, Path]:
    """The name servers of this computer, without those that only the host itself can reach; and the file."""
    target = Path(os.path.realpath("/etc/resolv.conf"))
    for path in (target, Path("/run/systemd/resolve/resolv.conf")):
        if path.exists() and (lines := _reachable(path.read_text())):
            return "\n".join([*lines, ""]), target
    return "", target


def _reachable(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("nameserver 127.")]
    return lines if any(line.startswith("nameserver") for line in lines) else []
