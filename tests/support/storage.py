"""Storage in memory: the same promises as EtcdStorage, every revision kept until compact(). For unit tests."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Sequence

from apiserver.storage.body import raw_from, splice, unsplice
from apiserver.storage.interface import (
    Change,
    Compacted,
    KeyExists,
    KeyMissing,
    Mutate,
    Page,
    RevisionConflict,
    Stored,
    TooLargeRevision,
)


class MemoryStorage:
    """A log of changes; the state at a revision is what the log up to there leaves."""

    def __init__(self) -> None:
        self._log: list[Change] = []
        self._revision = 1
        self._compacted = 0
        self._changed = asyncio.Event()

    def _state(self, revision: int = 0) -> dict[str, Change]:
        if revision and revision < self._compacted:
            raise Compacted(revision, self._compacted)
        if revision > self._revision:
            raise TooLargeRevision(revision, self._revision)
        state: dict[str, Change] = {}
        for change in self._log:
            if not revision or change.revision <= revision:
                state[change.key] = change
        return {key: change for key, change in sorted(state.items()) if change.value is not None}

    def _append(self, key: str, value: bytes | None) -> int:
        self._revision += 1
        self._log.append(Change(key, self._revision, value))
        self._changed.set()
        self._changed = asyncio.Event()
        return self._revision

    def _write(self, key: str, body: bytes) -> Stored:
        raw = unsplice(body)
        revision = self._append(key, raw)
        return Stored(key, revision, splice(raw, revision))

    async def create(self, key: str, body: bytes, *, ttl: int | None = None) -> Stored:
        if key in self._state():
            raise KeyExists(key)
        return self._write(key, body)

    async def get(self, key: str, revision: int = 0) -> Stored | None:
        change = self._state(revision).get(key)
        return _stored(change) if change else None

    async def list(
        self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0, unreadable: set[str] | None = None
    ) -> Page:
        state = self._state(revision)
        found = [_stored(change) for key, change in state.items() if key.startswith(prefix) and key > after]
        items = found[:limit] if limit else found
        return Page(items, revision or self._revision, len(items) < len(found), len(found) - len(items))

    async def guaranteed_update(
        self,
        key: str,
        mutate: Mutate,
        *,
        expected_revision: int | None = None,
        ttl: int | None = None,
        suggestion: Stored | None = None,
    ) -> Stored:
        while True:
            current = await self.get(key)
            revision = current.revision if current else 0
            if expected_revision is not None and expected_revision != revision:
                raise RevisionConflict(key, expected_revision, current)
            result = mutate(current)
            body = await result if inspect.isawaitable(result) else result
            if body is None and current is None:
                raise KeyMissing(key)
            if current and (body is None or unsplice(body) == unsplice(current.body)):
                return current
            newest = await self.get(key)
            if body is not None and (newest.revision if newest else 0) == revision:
                return self._write(key, body)

    async def delete(self, key: str, *, expected_revision: int | None = None) -> Stored:
        current = await self.get(key)
        if current is None:
            raise KeyMissing(key)
        if expected_revision not in (None, current.revision):
            raise RevisionConflict(key, expected_revision or 0, current)
        revision = self._append(key, None)
        return Stored(key, revision, splice(unsplice(current.body), revision))

    async def watch(self, prefix: str, from_revision: int = 0) -> AsyncIterator[Sequence[Change]]:
        seen = from_revision or self._revision
        yield ()
        while True:
            if seen + 1 < self._compacted:
                raise Compacted(seen, self._compacted)
            changed = self._changed
            news = [change for change in self._log if change.revision > seen and change.key.startswith(prefix)]
            seen = max(seen, self._revision)
            if news:
                yield news
            else:
                await changed.wait()

    async def current_revision(self) -> int:
        return self._revision

    async def compact(self, revision: int) -> None:
        self._compacted = revision


def _stored(change: Change) -> Stored:
    assert change.value is not None
    return Stored(change.key, change.revision, splice(raw_from(change.value), change.revision))
