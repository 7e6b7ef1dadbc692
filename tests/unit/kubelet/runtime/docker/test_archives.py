"""An OCI archive becomes one that every Docker reads; layers that were left out stay out."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import archives
from machinery.component.version import architecture


def archive(files: dict[str, Any]) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return target


async def converted(files: dict[str, Any]) -> list[dict[str, bytes]]:
    found = []
    for each in archives.docker_archives(archive(files)):
        raw = b"".join([block async for block in archives.in_blocks(each)])
        with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
            found.append({member.name: tar.extractfile(member).read() for member in tar})  # type: ignore[union-attr]
    return found


MANIFEST = {"config": {"digest": "sha256:c"}, "layers": [{"digest": "sha256:a"}, {"digest": "sha256:b"}]}
NAMED = {"io.containerd.image.name": "docker.io/library/own:1"}


async def test_an_image_with_a_layer_left_out() -> None:
    (found,) = await converted({
        "index.json": {"manifests": [{"digest": "sha256:m", "annotations": NAMED}]}, "blobs/sha256/m": MANIFEST,
        "blobs/sha256/c": b"{}", "blobs/sha256/b": b"x" * 1000})  # fmt: skip
    layers = ["blobs/sha256/a", "blobs/sha256/b"]
    assert json.loads(found.pop("manifest.json")) == [
        {"Config": "blobs/sha256/c", "RepoTags": ["docker.io/library/own:1"], "Layers": layers}]
    assert found == {"blobs/sha256/c": b"{}", "blobs/sha256/b": b"x" * 1000}


async def test_an_image_for_several_machines() -> None:
    many = [{"digest": "sha256:no", "platform": {"os": "linux", "architecture": "other"}},
            {"digest": "sha256:m", "platform": {"os": "linux", "architecture": architecture()}}]  # fmt: skip
    (found,) = await converted({
        "index.json": {"manifests": [{"digest": "sha256:i", "annotations": NAMED}]},
        "blobs/sha256/i": {"manifests": many}, "blobs/sha256/m": MANIFEST, "blobs/sha256/c": b"{}"})  # fmt: skip
    assert set(found) == {"manifest.json", "blobs/sha256/c"}


async def test_docker_s_own_form_passes() -> None:
    assert await converted({"manifest.json": [], "l.tar": b"x"}) == [{"manifest.json": b"[]", "l.tar": b"x"}]


@pytest.mark.parametrize(("files", "words"), [
    ({"a": b""}, "neither index.json nor manifest.json"), ({"index.json": b"{"}, "cannot read"),
    ({"index.json": {"manifests": [{"digest": "sha256:m"}]}}, "lacks blobs/sha256/m"),
    ({"index.json": {"manifests": [{"digest": "sha256:m"}]}, "blobs/sha256/m": MANIFEST}, "lacks blobs/sha256/c"),
])  # fmt: skip
async def test_what_is_no_archive_of_images(files: dict[str, Any], words: str) -> None:
    with pytest.raises(rt.RuntimeFailure, match=words):
        await converted(files)


def test_no_archive_at_all(tmp_path: Path) -> None:
    with pytest.raises(rt.RuntimeFailure, match="cannot read the archive"):
        list(archives.docker_archives(io.BytesIO(b"nothing of the kind" * 100)))
