"""Modules that every Python component imports, loaded once in the lab before any of them is forked.

A dozen processes would otherwise spend most of a second each on the same imports, on the same two cores.
None of these starts a thread or opens a file: `lab` checks. Components' own modules are not here: a
restarted component runs the code that is on the disk.
"""

from __future__ import annotations

import asyncio  # noqa: F401
import gc
import os
import ssl  # noqa: F401

import aiohttp  # noqa: F401
import aiohttp.web  # noqa: F401
import orjson  # noqa: F401
import pydantic.main  # noqa: F401
import uvloop  # noqa: F401


def freeze() -> None:
    """Keep the collector away from what all children share, so that their memory stays shared."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads in a process that forks: something imported here started one")
    gc.collect()
    gc.freeze()
