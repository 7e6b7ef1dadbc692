"""kubeconfig files: one per component, one for the administrator, and a context in the user's own.

The user's file is theirs: `merge` and `remove` touch the three entries that bear the cluster's name, keep all
else as data, write atomically, and refuse a file that they cannot read. kind and minikube do the same.
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from miniadm.cluster import Cluster, SetupError, write_atomically

_Config = dict[str, Any]
_SECTIONS = {"clusters": "cluster", "users": "user", "contexts": "context"}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def write_all(cluster: Cluster) -> None:
    """The kubeconfig of every component (as JSON: it is YAML too, and read in a tenth of the time), and of
    the administrator."""
    owners = ["controllers", "scheduler", "kube-proxy", "network", *(f"kubelet-{m.name}" for m in cluster.machines)]
    for owner in owners:
        _write(cluster.kubeconfigs / f"{owner}.kubeconfig", json.dumps(build(cluster, owner), indent=2) + "\n")
    _write(cluster.admin_kubeconfig, yaml.safe_dump(build(cluster, "admin"), sort_keys=False))


def build(cluster: Cluster, owner: str) -> _Config:
    """A kubeconfig with everything inside, so that the file can be carried elsewhere."""
    name = cluster.name

    def data(file: str) -> str:
        return base64.b64encode((cluster.pki / file).read_bytes()).decode()

    server = {"certificate-authority-data": data("ca.crt"), "server": cluster.server}
    credentials = {
        "client-certificate-data": data(f"{owner}.crt"),
        "client-key-data": data(f"{owner}.key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": credentials}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
        "preferences": {},
    }


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        write_atomically(path, text)


# -- the user's own file


def merged(theirs: _Config, ours: _Config) -> _Config:
    """`theirs` with our entries put in or brought up to date; current-context only if they have none."""
    result = {"apiVersion": "v1", "kind": "Config", **theirs}
    for section in _SECTIONS:
        [entry] = ours[section]
        result[section] = [*_others(theirs, section, entry["name"]), entry]
    if not result.get("current-context"):
        result["current-context"] = ours["current-context"]
    result.setdefault("preferences", {})
    return result


def without(theirs: _Config, name: str) -> _Config:
    """`theirs` without the entries called `name`."""
    result = dict(theirs)
    for section in _SECTIONS:
        if theirs.get(section) is not None:
            result[section] = _others(theirs, section, name)
    if theirs.get("current-context") == name:
        result["current-context"] = ""
    return result


def _others(config: _Config, section: str, name: str) -> list[_Config]:
    return [entry for entry in config.get(section) or [] if entry.get("name") != name]


def user_file() -> Path:
    """Where kubectl would look: the first of KUBECONFIG, or the home of who called sudo."""
    named = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return Path(named[0]) if named else _user_home() / ".kube" / "config"


def _user_home() -> Path:
    caller = os.environ.get("SUDO_USER")
    try:
        return Path(pwd.getpwnam(caller).pw_dir) if caller else Path.home()
    except KeyError:
        return Path.home()


def add_context(cluster: Cluster, path: Path) -> None:
    ours = build(cluster, "admin")
    _edit(path, lambda theirs: merged(theirs, ours))


def remove_context(cluster: Cluster, path: Path) -> None:
    """Take our entries out; a file that holds nothing else any more goes as well."""
    if not path.exists():
        return
    _edit(path, lambda theirs: without(theirs, cluster.name))
    left = _read(path)
    if not any(left.get(section) for section in _SECTIONS) and not left.get("current-context"):
        path.unlink()


def _edit(path: Path, change: Callable[[_Config], _Config]) -> None:
    theirs = _read(path)
    changed = change(theirs)
    if changed == theirs:
        return
    path = path.resolve()
    owner = _owner(path)
    created = not path.parent.exists()
    write_atomically(path, yaml.safe_dump(changed, sort_keys=False))
    for touched in (path, path.parent) if created else (path,):
        os.chown(touched, owner.st_uid, owner.st_gid)


def _owner(path: Path) -> os.stat_result:
    """Of the file if there is one, else of the nearest folder above it: the user, not root."""
    while not path.exists():
        path = path.parent
    return path.stat()


def _read(path: Path) -> _Config:
    if not path.exists():
        return {}
    if not stat.S_ISREG(path.stat().st_mode):
        raise SetupError(f"{path} is not a regular file; it was left alone")
    try:
        content = yaml.load(path.read_text(), _Loader) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise SetupError(f"{path} is not valid YAML and was left alone: {broken}") from broken
    if not _looks_right(content):
        raise SetupError(f"{path} does not look like a kubeconfig and was left alone")
    return content


def _looks_right(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    sections = [content.get(section) or [] for section in _SECTIONS]
    return all(isinstance(section, list) and all(isinstance(entry, dict) for entry in section) for section in sections)
