"""hostPath types, subPath's walls, claims."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kubelet.volumes import mount
from kubelet.volumes.claims import bound_volume, check_bound, check_node, claim_name
from kubelet.volumes.empty_dir import empty_dir, memory_size
from kubelet.volumes.failure import ClaimFailure, VolumeFailure
from kubelet.volumes.host_path import host_path
from kubelet.volumes.sub_path import opened
from machinery.api.core.v1 import (
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    HostPathVolumeSource,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeClaimVolumeSource,
    PersistentVolumeSpec,
    Pod,
    Volume,
    VolumeNodeAffinity,
)
from machinery.api.meta.v1 import ObjectMeta, OwnerReference
from tests.support.runs import NOW


def source(path: Path, kind: str | None = None) -> HostPathVolumeSource:
    return HostPathVolumeSource(path=str(path), type=kind)


def test_host_paths(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert host_path(source(tmp_path / "anything")) == tmp_path / "anything"
    assert host_path(source(tmp_path / "new/dir", "DirectoryOrCreate")).is_dir()
    assert host_path(source(tmp_path / "new/file", "FileOrCreate")).is_file()
    assert host_path(source(tmp_path / "file", "File")).is_file()
    assert host_path(source(Path("/dev/null"), "CharDevice"))
    for kind, words in (("Directory", "a directory"), ("Socket", "a socket file"), ("BlockDevice", "a block device")):
        with pytest.raises(VolumeFailure, match=f"hostPath type check failed: .*/file is not {words}"):
            host_path(source(tmp_path / "file", kind))


def test_an_empty_dir_is_kept(tmp_path: Path) -> None:
    folder = empty_dir(EmptyDirVolumeSource(), tmp_path / "e", None)
    (folder / "x").touch()
    assert empty_dir(EmptyDirVolumeSource(), tmp_path / "e", None) == folder and (folder / "x").exists()
    assert folder.stat().st_mode & 0o7777 == 0o777


def test_memory_is_bounded_by_the_smallest_of_all_bounds() -> None:
    source = EmptyDirVolumeSource(medium="Memory", size_limit="2Mi")
    assert memory_size(source, 0, 1 << 30) == 2 << 20
    assert memory_size(source, 1 << 20, 1 << 30) == 1 << 20
    assert memory_size(EmptyDirVolumeSource(medium="Memory"), 0, 1 << 30) == 1 << 30
    with pytest.raises(VolumeFailure, match='unknown storage medium "HugePages"'):
        empty_dir(EmptyDirVolumeSource(medium="HugePages"), Path("/nowhere"), None)


def test_a_sub_path_stays_inside(tmp_path: Path) -> None:
    volume = tmp_path / "v"
    (volume / "a").mkdir(parents=True)
    (volume / "in").symlink_to("a")
    (volume / "out").symlink_to("/etc")

    def means(sub_path: str) -> Path:
        with opened(volume, sub_path) as found:
            return Path(os.readlink(f"/proc/self/fd/{found}"))

    assert means("a") == means("in") == volume / "a"
    assert means("new/deep").is_dir() and means(".") == volume
    for bad in ("../x", "/etc", "out", "out/passwd"):
        with pytest.raises(VolumeFailure):
            means(bad)


def test_what_is_mounted_below_a_folder_is_found_behind_links(tmp_path: Path) -> None:
    real, source = tmp_path / "real folder", tmp_path / "source"
    (real / "v").mkdir(parents=True)
    source.mkdir()
    (source / "kept").touch()
    (tmp_path / "link").symlink_to(real)
    mount.bind(str(source), real / "v")
    assert mount.mounts_under(tmp_path / "link") == [real / "v"]
    mount.unmount_all(tmp_path / "link")
    assert not mount.mounts_under(real) and (source / "kept").exists()


def a_claim(**changes: Any) -> PersistentVolumeClaim:
    spec, status = PersistentVolumeClaimSpec(volume_name="pv"), PersistentVolumeClaimStatus(phase="Bound")
    meta = ObjectMeta(name="data", uid="c1")
    return PersistentVolumeClaim(**{"metadata": meta, "spec": spec, "status": status, **changes})


POD = Pod(metadata=ObjectMeta(name="web", namespace="default", uid="p1"))
BY_CLAIM = Volume(name="v", persistent_volume_claim=PersistentVolumeClaimVolumeSource(claim_name="data"))
OWN = Volume(name="v", ephemeral=EphemeralVolumeSource())


def test_claims() -> None:
    assert bound_volume(POD, BY_CLAIM, a_claim()) == "pv"
    owner = OwnerReference(api_version="v1", kind="Pod", name="web", uid="p1", controller=True)
    assert claim_name(POD, OWN) == "web-v"
    assert bound_volume(POD, OWN, a_claim(metadata=ObjectMeta(name="web-v", owner_references=(owner,)))) == "pv"


@pytest.mark.parametrize(("volume", "claim", "why"), [
    (BY_CLAIM, None, 'data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found'),
    (BY_CLAIM, a_claim(status=PersistentVolumeClaimStatus(phase="Pending")), "data: PVC is not bound"),
    (BY_CLAIM, a_claim(metadata=ObjectMeta(name="data", deletion_timestamp=NOW)), "data: PVC is being deleted"),
    (OWN, a_claim(), "web-v: PVC default/web-v was not created for pod default/web (pod is not owner)"),
])
def test_claims_from_which_nothing_follows(volume: Volume, claim: PersistentVolumeClaim | None, why: str) -> None:
    with pytest.raises(ClaimFailure) as raised:
        bound_volume(POD, volume, claim)
    assert str(raised.value) == f"error processing PVC default/{why}"


def test_a_volume_must_name_its_claim_too() -> None:
    other = ObjectReference(uid="c2")
    for reference, why in ((None, "nil pv.Spec.ClaimRef"), (other, "c2 does not point to claim.UID c1")):
        spec = PersistentVolumeSpec(claim_ref=reference)
        with pytest.raises(ClaimFailure, match=why):
            check_bound(POD, a_claim(), PersistentVolume(metadata=ObjectMeta(name="pv"), spec=spec))


def test_a_volume_may_be_tied_to_nodes() -> None:
    wanted = NodeSelectorRequirement(key="zone", operator="NotIn", values=("b",))
    term = NodeSelectorTerm(match_expressions=(wanted,))
    affinity = VolumeNodeAffinity(required=NodeSelector(node_selector_terms=(term,)))
    volume = PersistentVolume(spec=PersistentVolumeSpec(node_affinity=affinity))
    check_node(volume, {"zone": "a"}, "n1")
    check_node(PersistentVolume(), {}, "n1")
    with pytest.raises(VolumeFailure, match="no matching NodeSelectorTerms"):
        check_node(volume, {"zone": "b"}, "n1")
