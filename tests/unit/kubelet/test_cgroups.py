"""Pods' cgroups on both versions, in a folder that looks like one."""

from __future__ import annotations

from pathlib import Path

from kubelet.cgroups import Cgroups, weight
from machinery.api.core.v1 import Container, Pod, PodSpec, ResourceRequirements
from machinery.api.meta.v1 import ObjectMeta

LIMITS = ResourceRequirements(limits={"cpu": "500m", "memory": "32Mi"})
POD = Pod(metadata=ObjectMeta(uid="u"), spec=PodSpec(containers=(Container(name="c", resources=LIMITS),)))


def test_version_1(tmp_path: Path) -> None:
    for controller in ("cpu", "memory", "pids"):
        (tmp_path / controller).mkdir()
    Cgroups("/mini/n1", tmp_path).create(POD)
    assert (tmp_path / "cpu/mini/n1/kubepods/podu/cpu.shares").read_text() == "512"
    assert (tmp_path / "cpu/mini/n1/kubepods/podu/cpu.cfs_quota_us").read_text() == "50000"
    assert (tmp_path / "memory/mini/n1/kubepods/podu/memory.limit_in_bytes").read_text() == str(32 << 20)


def test_version_2(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").touch()
    Cgroups("/mini/n1", tmp_path).create(POD)
    folder = tmp_path / "mini/n1/kubepods/podu"
    assert (folder / "cpu.max").read_text() == "50000 100000" and (folder / "memory.max").read_text() == str(32 << 20)
    assert (tmp_path / "mini/n1/kubepods/cgroup.subtree_control").read_text() == "+cpu +memory +pids +cpuset"


def test_tiers_follow_their_pods(tmp_path: Path) -> None:
    for controller in ("cpu", "memory", "pids"):
        (tmp_path / controller).mkdir()

    def asks(uid: str, cpu: str) -> Pod:
        resources = ResourceRequirements(requests={"cpu": cpu})
        return Pod(metadata=ObjectMeta(uid=uid), spec=PodSpec(containers=(Container(name="c", resources=resources),)))

    pods = [asks("a", "1"), asks("b", "500m"), POD]
    cgroups = Cgroups("/r", tmp_path, cpus=4, most_pids=50, pods=lambda: pods)
    cgroups.create(pods[0])
    top = tmp_path / "cpu/r/kubepods"
    shares = [(top / tier / "cpu.shares").read_text() for tier in ("", "burstable", "besteffort")]
    assert shares == ["4096", "1536", "2"]
    assert (tmp_path / "pids/r/kubepods/burstable/poda/pids.max").read_text() == "50"
    cgroups.remove_uid("a")
    assert (top / "burstable/cpu.shares").read_text() == "512"


def test_removal_takes_what_is_inside(tmp_path: Path) -> None:
    for controller in ("cpu", "memory"):
        (tmp_path / controller / "r/kubepods/besteffort/podu/container").mkdir(parents=True)
    Cgroups("/r", tmp_path).remove_uid("u")
    assert not list(tmp_path.rglob("podu")) and (tmp_path / "cpu/r/kubepods/besteffort").exists()


def test_cgroups_without_a_pod_are_found_by_their_uids(tmp_path: Path) -> None:
    for folder in ("cpu/r/kubepods/podx", "memory/r/kubepods/besteffort/pody/z", "pids/r/kubepods/burstable"):
        (tmp_path / folder).mkdir(parents=True)
    cgroups = Cgroups("/r", tmp_path)
    assert cgroups.leftovers() == {"x", "y"}
    cgroups.remove_uid("x")
    assert cgroups.leftovers() == {"y"}


def test_weights() -> None:
    assert [weight(shares) for shares in (2, 1024, 262144)] == [1, 39, 10000]
