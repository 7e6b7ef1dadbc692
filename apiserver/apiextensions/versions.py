"""The stored objects of a custom resource seen in one served version: converted, pruned and defaulted when read.

One Cacher holds what is stored, in whatever version that was written; a view puts itself around it and around the
storage: `view.storage(...)`, `view.cache(...)`. What was converted once is remembered, up to a bound in bytes.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/{conversion,customresource_handler}.go.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Self

import orjson

from apiserver.apiextensions.custom_object import CustomObject
from apiserver.storage.interface import (
    CachedResource,
    Cacher,
    Change,
    Emission,
    Entry,
    Follower,
    Mutate,
    Page,
    Selection,
    Snapshot,
    Storage,
    Stored,
    WatchCache,
    Watcher,
)

Doc = dict[str, Any]
Convert = Callable[[Sequence[Doc], str], Awaitable[list[Doc]]]
"""Documents, none of which has this apiVersion, to documents that have."""
REMEMBERED_BYTES = 4 * 1024 * 1024


async def rewritten(documents: Sequence[Doc], api_version: str) -> list[Doc]:
    """The conversion `None`: nothing but the apiVersion differs."""
    return [{**document, "apiVersion": api_version} for document in documents]


class View:
    """One served version. Wants its class, the version in which objects are stored, and the conversion."""

    def __init__(self, model: type[CustomObject], stored_version: str, convert: Convert) -> None:
        self.model, self.stored_version, self._convert = model, stored_version, convert
        self.api_version: str = model.model_fields["api_version"].default
        self.stored_head = b'{"apiVersion":"%b"' % stored_version.encode()
        """How the text of an object in that version begins."""
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0

    async def shown(self, bodies: Sequence[bytes]) -> list[bytes]:
        """Stored texts as this version shows them; the very same bytes where nothing differs."""
        missing = [body for body in dict.fromkeys(bodies) if body not in self._known]
        made = dict(zip(missing, await self._made(missing), strict=True)) if missing else {}
        found = [made[body] if body in made else self._known[body] for body in bodies]
        for body, text in made.items():
            self._keep(body, text)
        return found

    async def _made(self, bodies: Sequence[bytes]) -> list[bytes]:
        documents = [orjson.loads(body) for body in bodies]
        others = [at for at, document in enumerate(documents) if document.get("apiVersion") != self.api_version]
        wanted = dict(enumerate(documents))
        if others:
            converted = await self._convert([documents[at] for at in others], self.api_version)
            wanted |= zip(others, converted, strict=True)
        return [self._normal(body, documents[at], wanted[at]) for at, body in enumerate(bodies)]

    def _normal(self, body: bytes, stored: Doc, document: Doc) -> bytes:
        after = self.model.normal(copy.deepcopy(document))
        return body if after == stored else orjson.dumps(_in_order(after))

    def _keep(self, body: bytes, text: bytes) -> None:
        self._known[body] = text
        self._size += len(body) + len(text)
        while self._size > REMEMBERED_BYTES and self._known:
            old, forgotten = self._known.popitem(last=False)
            self._size -= len(old) + len(forgotten)

    async def encoded(self, text: bytes) -> bytes:
        """A text of this version as it is stored."""
        if self.api_version == self.stored_version:
            return text
        (document,) = await self._convert([orjson.loads(text)], self.stored_version)
        return orjson.dumps(_in_order(document))

    def storage(self, storage: Storage) -> Storage:
        return _ViewedStorage(storage, self)

    def cache(self, cache: WatchCache) -> WatchCache:
        return _ViewedCache(cache, self)


def _in_order(document: Doc) -> Doc:
    """As objects are written: who they are comes first."""
    first = ("apiVersion", "kind", "metadata")
    return {name: document[name] for name in first if name in document} | document


class _ViewedStorage:
    """See interface.Storage."""

    def __init__(self, storage: Storage, view: View) -> None:
        self._storage, self._view = storage, view

    async def _shown(self, stored: Stored) -> Stored:
        """What would be stored in other words by now counts as stale, so that writing it unchanged rewrites it."""
        (text,) = await self._view.shown([stored.body])
        stale = stored.stale or text is not stored.body or not stored.body.startswith(self._view.stored_head)
        return Stored(stored.key, stored.revision, text, stale)

    async def create(self, key: str, body: bytes, *, ttl: int | None = None) -> Stored:
        return await self._shown(await self._storage.create(key, await self._view.encoded(body), ttl=ttl))

    async def get(self, key: str, revision: int = 0) -> Stored | None:
        found = await self._storage.get(key, revision)
        return found and await self._shown(found)

    async def list(
        self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0, unreadable: set[str] | None = None
    ) -> Page:
        page = await self._storage.list(prefix, limit=limit, after=after, revision=revision, unreadable=unreadable)
        bodies = await self._view.shown([item.body for item in page.items])
        items = [item._replace(body=body) for item, body in zip(page.items, bodies, strict=True)]
        return page._replace(items=items)

    async def guaranteed_update(
        self,
        key: str,
        mutate: Mutate,
        *,
        expected_revision: int | None = None,
        ttl: int | None = None,
        suggestion: Stored | None = None,
    ) -> Stored:
        async def mutated(stored: Stored | None) -> bytes | None:
            changed: Any = mutate(stored and await self._shown(stored))
            text = await changed if isawaitable(changed) else changed
            return None if text is None else await self._view.encoded(text)

        written = await self._storage.guaranteed_update(
            key, mutated, expected_revision=expected_revision, ttl=ttl, suggestion=_stored_form(suggestion)
        )
        return await self._shown(written)

    async def delete(self, key: str, *, expected_revision: int | None = None) -> Stored:
        return await self._shown(await self._storage.delete(key, expected_revision=expected_revision))

    def watch(self, prefix: str, from_revision: int = 0) -> AsyncIterator[Sequence[Change]]:
        return self._storage.watch(prefix, from_revision)

    async def current_revision(self) -> int:
        return await self._storage.current_revision()

    async def compact(self, revision: int) -> None:
        await self._storage.compact(revision)


class _ViewedCache:
    """See interface.WatchCache."""

    def __init__(self, cache: WatchCache, view: View) -> None:
        self._cache, self._view = cache, view

    def resource(self, resource: CachedResource) -> Cacher:
        return _ViewedCacher(self._cache.resource(resource), self._view)


@dataclass(slots=True)
class _ViewedEntry:
    """See interface.Entry. Labels and fields stay the stored form's: the cache has selected by them already."""

    entry: Entry
    body: bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entry, name)


