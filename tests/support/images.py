"""Small OCI images from the machine's static busybox, as tar files that `ctr images import` takes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
APPLETS = (
    "sh", "sleep", "cat", "echo", "httpd", "wget", "ls", "env", "id", "true", "false", "nc", "kill", "cut", "grep",
    "touch", "hostname", "ip", "wc", "tar", "stty", "sha256sum", "dd", "head", "ps", "test", "rm", "tty", "seq",
)
PAUSE = "mini.test/pause:1"
BOX = "mini.test/busybox:1"


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))


def _layer() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in ("bin", "tmp", "etc", "www"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        _add(archive, "bin/busybox", BUSYBOX.read_bytes(), 0o755)
        _add(archive, "etc/passwd", b"root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return buffer.getvalue()


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": digest, "size": len(data)}


Blob = tuple[dict[str, object], bytes]


def parts(command: list[str], user: str = "") -> tuple[Blob, Blob, Blob]:
    """An image that runs `command`: its layer, its configuration and its manifest."""
    layer = _layer()
    layer_ref = _descriptor("layer.v1.tar", layer)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": command, "Env": ["PATH=/bin"], "User": user},
            "rootfs": {"type": "layers", "diff_ids": [layer_ref["digest"]]},
        }
    ).encode()
    config_ref = _descriptor("config.v1+json", config)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                           "config": config_ref, "layers": [layer_ref]}).encode()
    return (layer_ref, layer), (config_ref, config), (_descriptor("manifest.v1+json", manifest), manifest)


def build(path: Path, name: str, command: list[str]) -> Path:
    """Writes an image called `name` that runs `command` to `path`."""
    blobs = parts(command)
    manifest_ref = blobs[-1][0]
    manifest_ref["annotations"] = {"io.containerd.image.name": name}
    index = json.dumps({"schemaVersion": 2, "manifests": [manifest_ref]}).encode()
    with tarfile.open(path, "w") as archive:
        _add(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add(archive, "index.json", index)
        for reference, data in blobs:
            _add(archive, "blobs/" + str(reference["digest"]).replace(":", "/"), data)
    return path
