"""Archives of images: both forms that tools write, and what is sent of them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from minictl.archive import NAME, full_name, open_archive, write
from minictl.failure import Failure


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(data: bytes) -> tuple[str, bytes]:
    return "blobs/" + digest(data).replace(":", "/"), data


def sent(path: Path, known: set[str]) -> tuple[int, dict[str, Any], set[str]]:
    archive, target = open_archive(path), io.BytesIO()
    count = write(archive, target, known)
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        index = json.load(tar.extractfile("index.json"))  # type: ignore[arg-type]
        return count, index, {name for name in tar.getnames() if name.startswith("blobs/")}


def test_a_layout(tmp_path: Path) -> None:
    manifest, layer = b"{}", b"layer"
    index = {"manifests": [{"digest": digest(manifest), "annotations": {NAME: "web:1"}}, {"digest": "sha256:no"}]}
    path = pack(tmp_path / "a.tar", {"index.json": json.dumps(index).encode(), **dict(map(blob, (manifest, layer)))})
    count, told, blobs = sent(path, {digest(layer)})
    assert (count, blobs) == (1, {blob(manifest)[0]})
    assert [image["annotations"][NAME] for image in told["manifests"]] == ["docker.io/library/web:1"]


def test_dockers_older_form(tmp_path: Path) -> None:
    config, plain, packed = b'{"os":"linux"}', b"tar", b"\x1f\x8btar"
    entry = {"Config": "c.json", "RepoTags": ["me/web:1", "web"], "Layers": ["1/layer.tar", "2/layer.tar"]}
    files = {"c.json": config, "1/layer.tar": plain, "2/layer.tar": packed}
    path = pack(tmp_path / "a.tar", {"manifest.json": json.dumps([entry]).encode(), **files})
    count, told, blobs = sent(path, set())
    assert count == 4 and {blob(data)[0] for data in (config, plain, packed)} < blobs
    assert [image["annotations"][NAME] for image in told["manifests"]] == [
        "docker.io/me/web:1", "docker.io/library/web:latest"
    ]  # fmt: skip
    manifest = json.loads(open_archive(path).written[told["manifests"][0]["digest"]])
    assert [layer["mediaType"].rpartition(".")[2] for layer in manifest["layers"]] == ["tar", "tar+gzip"]
    assert manifest["config"]["digest"] == digest(config)


@pytest.mark.parametrize(("short", "long"), [
    ("web", "docker.io/library/web:latest"),
    ("me/web:2", "docker.io/me/web:2"),
    ("localhost:5000/web", "localhost:5000/web:latest"),
    ("mini.test/web:1", "mini.test/web:1"),
    ("web@sha256:a", "docker.io/library/web@sha256:a"),
])  # fmt: skip
def test_names(short: str, long: str) -> None:
    assert full_name(short) == long


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for path in (tmp_path / "text", tmp_path / "none", pack(tmp_path / "empty.tar", {"readme": b""})):
        with pytest.raises(Failure):
            open_archive(path)
