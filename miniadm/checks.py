"""Looks before `up` leaps: everything that this computer must be able to do, each with what to do if not.

Each check tries the real thing (mounts an overlay, lists a firewall table) rather than guess from a version.
kubeadm calls these preflight checks.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from miniadm import containerd, host, images, kernel
from miniadm.cluster import Cluster, SetupError

BUSYBOX = (Path("/bin/busybox"), Path("/usr/bin/busybox"), Path("/bin/busybox.static"))
_TOOLS = {
    "ip": "iproute2",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "nsenter": "util-linux",
    "etcd": "etcd-server",
}
_RUNTIME_TOOLS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "conntrack": "conntrack",
}
_DOCKER_TOOLS = {"dockerd": "docker.io"}
_MODULES = ("overlay", "br_netfilter", "veth", "nf_conntrack")


def preflight(cluster: Cluster) -> None:
    """Raise one SetupError that names everything which is in the way."""
    checks: list[Callable[[Cluster], Iterable[str]]] = [
        _root, _tools, _folder, _bridge, _namespaces, _firewall
    ]  # fmt: skip
    if cluster.runs_containers:
        checks += [_container_parts, _overlay]
    problems = list(_root(cluster)) or [problem for check in checks for problem in check(cluster)]
    if problems:
        with contextlib.suppress(OSError):
            cluster.home.rmdir()  # If it is empty, it was made for the checks.
        raise SetupError("\n".join(["this computer is not ready for a cluster:", *problems]))


def load_modules() -> None:
    """Ask for the kernel's parts; where they are built in, or modprobe is missing, there is nothing to do."""
    if shutil.which("modprobe") and any(not Path("/sys/module", name).exists() for name in _MODULES):
        subprocess.run(["modprobe", "-qa", *_MODULES], capture_output=True, check=False)


def busybox() -> Path:
    for path in BUSYBOX:
        if path.exists() and images.is_static(path):
            return path
    raise SetupError("no statically linked busybox found (package busybox-static)")


def _root(_: Cluster) -> Iterable[str]:
    if os.geteuid() != 0:
        yield "  - machines are made of namespaces, which only root may make: run it as root, or with sudo"


def _tools(cluster: Cluster) -> Iterable[str]:
    wanted = {**_TOOLS, **(_RUNTIME_TOOLS if cluster.runs_containers else {})}
    wanted |= _DOCKER_TOOLS if cluster.runtime == "docker" else {}
    for tool, package in wanted.items():
        if shutil.which(tool) is None:
            yield f"  - {tool} is missing or half installed: apt-get install --reinstall {package}"


def _container_parts(_: Cluster) -> Iterable[str]:
    for find in (busybox, containerd.plugin_folder):
        try:
            find()
        except SetupError as missing:
            yield f"  - {missing}"


def _folder(cluster: Cluster) -> Iterable[str]:
    try:
        cluster.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        yield f"  - {cluster.home} cannot be made ({error.strerror}): set MINI_HOME to another folder"
        return
    free = shutil.disk_usage(cluster.home).free
    if free < 512 * 2**20:
        yield f"  - {cluster.home} has {free >> 20} MB free and needs 512: set MINI_HOME to another disk"


def _bridge(cluster: Cluster) -> Iterable[str]:
    """A bridge by our name that is not ours."""
    alias = host.bridge_alias(cluster.bridge)
    if alias is not None and alias != cluster.tag:
        yield (
            f"  - a network link called {cluster.bridge} exists and is not this cluster's: "
            f"remove it (ip link delete {cluster.bridge}) or choose another name with MINI_NAME"
        )


def _namespaces(_: Cluster) -> Iterable[str]:
    for kind in ("net", "pid", "uts", "mnt"):
        if not Path("/proc/self/ns", kind).exists():
            yield f"  - this kernel has no {kind} namespaces: it must be built with them"
    for kind in ("bridge", "veth"):
        if not _can_make(kind):
            yield f"  - this kernel cannot make a {kind} link: load the module, or use a kernel that has it"


def _can_make(kind: str) -> bool:
    name = f"minitry{os.getpid() % 10000}"
    made = subprocess.run(["ip", "link", "add", name, "type", kind], capture_output=True, check=False)
    if made.returncode == 0:
        subprocess.run(["ip", "link", "delete", name], capture_output=True, check=False)
    return made.returncode == 0


def _firewall(_: Cluster) -> Iterable[str]:
    for table in ("filter", "nat"):
        done = subprocess.run(["iptables", "-w", "5", "-t", table, "-S"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            yield f"  - iptables has no {table} table here: {done.stderr.strip()}"


def _overlay(cluster: Cluster) -> Iterable[str]:
    """Containers' file systems are overlays; over another overlay (inside a container) there are none."""
    with tempfile.TemporaryDirectory(dir=cluster.home, prefix=".overlay-") as folder:
        paths = {name: Path(folder, name) for name in ("lower", "upper", "work", "merged")}
        for path in paths.values():
            path.mkdir()
        options = f"lowerdir={paths['lower']},upperdir={paths['upper']},workdir={paths['work']}"
        try:
            kernel.mount("overlay", str(paths["merged"]), kind="overlay", options=options)
        except OSError as error:
            yield (
                f"  - no overlay can be mounted in {cluster.home} ({error.strerror}): "
                "set MINI_HOME to a folder on ext4, xfs or tmpfs"
            )
        else:
            kernel.unmount(str(paths["merged"]))
