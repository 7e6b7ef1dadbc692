"""How a folder of another machine is mounted: mount(8)'s arguments, and its complaints as events tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubelet.volumes.failure import MountFailure, VolumeFailure
from kubelet.volumes.nfs import arguments, mount_nfs
from machinery.api.core.v1 import NFSVolumeSource

SOURCE = NFSVolumeSource(server="10.0.0.9", path="/export/data")


def test_arguments() -> None:
    place = Path("/p")
    assert arguments(SOURCE, place, ()) == ["-t", "nfs", "10.0.0.9:/export/data", "/p"]
    assert arguments(SOURCE, place, ("nfsvers=4.2", "hard"), read_only=True)[2:4] == ["-o", "ro,nfsvers=4.2,hard"]
    far = NFSVolumeSource(server="fd00::9", path="/", read_only=True)
    assert arguments(far, place, ()) == ["-t", "nfs", "-o", "ro", "[fd00::9]:/", "/p"]


def script(folder: Path, text: str) -> str:
    file = folder / "mount"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


async def test_what_mount_says_is_what_the_user_reads(tmp_path: Path) -> None:
    command = script(tmp_path, "echo 'mount.nfs: access denied by server' >&2; exit 32")
    with pytest.raises(VolumeFailure) as raised:
        await mount_nfs(SOURCE, tmp_path / "v", command=command)
    assert str(MountFailure("pv", raised.value)) == (
        'MountVolume.SetUp failed for volume "pv" : mount failed: exit status 32\n'
        f"Mounting command: {command}\nMounting arguments: -t nfs 10.0.0.9:/export/data {tmp_path}/v\n"
        "Output: mount.nfs: access denied by server\n")
    assert not (tmp_path / "v").exists()


async def test_a_mount_that_works(tmp_path: Path) -> None:
    command = script(tmp_path, f'echo "$@" > {tmp_path}/said')
    assert await mount_nfs(SOURCE, tmp_path / "v", ("soft",), command=command) == tmp_path / "v"
    assert (tmp_path / "said").read_text() == f"-t nfs -o soft 10.0.0.9:/export/data {tmp_path}/v\n"
