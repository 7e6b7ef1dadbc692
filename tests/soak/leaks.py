"""What a node without pods still holds: every line is something that nobody will ever give back.

Reads containerd's lists and folders, cgroups, mounts, the node's own network namespace (whoever calls must be in it),
the address files of CNI's host-local, and the kubelet's folders.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.containerd import Containerd

OWN_LINKS = {"lo", "cbr0"}


def leaks(node: Containerd, folder: Path, *, interruptions: int = 0) -> list[str]:
    """All of it; empty on a clean node. `folder` is where the kubelet keeps its files.

    interruptions: how often kubelet or containerd were killed. Each may cost an idle shim: one of a container that
    containerd was just making, and of which it knows nothing more, so that nobody can ask for its end.
    """
    shims = list(_shims(node))
    lost = shims if len(shims) > interruptions else []
    return [*_of_runtime(node), *lost, *_of_kernel(node), *_of_network(node), *_of_files(folder)]


def _of_runtime(node: Containerd) -> Iterator[str]:
    for kind in ("tasks", "containers"):
        yield from (f"{kind}: {each}" for each in node.ctr(kind, "ls", "-q").stdout.split())
    yield from (f"snapshot of nobody: {line}" for line in _loose_snapshots(node))


def _loose_snapshots(node: Containerd) -> Iterator[str]:
    """Writable layers; committed ones are images."""
    for line in node.ctr("snapshots", "--snapshotter", node.snapshotter, "ls").stdout.splitlines()[1:]:
        if line.split()[-1] == "Active" and not line.startswith("extract-"):
            yield line


def _shims(node: Containerd) -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (command := _command(entry)) and "containerd-shim" in command[0]:
            yield from (f"process: {' '.join(command)}" for word in command if str(node.folder) in word)


def _of_kernel(node: Containerd) -> Iterator[str]:
    """Processes of pods keep their cgroups, and show by them."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if line.split()[4].startswith(f"{node.folder}/state"):
            yield f"mount: {line.split()[4]}"
    for top in {*Path("/sys/fs/cgroup").glob(f"*{node.cgroup_root}"), Path(f"/sys/fs/cgroup{node.cgroup_root}")}:
        for path, _, _ in os.walk(top):
            if "/pod" in path.removeprefix(f"{top}/kubepods"):
                yield f"cgroup: {path}"


def _command(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _of_network(node: Containerd) -> Iterator[str]:
    links = json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True, text=True, check=True).stdout)
    yield from (f"link: {link['ifname']}" for link in links if link["ifname"] not in OWN_LINKS)
    yield from (f"address: {address}" for address in node.addresses())
    yield from (f"network namespace: {path}" for path in node.pod_namespaces())
    rules = subprocess.run(["iptables-save", "-t", "nat"], capture_output=True, text=True, check=True).stdout
    yield from (f"rule: {line}" for line in rules.splitlines() if line.startswith(("-A CNI-DN-", ":CNI-DN-")))


def _of_files(folder: Path) -> Iterator[str]:
    for name in ("kubelet/pods", "logs"):
        yield from (f"folder: {path}" for path in (folder / name).glob("*"))
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if line.split()[4].startswith(str(folder / "kubelet")):
            yield f"mount: {line.split()[4]}"
