"""The archive is an OCI layout whose every reference resolves."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from miniadm import checks, images


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = images.build(tmp_path_factory.mktemp("images"), checks.busybox())
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def blob(layout: dict[str, bytes], descriptor: dict) -> bytes:
    content = layout[f"blobs/{descriptor['digest'].replace(':', '/')}"]
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == descriptor["digest"]
    assert len(content) == descriptor["size"]
    return content


def test_every_image_is_there_under_its_name(layout: dict[str, bytes]):
    rows = json.loads(layout["index.json"])["manifests"]
    names = [row["annotations"]["io.containerd.image.name"] for row in rows]
    assert names == [
        "docker.io/mini/pause:1",
        "docker.io/mini/busybox:1",
        "docker.io/mini/web:1",
        "docker.io/mini/web:2",
    ]


def test_manifests_lead_to_configurations_and_one_shared_layer(layout: dict[str, bytes]):
    layers = set()
    for row in json.loads(layout["index.json"])["manifests"]:
        manifest = json.loads(blob(layout, row))
        config = json.loads(blob(layout, manifest["config"]))
        [layer] = manifest["layers"]
        assert config["rootfs"]["diff_ids"] == [layer["digest"]]
        layers.add(layer["digest"])
    assert len(layers) == 1


def test_docker_finds_the_same_images(layout: dict[str, bytes]):
    rows = json.loads(layout["manifest.json"])
    assert [name for row in rows for name in row["RepoTags"]] == [image.name for image in images.IMAGES]
    for row in rows:
        assert json.loads(layout[row["Config"]])["rootfs"]["type"] == "layers"
        assert all(name in layout for name in row["Layers"])


def test_the_layer_has_a_shell_and_our_scripts(layout: dict[str, bytes]):
    row = json.loads(layout["index.json"])["manifests"][0]
    [layer] = json.loads(blob(layout, row))["layers"]
    with tarfile.open(fileobj=io.BytesIO(blob(layout, layer))) as tar:
        assert tar.getmember("bin/sh").linkname == "busybox"
        assert tar.getmember("bin/pause").mode == 0o755
        assert tar.getmember("tmp").mode == 0o1777


def test_building_again_gives_the_same_bytes_and_keeps_the_file(tmp_path: Path):
    first = images.build(tmp_path / "a", checks.busybox())
    second = images.build(tmp_path / "b", checks.busybox())
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    written = first.stat().st_mtime_ns
    assert images.build(tmp_path / "a", checks.busybox()).stat().st_mtime_ns == written


def test_static_programs_are_told_from_dynamic_ones(tmp_path: Path):
    assert images.is_static(checks.busybox())
    assert not images.is_static(Path("/bin/ls"))
    text = tmp_path / "text"
    text.write_text("#!/bin/sh\n")
    assert not images.is_static(text)
