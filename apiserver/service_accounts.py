"""How admission looks service accounts up: from the watch cache, and afresh when it has none.

A namespace's `default` is made by a controller a moment after the namespace: for that one it is worth waiting.
Real Kubernetes: getServiceAccount in plugin/pkg/admission/serviceaccount.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from apiserver.storage.interface import Cacher
from apiserver.storage.keys import key_of

DEFAULT = "default"
TRIES = 10
PAUSE_SECONDS = 0.15
Doc = dict[str, Any]


class CachedServiceAccounts:
    """Wants the Cacher of serviceaccounts."""

    def __init__(self, cacher: Cacher) -> None:
        self._cacher = cacher

    async def named(self, namespace: str, name: str) -> Doc | None:
        """The account; None when there is none, and when `default` has not come for a second and a half."""
        key = key_of("serviceaccounts", name, namespace)
        entry = self._cacher.peek(key) or await self._cacher.get(key)
        for _ in range(TRIES - 1 if name == DEFAULT else 0):
            if entry is not None:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            entry = self._cacher.peek(key)
        return None if entry is None else orjson.loads(entry.body)
