"""Modules that every Python component imports, loaded once in the lab before any of them is forked.

A dozen processes would otherwise spend most of a second each on the same imports, on the same two cores.
None of these starts a thread or opens a file: `load` checks. Components' own packages are not here. Once a file of
what was loaded has changed on the disk, a fork would mix old code with new: `is_current` tells, and whoever starts
then pays for its own imports.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import sysconfig

from machinery.api.core.v1 import Node, Service

MODULES = (
    "machinery.api.core.v1.pod",
    "machinery.api.discovery.v1",
    "machinery.client.controller",
    "machinery.client.events",
    "machinery.client.informer",
    "machinery.client.leases",
    "machinery.client.rest",
    "machinery.component.flags",
    "machinery.component.health",
    "machinery.component.run",
)


_as_loaded: dict[str, int] = {}


def load() -> None:
    """Import them, then keep the collector away from what all children share, so that it stays shared."""
    for name in MODULES:
        importlib.import_module(name)
    for kind in (Node, Service):  # Everybody reads these; to build Pod's validators as well costs all 2 MB.
        kind.model_rebuild()
    _as_loaded.update({path: _changed(path) for path in _sources()})
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads in a process that forks: something imported here started one")
    gc.collect()
    gc.freeze()


def is_current() -> bool:
    """Whether the disk still holds what was loaded."""
    return all(_changed(path) == when for path, when in _as_loaded.items())


def _sources() -> list[str]:
    """Our own files; of the libraries only their folder, which changes when one is installed."""
    loaded = [module for name, module in sys.modules.items() if name.startswith("machinery.")]
    files = [module.__file__ for module in loaded if module.__file__]
    return [*files, sysconfig.get_path("purelib")]


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return 0
