"""Where a pod's files lie under --root-dir. Pure.

    <root>/pods/<uid>/volumes/<plugin>/<name>    what containers mount
    <root>/pods/<uid>/containers/<name>/<run>    termination messages
    <root>/pods/<uid>/volume-subpaths/<volume>/<container>/<index of the mount>
    <root>/pods/<uid>/etc-hosts
Real Kubernetes: kubelet_getters.go.
"""

from __future__ import annotations

from pathlib import Path

from machinery.api.core.v1 import Volume

_PLUGINS = {
    "config_map": "configmap",
    "secret": "secret",
    "downward_api": "downward-api",
    "projected": "projected",
    "empty_dir": "empty-dir",
    "nfs": "nfs",
}


def pods_folder(root: str) -> Path:
    return Path(root) / "pods"


def pod_folder(root: str, uid: str) -> Path:
    return pods_folder(root) / uid


def logged_uids(log_dir: str) -> set[str]:
    """The UIDs of pods that have logs: their folders are named <namespace>_<name>_<uid>."""
    found = Path(log_dir).glob("*_*_*")
    return {folder.name.rpartition("_")[2] for folder in found if folder.is_dir()}


def plugin_of(volume: Volume) -> str:
    """The kind of a volume that has a folder of its own; "" for those that live elsewhere."""
    return next((word for attribute, word in _PLUGINS.items() if getattr(volume, attribute) is not None), "")


def volume_folder(root: str, uid: str, volume: Volume) -> Path:
    return pod_folder(root, uid) / "volumes" / f"kubernetes.io~{plugin_of(volume)}" / volume.name


def claimed_folder(root: str, uid: str, plugin: str, name: str) -> Path:
    """Where a PersistentVolume is mounted for one pod."""
    return pod_folder(root, uid) / "volumes" / f"kubernetes.io~{plugin}" / name


def sub_path_place(root: str, uid: str, volume: str, *, container: str, index: int) -> Path:
    """Where the subPath of a container's mount stands."""
    return pod_folder(root, uid) / "volume-subpaths" / volume / container / str(index)


def termination_file(root: str, uid: str, container: str, attempt: int) -> Path:
    return pod_folder(root, uid) / "containers" / container / str(attempt)


def hosts_file(root: str, uid: str) -> Path:
    return pod_folder(root, uid) / "etc-hosts"
