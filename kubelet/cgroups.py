"""The cgroups of pods: made with the pod's own limits before its sandbox, removed after it. v1 and v2.

    <root>/kubepods                 all pods, by the node's processors
    <root>/kubepods/pod<uid>        a guaranteed pod
    <root>/kubepods/burstable       as much weight as its pods request together
    <root>/kubepods/besteffort      next to none: what the others leave

Writes below /sys/fs/cgroup. The runtime makes the containers' cgroups inside. A pod's limit is the sum of its
containers', so that what they share (emptyDir in memory, page cache) is bounded too.
Real Kubernetes: kubelet/cm (pod_container_manager_linux.go, qos_container_manager_linux.go). Left out: systemd.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kubelet.containers.qos import PERIOD, cpu_shares, pod_cgroup, pod_limits, requested_cpu, tier
from machinery.api.core.v1 import Pod, PodSpec

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
    if "pids" in limits:
        files["pids/pids.max"] = str(limits["pids"])
    return files


def v2_files(limits: Mapping[str, int]) -> dict[str, str]:
    files = {"cpu.weight": str(weight(limits["cpu_shares"]))}
    if "cpu_quota" in limits:
        files["cpu.max"] = f"{limits['cpu_quota']} {PERIOD}"
    if "memory_limit" in limits:
        files["memory.max"] = str(limits["memory_limit"])
    if "pids" in limits:
        files["pids.max"] = str(limits["pids"])
    return files


class Cgroups:
    """All pods' cgroups under one parent."""

    def __init__(
        self,
        parent: str,
        root: Path = ROOT,
        *,
        cpus: int = 1,
        most_pids: int = -1,
        pods: Callable[[], Iterable[Pod]] = tuple,
    ) -> None:
        self._parent = parent
        self._root = root
        self._cpus = cpus
        self._most_pids = most_pids
        self._pods = pods
        self._asked: dict[str, tuple[PodSpec, int]] = {}
        self._weights: dict[str, int] = {}
        self._removed: set[str] = set()
        """Pods that still are pods, but have no cgroup any more."""
        self._v2 = (root / "cgroup.controllers").exists()

    def create(self, pod: Pod) -> None:
        """Best effort: without limits a pod still runs."""
        limits = pod_limits(pod)
        if self._most_pids > 0:
            limits["pids"] = self._most_pids
        self._tiers()
        self._make(pod_cgroup(self._parent, pod), limits)

    def _tiers(self) -> None:
        """What lies above the pods."""
        pods = {pod.metadata.uid: pod for pod in self._pods()}
        self._removed &= pods.keys()
        burstable = [pod for uid, pod in pods.items() if uid not in self._removed and tier(pod) == "burstable"]
        self._asked = {pod.metadata.uid: self._request(pod) for pod in burstable}
        asked = sum(milli for _, milli in self._asked.values())
        top = f"{self._parent.rstrip('/')}/kubepods"
        for path, milli in ((top, 1000 * self._cpus), (f"{top}/burstable", asked), (f"{top}/besteffort", 0)):
            if self._weights.get(path) != milli:
                self._make(path, {"cpu_shares": cpu_shares(milli)})
                self._weights[path] = milli

    def _request(self, pod: Pod) -> tuple[PodSpec, int]:
        """Added up once for each spec: this is asked of every pod whenever one comes or goes."""
        known = self._asked.get(pod.metadata.uid)
        return known if known is not None and known[0] is pod.spec else (pod.spec, requested_cpu(pod))

    def _make(self, path: str, limits: Mapping[str, int]) -> None:
        try:
            if self._v2:
                self._create_v2(path, v2_files(limits))
            else:
                self._create_v1(path, v1_files(limits))
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
        for parent in ("", "/burstable", "/besteffort"):
            self._remove(f"{self._parent.rstrip('/')}/kubepods{parent}/pod{uid}")
        self._removed.add(uid)
        self._tiers()

    def leftovers(self) -> set[str]:
        """UIDs that have a cgroup: a runtime that is interrupted may make one for a sandbox that nobody wants now."""
        top = f"{self._parent.strip('/')}/kubepods".lstrip("/")
        patterns = [f"{top}{tier}/pod*" for tier in ("", "/burstable", "/besteffort")]
        found = (path for hierarchy in self._hierarchies() for pattern in patterns for path in hierarchy.glob(pattern))
        return {path.name.removeprefix("pod") for path in found}

    def _hierarchies(self) -> list[Path]:
        return [self._root] if self._v2 else [entry for entry in self._root.iterdir() if entry.is_dir()]

    def _remove(self, path: str) -> None:
        for hierarchy in self._hierarchies():
            top = hierarchy / path.lstrip("/")
            for folder, _, _ in os.walk(top, topdown=False) if top.is_dir() else ():
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


class NoCgroups:
    """For a runtime that runs no process: there is nothing to limit."""

    def create(self, pod: Pod) -> None:
        pass

    def remove_uid(self, uid: str) -> None:
        pass

    def leftovers(self) -> set[str]:
        return set()
