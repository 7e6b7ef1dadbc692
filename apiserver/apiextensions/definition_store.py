"""The Store of definitions: who has written one finds it served when the answer comes, by this server at least.

Clients that send a definition and its first object in one breath need not ask twice. Where the watch is behind for
longer than PATIENCE_SECONDS the answer goes out all the same.
Real Kubernetes: establishes asynchronously, so that clients wait for the condition Established; that works here too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.registry.store import Store, Transform

PATIENCE_SECONDS = 1.0
Reached = Callable[[int], Awaitable[None]]
"""Returns when the changes up to a revision have been seen."""


class DefinitionStore(Store):
    """`reached` is set by who follows the definitions."""

    reached: Reached

    async def create(self, attributes: Attributes, doc: dict[str, Any]) -> bytes:
        return await self._served(attributes, await super().create(attributes, doc))

    async def update(self, attributes: Attributes, transform: Transform) -> bytes:
        return await self._served(attributes, await super().update(attributes, transform))

    async def _served(self, attributes: Attributes, body: bytes) -> bytes:
        if not attributes.dry_run:
            await self.reached(int(orjson.loads(body)["metadata"]["resourceVersion"]))
        return body
