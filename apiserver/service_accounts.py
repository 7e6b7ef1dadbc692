"""How admission looks service accounts up: from the watch cache, and afresh when it has none.

A namespace's `default` is made by a controller a moment after the namespace: for that one it is worth waiting.
Real Kubernetes: getServiceAccount in plugin/pkg/admission/serviceaccount.
"""

from __future__ import annotations

import asyncio
from typing import Any

from apiserver.cached_objects import CachedObjects
from apiserver.storage.interface import Cacher

DEFAULT = "default"
TRIES = 10
PAUSE_SECONDS = 0.15
Doc = dict[str, Any]


class CachedServiceAccounts:
    """Wants the Cacher of serviceaccounts. Nobody may change what it hands out."""

    def __init__(self, cacher: Cacher) -> None:
        self._accounts = CachedObjects(cacher, "serviceaccounts")

    async def named(self, namespace: str, name: str) -> Doc | None:
        """The account; None when there is none, and when `default` has not come for a second and a half."""
        found = await self._accounts.named(name, namespace)
        for _ in range(TRIES - 1 if name == DEFAULT else 0):
            if found is not None:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            found = self._accounts.peek(name, namespace)
        return found
