"""Builds the lab's images without a registry: a sandbox's pause, a shell, and the demo's web server.

All are one layer, the computer's own static busybox, with different commands; the result is one OCI archive
that every machine imports. Upstream they would be registry.k8s.io/pause and a Dockerfile's output.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from machinery.component.version import architecture
from miniadm.cluster import SetupError

PAUSE = "docker.io/mini/pause:1"

_PAUSE_SCRIPT = """\
#!/bin/sh
# Holds a pod's namespaces, and as process 1 reaps what loses its parent. Ends at once when asked.
trap 'exit 0' TERM INT
sleep 2147483647 & wait
"""
_WEB_SCRIPT = """\
#!/bin/sh
# Answers with the pod's name. When asked to end it goes on answering while Services forget this pod.
mkdir -p /www
echo "Hello from $(hostname), version ${VERSION}" > /www/index.html
echo "listening on port ${PORT}"
httpd -f -p "${PORT}" -h /www &
trap 'sleep 2; exit 0' TERM INT
wait
"""
_FILES = {
    "bin/pause": _PAUSE_SCRIPT,
    "bin/web": _WEB_SCRIPT,
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}
_FOLDERS = ("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var", "www")
_OCI = "application/vnd.oci.image"
_FORM = 2
"""Of the archive; another one has another name."""


@dataclass(frozen=True)
class Image:
    """A name and what runs by default: all that tells our images apart."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = 0


IMAGES = (
    Image(PAUSE, ("/bin/pause",)),
    Image("docker.io/mini/busybox:1", ("/bin/sh",)),
    Image("docker.io/mini/web:1", ("/bin/web",), {"VERSION": "1", "PORT": "8080"}, 8080),
    Image("docker.io/mini/web:2", ("/bin/web",), {"VERSION": "2", "PORT": "8080"}, 8080),
)


def build(folder: Path, busybox: Path) -> Path:
    """The archive's path, named after its content; built unless it is there."""
    program = busybox.read_bytes()
    content = hashlib.sha256(program + repr((IMAGES, _FILES, _FOLDERS, _FORM)).encode()).hexdigest()[:12]
    path = folder / f"lab-{content}.tar"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_bytes(archive(_layer(program, _applets(busybox))))
        temporary.replace(path)
    return path


def is_static(program: Path) -> bool:
    """Whether an ELF program needs no loader: a dynamically linked one names it in a PT_INTERP segment."""
    raw = program.read_bytes()
    if raw[:4] != b"\x7fELF" or raw[4] != 2:
        return False
    offset, size, count = (int.from_bytes(raw[at : at + n], "little") for at, n in ((32, 8), (54, 2), (56, 2)))
    kinds = (int.from_bytes(raw[offset + i * size : offset + i * size + 4], "little") for i in range(count))
    return 3 not in kinds


def _applets(busybox: Path) -> list[str]:
    done = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"{busybox} --list failed: {done.stderr.strip()}")
    return [name for name in done.stdout.split() if name != "busybox"]


def _layer(program: bytes, applets: Iterable[str]) -> bytes:
    """A root file system as a tar, always the same bytes for the same input."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in _FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        _add_file(tar, "bin/busybox", program)
        for applet in applets:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
        for name, text in _FILES.items():
            _add_file(tar, name, text.encode())
    return buffer.getvalue()


def _add_file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755 if name.startswith("bin/") else 0o644
    tar.addfile(entry, io.BytesIO(content))


def archive(layer: bytes) -> bytes:
    """An OCI image layout that holds every image of `IMAGES` over one layer, with the list that `docker load` wants."""
    blobs = {_digest(layer): layer}
    manifests = [_manifest(image, _digest(layer), blobs) for image in IMAGES]
    for_docker = [_for_docker(image, _digest(layer)) for image in IMAGES]
    index = {"schemaVersion": 2, "manifests": manifests}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        _add_file(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add_file(tar, "index.json", json.dumps(index).encode())
        _add_file(tar, "manifest.json", json.dumps(for_docker).encode())
        for digest, blob in blobs.items():
            _add_file(tar, _path(digest), blob)
    return buffer.getvalue()


def _path(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _for_docker(image: Image, layer: str) -> dict[str, object]:
    config = _digest(json.dumps(_config(image, layer)).encode())
    return {"Config": _path(config), "RepoTags": [image.name], "Layers": [_path(layer)]}


def _manifest(image: Image, layer: str, blobs: dict[str, bytes]) -> dict[str, object]:
    config = _store(blobs, "config.v1+json", _config(image, layer))
    descriptor = {"mediaType": f"{_OCI}.layer.v1.tar", "digest": layer, "size": len(blobs[layer])}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.manifest.v1+json",
        "config": config,
        "layers": [descriptor],
    }
    stored = _store(blobs, "manifest.v1+json", manifest)
    return {**stored, "annotations": {"io.containerd.image.name": image.name}}


def _config(image: Image, layer: str) -> dict[str, object]:
    environment = {"PATH": "/bin", **image.env}
    ports = {"ExposedPorts": {f"{image.port}/tcp": {}}} if image.port else {}
    return {
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "Env": [f"{key}={value}" for key, value in environment.items()],
            "Cmd": list(image.command),
            **ports,
        },
        "rootfs": {"type": "layers", "diff_ids": [layer]},
    }


def _store(blobs: dict[str, bytes], kind: str, content: object) -> dict[str, object]:
    raw = json.dumps(content).encode()
    blobs[_digest(raw)] = raw
    return {"mediaType": f"{_OCI}.{kind}", "digest": _digest(raw), "size": len(raw)}


def _digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
