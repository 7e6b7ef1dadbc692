"""OCI archives for an Engine that knows only `docker save`'s form (before version 25), written on the fly.

    manifest.json     [{"Config": "<hash>.json", "RepoTags": ["web:1"], "Layers": ["blobs/sha256/<hash>", …]}]

A layer that is here already, and that the archive leaves out, the Engine does not look for.
Left out: archives of several machines' images; the one for this machine is taken.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from kubelet.runtime import interface as rt
from machinery.component.version import architecture

NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
BLOCK = 1 << 16
IN_MEMORY = 1 << 22


def spooled() -> IO[bytes]:
    """Where an archive waits until it is whole: its table of contents may come last."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # type: ignore[return-value]


@dataclass
class DockerArchive:
    """Its files in order: made by us, or members of the archive that came."""

    source: tarfile.TarFile
    made: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, tarfile.TarInfo] = field(default_factory=dict)


def _blob(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def docker_archives(file: IO[bytes]) -> Iterator[DockerArchive]:
    """One for each image. Raises RuntimeFailure for what is no archive of images."""
    file.seek(0)
    try:
        source = tarfile.open(fileobj=file)  # noqa: SIM115
        members = {member.name.removeprefix("./"): member for member in source if member.isfile()}
        if "index.json" in members:
            index = _json(source, members, "index.json")
            for entry in index["manifests"]:
                yield _converted(source, members, entry)
        elif "manifest.json" in members:
            yield DockerArchive(source, {}, members)
        else:
            raise rt.RuntimeFailure("the archive holds neither index.json nor manifest.json")
    except (tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise rt.RuntimeFailure(f"cannot read the archive: {error}") from error


def _json(source: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str) -> Any:
    if name not in members:
        raise rt.RuntimeFailure(f"the archive lacks {name}")
    content = source.extractfile(members[name])
    return json.load(content) if content else {}


def _converted(source: tarfile.TarFile, members: dict[str, tarfile.TarInfo], entry: dict[str, Any]) -> DockerArchive:
    manifest = _manifest(source, members, entry)
    config = _blob(manifest["config"]["digest"])
    layers = [_blob(layer["digest"]) for layer in manifest["layers"]]
    listed = [{"Config": config, "RepoTags": _names(entry), "Layers": layers}]
    here = {name: members[name] for name in (config, *layers) if name in members}
    if config not in here:
        raise rt.RuntimeFailure(f"the archive lacks {config}")
    return DockerArchive(source, {"manifest.json": json.dumps(listed).encode()}, here)


def _names(entry: dict[str, Any]) -> list[str]:
    annotations = entry.get("annotations") or {}
    name = next((annotations[key] for key in NAMES if annotations.get(key)), "")
    return [name] if name else []


def _manifest(source: tarfile.TarFile, members: dict[str, tarfile.TarInfo], entry: dict[str, Any]) -> Any:
    """Through lists of manifests down to the one for this machine."""
    found = _json(source, members, _blob(entry["digest"]))
    if "manifests" not in found:
        return found
    for each in found["manifests"]:
        platform = each.get("platform", {})
        if platform.get("os") == "linux" and platform.get("architecture") == architecture():
            return _manifest(source, members, each)
    raise rt.RuntimeFailure(f"the archive holds no image for linux/{architecture()}")


async def in_blocks(archive: DockerArchive) -> AsyncIterator[bytes]:
    """The archive as the Engine reads it."""
    for name, data in archive.made.items():
        for block in _entry(name, len(data), [data]):
            yield block
    for name, member in archive.members.items():
        content = archive.source.extractfile(member)
        if content is not None:
            for block in _entry(name, member.size, iter(lambda content=content: content.read(BLOCK), b"")):
                yield block
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _entry(name: str, size: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    head = tarfile.TarInfo(name)
    head.size = size
    yield head.tobuf()
    yield from blocks
    yield b"\0" * (-size % tarfile.BLOCKSIZE)
