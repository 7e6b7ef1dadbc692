"""Image archives as `docker save`, podman and buildah write them: what is in them, and one for a node to take in.

Reads OCI layouts and Docker's older form, whose layers have no digests yet. `write` leaves out what a node has.
Real Kubernetes has nothing like it; kind and minikube do the same for their clusters.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from minictl.failure import Failure

OCI = "application/vnd.oci.image."
NAME = "io.containerd.image.name"
NAMES = (NAME, "org.opencontainers.image.ref.name")
BLOCK = 1 << 20
GZIP = b"\x1f\x8b"


@dataclass
class Archive:
    """An open archive: blobs by digest, and the images made of them."""

    tar: tarfile.TarFile
    blobs: dict[str, tarfile.TarInfo] = field(default_factory=dict)
    written: dict[str, bytes] = field(default_factory=dict)
    """Blobs that the archive does not have, made by us."""
    images: list[dict[str, Any]] = field(default_factory=list)
    """Descriptors of manifests, each with its name."""

    @property
    def names(self) -> list[str]:
        return [image["annotations"][NAME] for image in self.images]

    @property
    def digests(self) -> set[str]:
        return {*self.blobs, *self.written}


def full_name(name: str) -> str:
    """As runtimes keep it: docker.io/library/web:latest for web."""
    host, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in host and ":" not in host and host != "localhost":
        name = f"docker.io/{name}"
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def open_archive(path: Path) -> Archive:
    """Raises Failure for what is no archive of images."""
    try:
        archive = Archive(tarfile.open(path))  # noqa: SIM115
    except (OSError, tarfile.TarError) as error:
        raise Failure(f"cannot read {path}: {error}") from error
    members = {member.name.removeprefix("./"): member for member in archive.tar if member.isfile()}
    if "index.json" in members:
        _read_layout(archive, members)
    elif "manifest.json" in members:
        _read_docker(archive, members)
    if not archive.images:
        raise Failure(f"{path} holds no image with a name")
    return archive


def _content(archive: Archive, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.tar.extractfile(member)
    assert file is not None
    return file


def _read_layout(archive: Archive, members: dict[str, tarfile.TarInfo]) -> None:
    for name, member in members.items():
        if name.startswith("blobs/"):
            archive.blobs[name.removeprefix("blobs/").replace("/", ":", 1)] = member
    for image in json.load(_content(archive, members["index.json"]))["manifests"]:
        annotations = image.get("annotations", {})
        name = next((annotations[key] for key in NAMES if "/" in annotations.get(key, "")), "")
        name = name or annotations.get(NAME) or annotations.get(NAMES[1], "")
        if name:
            archive.images.append({**image, "annotations": {**annotations, NAME: full_name(name)}})


def _read_docker(archive: Archive, members: dict[str, tarfile.TarInfo]) -> None:
    for entry in json.load(_content(archive, members["manifest.json"])):
        config = _described(archive, members[entry["Config"]], "config.v1+json")
        layers = [_described(archive, members[name], "layer.v1.tar") for name in entry["Layers"]]
        media_type = f"{OCI}manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers}
        data = json.dumps(manifest).encode()
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        archive.written[digest] = data
        for name in entry.get("RepoTags") or ():
            archive.images.append({"mediaType": media_type, "digest": digest, "size": len(data),
                                   "annotations": {NAME: full_name(name)}})  # fmt: skip


def _described(archive: Archive, member: tarfile.TarInfo, kind: str) -> dict[str, Any]:
    hashed, file = hashlib.sha256(), _content(archive, member)
    packed = kind.startswith("layer") and file.read(2) == GZIP
    file.seek(0)
    while block := file.read(BLOCK):
        hashed.update(block)
    digest = f"sha256:{hashed.hexdigest()}"
    archive.blobs[digest] = member
    return {"mediaType": f"{OCI}{kind}{'+gzip' if packed else ''}", "digest": digest, "size": file.tell()}


def write(archive: Archive, target: IO[bytes], known: Collection[str]) -> int:
    """An OCI archive without the blobs that are known; returns how many are in it."""
    sent = 0
    with tarfile.open(fileobj=target, mode="w") as tar:
        _add(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": archive.images}).encode())
        for digest, size, file in _wanted(archive, known):
            entry = tarfile.TarInfo("blobs/" + digest.replace(":", "/", 1))
            entry.size = size
            tar.addfile(entry, file)
            sent += 1
    return sent


def _wanted(archive: Archive, known: Collection[str]) -> Iterator[tuple[str, int, IO[bytes]]]:
    for digest, data in archive.written.items():
        if digest not in known:
            yield digest, len(data), io.BytesIO(data)
    for digest, member in archive.blobs.items():
        if digest not in known:
            yield digest, member.size, _content(archive, member)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
