"""What a pod's folder remembers of its CSI volumes, so that they can be taken away even by a kubelet that forgot them.

    <root>/pods/<uid>/volumes/kubernetes.io~csi/<name>/vol_data.json     which volume, whose driver
    <root>/pods/<uid>/volumes/kubernetes.io~csi/<name>/mount             where the driver shows it
    <root>/plugins/kubernetes.io/csi/<driver>/<hash>/globalmount         where it is staged, for all pods

A record is written before the driver is asked, and removed after the driver gave the volume back.
Real Kubernetes: volume/csi/csi_mounter.go, csi_util.go (saveVolumeData).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kubelet import folders

FILE, MOUNT = "vol_data.json", "mount"


@dataclass(frozen=True)
class Record:
    """One pod's part of one volume."""

    folder: Path
    driver: str
    handle: str
    ephemeral: bool = False

    @property
    def target(self) -> str:
        return str(self.folder / MOUNT)

    def write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        mode = "Ephemeral" if self.ephemeral else "Persistent"
        content = {"driverName": self.driver, "volumeHandle": self.handle, "volumeLifecycleMode": mode}
        (self.folder / FILE).write_text(json.dumps(content))

    def remove(self) -> None:
        (self.folder / FILE).unlink(missing_ok=True)


def _read(file: Path) -> Record:
    found = json.loads(file.read_text())
    ephemeral = found["volumeLifecycleMode"] == "Ephemeral"
    return Record(file.parent, found["driverName"], found["volumeHandle"], ephemeral)


def of_pod(root: str, uid: str) -> Iterator[Record]:
    folder = folders.pod_folder(root, uid) / "volumes" / "kubernetes.io~csi"
    return (_read(file) for file in folder.glob(f"*/{FILE}"))


def users(root: str, driver: str, handle: str) -> list[Record]:
    """Every pod's part of this volume on this node."""
    files = folders.pods_folder(root).glob(f"*/volumes/kubernetes.io~csi/*/{FILE}")
    return [found for found in map(_read, files) if (found.driver, found.handle) == (driver, handle)]


def staging_path(root: str, driver: str, handle: str) -> Path:
    name = hashlib.sha256(handle.encode()).hexdigest()
    return Path(root) / "plugins" / "kubernetes.io" / "csi" / driver / name / "globalmount"
