"""One stored kind seen through two groups or versions: pure conversions, put around its storage and its cache.

The object is stored once, in the form of the first view; both share its prefix, its Cacher and its history. A view
converts what goes in and what comes out, and nothing else of the server knows: `seen_as(strategy, storage, cache)`.
Real Kubernetes: the conversions of pkg/apis/*/v*/conversion.go; there everything passes an internal version.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any, Self

import orjson

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
from machinery.api import fields, scheme

Doc = dict[str, Any]


@dataclass(frozen=True)
class Conversion:
    """Between a view and the form in which objects are stored. The functions get a document of their own."""

    view: tuple[str, str]
    """apiVersion and kind of the view: ("events.k8s.io/v1", "Event")."""
    stored: tuple[str, str]
    to_stored: Callable[[Doc], Doc]
    from_stored: Callable[[Doc], Doc]
    fields: Mapping[str, str] = field(default_factory=dict)
    """Names of selectable fields, the view's to the stored form's, where they differ."""

    def encoded(self, body: bytes) -> bytes:
        """A text of the view as it is stored."""
        return _converted(body, self.to_stored, self.stored)

    def decoded(self, body: bytes) -> bytes:
        """A stored text as the view shows it."""
        return _converted(body, self.from_stored, self.view)

    def shown(self, stored: Stored) -> Stored:
        return stored._replace(body=self.decoded(stored.body))

    def selection(self, selection: Selection) -> Selection:
        """The same selection by the names of the stored form."""
        wanted = selection.fields
        if not self.fields or not isinstance(wanted, fields.FieldSelector):
            return selection
        renamed = (replace(each, field=self.fields.get(each.field, each.field)) for each in wanted.requirements)
        return replace(selection, fields=fields.FieldSelector(tuple(renamed)))


def _converted(body: bytes, convert: Callable[[Doc], Doc], target: tuple[str, str]) -> bytes:
    api_version, kind = target
    document = {**convert(orjson.loads(body)), "apiVersion": api_version, "kind": kind}
    return scheme.for_kind(api_version, kind).model.from_dict(document).to_json()


def seen_as(conversion: Conversion | None, storage: Storage, cache: WatchCache) -> tuple[Storage, WatchCache]:
    """Storage and cache for the Store of a kind; the stored form's own Store must be made first."""
    if conversion is None:
        return storage, cache
    return _ViewedStorage(storage, conversion), _ViewedCache(cache, conversion)


class _ViewedStorage:
    """See interface.Storage."""

    def __init__(self, storage: Storage, conversion: Conversion) -> None:
        self._storage, self._conversion = storage, conversion

    async def create(self, key: str, body: bytes, *, ttl: int | None = None) -> Stored:
        made = await self._storage.create(key, self._conversion.encoded(body), ttl=ttl)
        return self._conversion.shown(made)

    async def get(self, key: str, revision: int = 0) -> Stored | None:
        found = await self._storage.get(key, revision)
        return found and self._conversion.shown(found)

    async def list(
        self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0, unreadable: set[str] | None = None
    ) -> Page:
        page = await self._storage.list(prefix, limit=limit, after=after, revision=revision, unreadable=unreadable)
        return page._replace(items=[self._conversion.shown(item) for item in page.items])

    async def guaranteed_update(
        self,
        key: str,
        mutate: Mutate,
        *,
        expected_revision: int | None = None,
        ttl: int | None = None,
        suggestion: Stored | None = None,
    ) -> Stored:
        """The suggestion, which is in the view's form, is left unused: one read more."""

        async def mutated(stored: Stored | None) -> bytes | None:
            changed: Any = mutate(stored and self._conversion.shown(stored))
            text = await changed if isawaitable(changed) else changed
            return None if text is None else self._conversion.encoded(text)

        written = await self._storage.guaranteed_update(key, mutated, expected_revision=expected_revision, ttl=ttl)
        return self._conversion.shown(written)

    async def delete(self, key: str, *, expected_revision: int | None = None) -> Stored:
        return self._conversion.shown(await self._storage.delete(key, expected_revision=expected_revision))

    def watch(self, prefix: str, from_revision: int = 0) -> AsyncIterator[Sequence[Change]]:
        return self._storage.watch(prefix, from_revision)

    async def current_revision(self) -> int:
        return await self._storage.current_revision()

    async def compact(self, revision: int) -> None:
        await self._storage.compact(revision)


