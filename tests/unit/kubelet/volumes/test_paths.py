"""hostPath types, subPath's walls, claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubelet.volumes.claims import bound_volume, path_of
from kubelet.volumes.empty_dir import empty_dir
from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.host_path import host_path
from kubelet.volumes.sub_path import resolve
from machinery.api.core.v1 import (
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeSpec,
)


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


def test_a_sub_path_stays_inside(tmp_path: Path) -> None:
    volume = tmp_path / "v"
    (volume / "a").mkdir(parents=True)
    (volume / "in").symlink_to("a")
    (volume / "out").symlink_to("/etc")
    assert resolve(volume, "a") == resolve(volume, "in") == volume / "a"
    assert resolve(volume, "new/deep").is_dir()
    for bad in ("../x", "/etc", "out", "out/passwd"):
        with pytest.raises(VolumeFailure):
            resolve(volume, bad)


def test_claims(tmp_path: Path) -> None:
    claim = PersistentVolumeClaim(spec=PersistentVolumeClaimSpec(volume_name="pv"),
                                  status=PersistentVolumeClaimStatus(phase="Bound"))
    assert bound_volume(claim, "data") == "pv"
    with pytest.raises(VolumeFailure, match='persistentvolumeclaim "data" not found'):
        bound_volume(None, "data")
    with pytest.raises(VolumeFailure, match="is not bound yet"):
        bound_volume(PersistentVolumeClaim(), "data")
    volume = PersistentVolume(spec=PersistentVolumeSpec(host_path=source(tmp_path)))
    assert path_of(volume) == tmp_path
    with pytest.raises(VolumeFailure, match="no volume plugin matched"):
        path_of(PersistentVolume())
