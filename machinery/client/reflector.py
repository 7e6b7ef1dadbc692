"""Follows one kind on the server: list once, then watch for ever.

Yields `Replaced` (all objects there are) at first and whenever the server has forgotten our revision (410), and
`Changed` for each watch event. A broken or ended watch resumes from the last revision seen, so nothing is missed and
nothing is listed twice. In real Kubernetes: client-go/tools/cache/reflector.go. Left out: streaming lists.
"""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from machinery.api.errors import ApiError, Gone
from machinery.api.model import Object
from machinery.client.rest import Client
from machinery.component.clock import Clock, RealClock

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Object)

WATCH_SECONDS = (300, 600)
"""A watch asks to be ended after a random time in between, so that clients spread over servers again."""
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Scope(Generic[M]):
    """Which objects to follow. path: another collection than the kind's own (see Client.list)."""

    kind: type[M]
    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""
    path: str = ""

    @property
    def name(self) -> str:
        """What to call it in logs."""
        return self.path or self.kind.__name__

    def narrowing(self) -> dict[str, str]:
        return {"label_selector": self.label_selector, "field_selector": self.field_selector, "path": self.path}


@dataclass(frozen=True, slots=True)
class Replaced(Generic[M]):
    """Everything that exists; what is not in here is gone."""

    objects: tuple[M, ...]


@dataclass(frozen=True, slots=True)
class Changed(Generic[M]):
    """One object is now like this; or was like this when it was deleted."""

    object: M
    deleted: bool = False


class Backoff:
    """Waits that double from 0.1 s to 5 s, each shortened by a random part so that clients do not return in step."""

    def __init__(self) -> None:
        self._wait = SHORTEST_WAIT

    def reset(self) -> None:
        self._wait = SHORTEST_WAIT

    def next(self) -> float:
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        return wait * random.uniform(0.5, 1.0)


class Reflector(Generic[M]):
    """`async for change in Reflector(client, Scope(Pod)).changes(): ...` never ends by itself."""

    def __init__(self, client: Client, scope: Scope[M], *, clock: Clock | None = None) -> None:
        self._client, self._scope, self._clock = client, scope, clock or RealClock()
        self.revision = ""
        """The last revision seen; "" asks for a list."""
        self._oldest_acceptable = "0"
        """The first list takes any recent state; one after 410 must be fresh, or it could repeat the past."""
        self._trouble = ""
        """The last complaint, which need not be made again until something has worked."""

    async def changes(self) -> AsyncIterator[Replaced[M] | Changed[M]]:
        backoff = Backoff()
        while True:
            began = self._clock.monotonic()
            try:
                if not self.revision:
                    yield await self._list()
                async with aclosing(self._watch()) as events:
                    async for change in events:
                        yield change
            except ApiError as error:
                self._recover(error)
            if self._clock.monotonic() - began > LONGEST_WAIT:
                backoff.reset()
            await self._clock.sleep(backoff.next())

    def _recover(self, error: ApiError) -> None:
        """Resumes where it was; or from scratch, when the server does not know our revision (any more, or yet)."""
        name = self._scope.name
        if isinstance(error, Gone) or any(cause.reason == "ResourceVersionTooLarge" for cause in error.causes):
            log.info("%s: listing again: %s", name, error)
            self.revision, self._oldest_acceptable = "", ""
        elif str(error) != self._trouble:
            log.warning("%s: trying again: %s", name, error)
        self._trouble = str(error)

    async def _list(self) -> Replaced[M]:
        listing = await self._client.list(self._scope.kind, self._scope.namespace, **self._scope.narrowing(),
                                          resource_version=self._oldest_acceptable)
        self.revision, self._trouble = listing.resource_version, ""
        return Replaced(listing.items)

    async def _watch(self) -> AsyncIterator[Changed[M]]:
        """One watch, until the server ends it or an error does."""
        events = self._client.watch(self._scope.kind, self._scope.namespace, **self._scope.narrowing(),
                                    resource_version=self.revision, timeout=random.randint(*WATCH_SECONDS))
        async with aclosing(events):
            async for event in events:
                if event.type != "BOOKMARK":
                    yield Changed(event.object, deleted=event.type == "DELETED")
                self.revision, self._trouble = event.object.metadata.resource_version, ""