class _ViewedCache:
    """See interface.WatchCache."""

    def __init__(self, cache: WatchCache, conversion: Conversion) -> None:
        self._cache, self._conversion = cache, conversion

    def resource(self, resource: CachedResource) -> Cacher:
        """The Cacher of the stored form, which the prefix names, seen through the conversion."""
        return _ViewedCacher(self._cache.resource(resource), self._conversion)

    async def synced(self) -> None:
        await self._cache.synced()

    async def run(self) -> None:
        await self._cache.run()

    @property
    def healthy(self) -> bool:
        return self._cache.healthy


class _ViewedEntry:
    """See interface.Entry. Labels and fields stay the stored form's: the cache has selected by them already."""

    __slots__ = ("_conversion", "_entry")

    def __init__(self, entry: Entry, conversion: Conversion) -> None:
        self._entry, self._conversion = entry, conversion

    @property
    def body(self) -> bytes:
        return self._conversion.decoded(self._entry.body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)


class _ViewedCacher:
    """See interface.Cacher."""

    def __init__(self, cacher: Cacher, conversion: Conversion) -> None:
        self._cacher, self._conversion = cacher, conversion

    def _shown(self, entry: Entry | None) -> Entry | None:
        return None if entry is None else _ViewedEntry(entry, self._conversion)

    async def get(self, key: str, resource_version: int | None = None) -> Entry | None:
        return self._shown(await self._cacher.get(key, resource_version))

    async def list(self, selection: Selection, *, resource_version: int | None = None, limit: int = 0) -> Snapshot:
        wanted = self._conversion.selection(selection)
        found = await self._cacher.list(wanted, resource_version=resource_version, limit=limit)
        return found._replace(items=[_ViewedEntry(entry, self._conversion) for entry in found.items])

    @property
    def size(self) -> int:
        return self._cacher.size

    def peek(self, key: str) -> Entry | None:
        return self._shown(self._cacher.peek(key))

    def written(self, stored: Stored, document: Mapping[str, Any]) -> None:
        """What is stored has another form: let it be decoded."""

    def follow(self, follower: Follower) -> None:
        self._cacher.follow(lambda old, new: follower(self._shown(old), self._shown(new)))

    async def watch(self, selection: Selection, **wanted: Any) -> Watcher:
        watcher = await self._cacher.watch(self._conversion.selection(selection), **wanted)
        return _ViewedWatcher(watcher, self._conversion)


class _ViewedEmission:
    """See interface.Emission. What is converted is kept at the event itself, for every watcher of the view."""

    __slots__ = ("_conversion", "_emission", "revision", "type")

    def __init__(self, emission: Emission, conversion: Conversion) -> None:
        self._emission, self._conversion = emission, conversion
        self.type, self.revision = emission.type, emission.revision

    @property
    def body(self) -> bytes:
        return self._emission.rendered(f"{self._conversion.view} body", self._convert)

    def _convert(self, emission: Emission) -> bytes:
        if self.type != "BOOKMARK":
            return self._conversion.decoded(emission.body)
        api_version, kind = self._conversion.view
        return orjson.dumps({**orjson.loads(emission.body), "apiVersion": api_version, "kind": kind})

    @property
    def frame(self) -> bytes:
        return self.rendered("", lambda _: b'{"type":"%b","object":%b}\n' % (self.type.encode(), self.body))

    def rendered(self, form: str, render: Callable[[Any], bytes]) -> bytes:
        return self._emission.rendered(f"{self._conversion.view} {form}", lambda _: render(self))


class _ViewedWatcher:
    """See interface.Watcher."""

    def __init__(self, watcher: Watcher, conversion: Conversion) -> None:
        self._watcher, self._conversion = watcher, conversion

    async def __aiter__(self) -> AsyncIterator[Sequence[Emission]]:
        async for emissions in self._watcher:
            yield [_ViewedEmission(emission, self._conversion) for emission in emissions]

    def bookmark(self) -> Emission:
        return _ViewedEmission(self._watcher.bookmark(), self._conversion)

    def close(self) -> None:
        self._watcher.close()

    async def __aenter__(self) -> Self:
        await self._watcher.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._watcher.__aexit__(*exc)
