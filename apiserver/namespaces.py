"""How other parts of this server look at namespaces: from the watch cache, and afresh when it has none.

Real Kubernetes: the namespace lister that NamespaceLifecycle holds, with its live look-up.
"""

from __future__ import annotations

import orjson

from apiserver.storage.interface import Cacher
from apiserver.storage.keys import key_of


class CachedNamespaces:
    """Wants the Cacher of namespaces."""

    def __init__(self, cacher: Cacher) -> None:
        self._cacher = cacher
        self._phases: dict[str, tuple[int, str]] = {}

    async def phase(self, name: str) -> str | None:
        """Active or Terminating; None when there is no such namespace."""
        key = key_of("namespaces", name)
        entry = self._cacher.peek(key) or await self._cacher.get(key)
        if entry is None:
            self._phases.pop(name, None)
            return None
        known = self._phases.get(name)
        if known is None or known[0] != entry.revision:
            phase = orjson.loads(entry.body).get("status", {}).get("phase", "Active")
            known = self._phases[name] = (entry.revision, phase)
        return known[1]
