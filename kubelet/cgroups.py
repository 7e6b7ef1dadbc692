"""The cgroups of pods: made with the pod's own limits before its sandbox, removed after it. v1 and v2.

Writes below /sys/fs/cgroup. The runtime makes the containers' cgroups inside. A pod's limit is the sum of its
containers', so that what they share (emptyDir in memory, page cache) is bounded too.
Real Kubernetes: kubelet/cm/pod_container_manager_linux.go. Left out: the QoS tiers' own shares, systemd.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from kubelet.containers.qos import PERIOD, pod_cgroup, pod_limits
from machinery.api.core.v1 import Pod

log = logging.getLogger(__name__)

ROOT = Path("/sys/fs/cgroup")
V2_CONTROLLERS = "+cpu +memory +pids +cpuset"


def weight(shares: int) -> int:
    """cgroup v2's cpu.weight (1 to 10000) for v1's cpu.shares (2 to 262144)."""
    return 1 + (shares - 2) * 9999 // 262142


def v1_files(limits: Mapping[str, int]) -> dict[str, str]:
    """"<controller>/<file>" -> content."""
    files = {"cpu/cpu.shares": str(limits["cpu_shares"])}
    if "cpu_quota" in limits:
        files |= {"cpu/cpu.cfs_period_us": str(PERIOD), "cpu/cpu.cfs_quota_us": str(limits["cpu_quota"])}
    if "memory_limit" in limits:
        files["memory/memory.limit_in_bytes"] = str(limits["memory_limit"])
    return files


def v2_files(limits: Mapping[str, int]) -> dict[str, str]:
    files = {"cpu.weight": str(weight(limits["cpu_shares"]))}
    if "cpu_quota" in limits:
        files["cpu.max"] = f"{limits['cpu_quota']} {PERIOD}"
    if "memory_limit" in limits:
        files["memory.max"] = str(limits["memory_limit"])
    return files


class Cgroups:
    """All pods' cgroups under one parent."""

    def __init__(self, parent: str, root: Path = ROOT) -> None:
        self._parent = parent
        self._root = root
        self._v2 = (root / "cgroup.controllers").exists()

    def create(self, pod: Pod) -> None:
        """Best effort: without limits a pod still runs."""
        path = pod_cgroup(self._parent, pod)
        try:
            if self._v2:
                self._create_v2(path, v2_files(pod_limits(pod)))
            else:
                self._create_v1(path, v1_files(pod_limits(pod)))
        except OSError as error:
            log.warning("cgroup %s: %s", path, error)

    def _create_v1(self, path: str, files: Mapping[str, str]) -> None:
        for name, content in files.items():
            controller, _, file = name.partition("/")
            folder = self._root / controller / path.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(content)

    def _create_v2(self, path: str, files: Mapping[str, str]) -> None:
        folder = self._root
        for part in path.strip("/").split("/"):
            with contextlib.suppress(OSError):
                (folder / "cgroup.subtree_control").write_text(V2_CONTROLLERS)
            folder = folder / part
            folder.mkdir(exist_ok=True)
        for file, content in files.items():
            (folder / file).write_text(content)

    def remove_uid(self, uid: str) -> None:
        """Whatever the pod's quality of service was: of an orphan only the UID is known."""
        for tier in ("", "/burstable", "/besteffort"):
            self._remove(f"{self._parent.rstrip('/')}/kubepods{tier}/pod{uid}")

    def _remove(self, path: str) -> None:
        hierarchies = [self._root] if self._v2 else [entry for entry in self._root.iterdir() if entry.is_dir()]
        for hierarchy in hierarchies:
            top = hierarchy / path.lstrip("/")
            for folder, _, _ in os.walk(top, topdown=False) if top.is_dir() else ():
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
