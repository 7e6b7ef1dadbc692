"""The server's end of encryption at rest: from its flags to what the storage asks, and the file taken up anew.

A file with a mistake refuses the start; one that gets a mistake later is said so in the log, and the old keys stay.
Real Kubernetes: k8s.io/apiserver/pkg/server/options/encryptionconfig/controller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from apiserver.encryption.config import Mistaken, read
from apiserver.encryption.transformers import Transformers

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0


def transformers(path: str, group_of: Mapping[str, str]) -> Transformers:
    """By the file. Raises Mistaken."""
    return Transformers(read(path), group_of)


async def follow(path: str, kept: Transformers, changed: Callable[[], None], every: float = LOOK_SECONDS) -> None:
    """Whenever the file is another, its keys hold from then on; `changed` is told."""
    known = _content(path)
    while True:
        await asyncio.sleep(every)
        if (content := _content(path)) == known:
            continue
        known = content
        try:
            kept.replace(read(path))
        except Mistaken as error:
            log.error("the old encryption configuration stays: %s", error)
            continue
        log.info("new encryption configuration from %s", path)
        changed()


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