def _stored_form(suggestion: Any) -> Any:
    """What the storage itself knows, from what a view showed of it; a text alone cannot be turned back."""
    if isinstance(suggestion, _ViewedEntry):
        return suggestion.entry
    return None if isinstance(suggestion, Stored) else suggestion


class _ViewedCacher:
    """See interface.Cacher. `peek` and `follow` show what is stored, which is enough to know that it is there."""

    def __init__(self, cacher: Cacher, view: View) -> None:
        self._cacher, self._view = cacher, view

    async def _shown(self, entries: Sequence[Entry]) -> list[Entry]:
        bodies = await self._view.shown([entry.body for entry in entries])
        return [_ViewedEntry(entry, body) for entry, body in zip(entries, bodies, strict=True)]

    async def get(self, key: str, resource_version: int | None = None) -> Entry | None:
        entry = await self._cacher.get(key, resource_version)
        return None if entry is None else (await self._shown([entry]))[0]

    async def list(self, selection: Selection, *, resource_version: int | None = None, limit: int = 0) -> Snapshot:
        found = await self._cacher.list(selection, resource_version=resource_version, limit=limit)
        return found._replace(items=await self._shown(found.items))

    @property
    def size(self) -> int:
        return self._cacher.size

    def peek(self, key: str) -> Entry | None:
        return self._cacher.peek(key)

    def written(self, stored: Stored, document: Mapping[str, Any]) -> None:
        """What is stored has another form: let it be decoded."""

    def follow(self, follower: Follower) -> None:
        self._cacher.follow(follower)

    async def watch(self, selection: Selection, **wanted: Any) -> Watcher:
        return _ViewedWatcher(await self._cacher.watch(selection, **wanted), self._view)


class _ViewedEmission:
    """See interface.Emission. Frames are kept at the event itself, for every watcher of the view."""

    __slots__ = ("_api_version", "_emission", "body", "revision", "type")

    def __init__(self, emission: Emission, body: bytes, api_version: str) -> None:
        self._emission, self.body, self._api_version = emission, body, api_version
        self.type, self.revision = emission.type, emission.revision

    @property
    def frame(self) -> bytes:
        return self.rendered("", lambda _: b'{"type":"%b","object":%b}\n' % (self.type.encode(), self.body))

    def rendered(self, form: str, render: Callable[[Any], bytes]) -> bytes:
        return self._emission.rendered(f"{self._api_version} {form}", lambda _: render(self))


class _ViewedWatcher:
    """See interface.Watcher."""

    def __init__(self, watcher: Watcher, view: View) -> None:
        self._watcher, self._view = watcher, view

    async def __aiter__(self) -> AsyncIterator[Sequence[Emission]]:
        async for emissions in self._watcher:
            objects = [each.body for each in emissions if each.type != "BOOKMARK"]
            bodies = iter(await self._view.shown(objects))
            yield [self._shown(each, bodies) for each in emissions]

    def _shown(self, emission: Emission, bodies: Any) -> Emission:
        if emission.type == "BOOKMARK":
            text = orjson.dumps({**orjson.loads(emission.body), "apiVersion": self._view.api_version})
        else:
            text = next(bodies)
        return emission if text is emission.body else _ViewedEmission(emission, text, self._view.api_version)

    def bookmark(self) -> Emission:
        return self._watcher.bookmark()

    def close(self) -> None:
        self._watcher.close()

    async def __aenter__(self) -> Self:
        await self._watcher.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._watcher.__aexit__(*exc)
