"""Modules that every Python component imports, loaded once in the lab before any of them is forked.

A dozen processes would otherwise spend most of a second each on the same imports, on the same two cores.
None of these starts a thread or opens a file: `load` checks. Components' own packages are not here: one that
is started again runs the code that is on the disk.
"""

from __future__ import annotations

import gc
import importlib
import os

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


def load() -> None:
    """Import them, then keep the collector away from what all children share, so that it stays shared."""
    for name in MODULES:
        importlib.import_module(name)
    for kind in (Node, Service):  # Everybody reads these; to build Pod's validators as well costs all 2 MB.
        kind.model_rebuild()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads in a process that forks: something imported here started one")
    gc.collect()
    gc.freeze()
