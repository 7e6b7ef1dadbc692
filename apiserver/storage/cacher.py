"""The watch cache of one resource: objects, their recent history, and those who watch them.

Fed with changes by cache.py; reads are answered from memory once the feed has passed the revision asked for.
A watch from before the history begins with what etcd still has (replay.py).
In Kubernetes: k8s.io/apiserver/pkg/storage/cacher.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from apiserver.storage.body import BadBody
from apiserver.storage.entry import Entry, entry_from, entry_of
from apiserver.storage.event import CacheEvent, Emission, added, bookmark
from apiserver.storage.feed import Progress
from apiserver.storage.history import History
from apiserver.storage.interface import (
    CachedResource,
    Change,
    Compacted,
    Follower,
    Selection,
    Snapshot,
    Storage,
    Stored,
    TooLargeRevision,
    Unavailable,
)
from apiserver.storage.replay import replayed
from apiserver.storage.rounds import Rounds
from apiserver.storage.selection import Place, is_prefix, place_of, places_of
from apiserver.storage.store import EntryStore
from apiserver.storage.watcher import CacheWatcher

log = logging.getLogger(__name__)

_PAGE = 500


class ResourceCacher:
    """See interface.Cacher for what each read promises."""

    def __init__(
        self, resource: CachedResource, storage: Storage, progress: Progress, *, patience: float = 3.0
    ) -> None:
        self.resource = resource
        self.ready = asyncio.Event()
        self._storage = storage
        self._progress = progress
        self._patience = patience
        self._store = EntryStore(resource.prefix, resource.indexes)
        self._history = History(0)
        self._loaded = 0
        """The revision of the first list: changes up to it are in it."""
        self._early: list[Change] = []
        """Changes that came while the first list was read."""
        self._written: dict[str, Entry] = {}
        """What this server has stored, until the feed tells of it."""
        self._watchers: dict[Place, set[CacheWatcher]] = {}
        self._rounds = Rounds()
        self._followers: list[Follower] = []
        self._generation = 0
        self._unreadable: set[str] = set()
        """Keys whose objects nobody here can decrypt: whoever asks for one learns why from the storage."""
        self._replaying = asyncio.Semaphore(1)

    # --- feeding

    async def load(self, at: int = 0, until: int = 0) -> None:
        """Read all objects as of revision `at` (0: now), catch up with `until`; apply() keeps them current."""
        generation = self._generation
        entries: list[Entry] = []
        unreadable: set[str] = set()
        after, revision, more = "", at, True
        while more:
            page = await self._storage.list(
                self.resource.prefix, limit=_PAGE, after=after, revision=revision, unreadable=unreadable
            )
            entries += filter(None, (self._entry(item.key, item.revision, item.body) for item in page.items))
            revision, more = page.revision, page.more
            after = page.items[-1].key if page.items else ""
        await self._progress.reached(until)
        if generation != self._generation:
            return  # reset meanwhile: changes behind this list were missed, and another load is on its way
        before, self._store = self._store, EntryStore(self.resource.prefix, self.resource.indexes, entries)
        self._replaced(before)
        self._history = History(revision)
        self._unreadable = unreadable
        self._written = {}
        self._loaded = revision
        self.ready.set()
        early, self._early = self._early, []
        self.apply(early)

    def reset(self) -> None:
        """What we hold no longer follows from what etcd tells: end every watch; load() must come again."""
        self.ready.clear()
        self._generation += 1
        self._early = []
        for watcher in self.watchers():
            watcher.end(Compacted(self.revision))

    def apply(self, changes: Iterable[Change]) -> None:
        """Take changes in, in etcd's order, and tell the watchers. Never waits."""
        if not self.ready.is_set():
            self._early += changes
            return
        for change in changes:
            if change.revision > self._loaded:
                self._apply(change)

    def _apply(self, change: Change) -> None:
        if change.fault is not None:
            log.error("%s", change.fault)
            self._unreadable.add(change.key)
            return
        self._unreadable.discard(change.key)
        new = self._changed(change)
        old = self._store.put(new) if new else self._store.remove(change.key)
        if old is None and new is None:
            return
        for follower in self._followers:
            follower(old, new)
        event = CacheEvent(change.revision, old, new)
        self._history.append(event, time.monotonic())
        for place in places_of(old, new, self.resource.prefix, self.resource.indexes):
            for watcher in tuple(self._watchers.get(place, ())):
                watcher.offer(event)
        event.forget_emissions()

    def _changed(self, change: Change) -> Entry | None:
        """The object as it is now."""
        known = self._written.get(change.key)
        if known is not None and known.revision <= change.revision:
            del self._written[change.key]
            if known.revision == change.revision:
                return known
        return None if change.value is None else self._entry(change.key, change.revision, change.value)

    def written(self, stored: Stored, document: Mapping[str, Any]) -> None:
        """This server has just stored this: the document says what the text says. It enters by the feed alone."""
        if stored.revision > self.revision and self.ready.is_set():
            self._written[stored.key] = entry_of(stored, document, self.resource.fields_of)

    def follow(self, follower: Follower) -> None:
        self._followers.append(follower)
        for entry in self._everything(self._store):
            follower(None, entry)

    def _everything(self, store: EntryStore) -> list[Entry]:
        return store.select(Selection(self.resource.prefix))[0]

    def _replaced(self, before: EntryStore) -> None:
        """Another list stands here now: tell the difference."""
        if not self._followers:
            return
        gone = [entry for entry in self._everything(before) if self._store.get(entry.key) is None]
        pairs: list[tuple[Entry | None, Entry | None]] = [(entry, None) for entry in gone]
        pairs += [(before.get(entry.key), entry) for entry in self._everything(self._store)]
        for old, new in pairs:
            for follower in self._followers:
                follower(old, new)

    def _entry(self, key: str, revision: int, text: bytes) -> Entry | None:
        try:
            return entry_from(key, revision, text, self.resource.fields_of)
        except BadBody as error:
            log.error("ignoring what is no object in etcd: %s", error)
            return None

    # --- reading

    @property
    def revision(self) -> int:
        """The state here is etcd's at this revision."""
        return max(self._loaded, self._progress.revision)

    @property
    def size(self) -> int:
        return len(self._store)

    def peek(self, key: str) -> Entry | None:
        return self._store.get(key)

    async def get(self, key: str, resource_version: int | None = None) -> Entry | None:
        if await self._fresh(resource_version) and key not in self._unreadable:
            return self._store.get(key)
        found = await self._storage.get(key)
        return self._entry(key, found.revision, found.body) if found else None

    async def list(self, selection: Selection, *, resource_version: int | None = None, limit: int = 0) -> Snapshot:
        if await self._fresh(resource_version) and not self._unreadable_in(selection):
            items, remaining = self._store.select(selection, limit)
            return Snapshot(items, self.revision, remaining)
        page = await self._storage.list(selection.prefix if is_prefix(selection.prefix) else self.resource.prefix)
        entries = filter(None, (self._entry(item.key, item.revision, item.body) for item in page.items))
        items, remaining = EntryStore(self.resource.prefix, (), entries).select(selection, limit)
        return Snapshot(items, page.revision, remaining)

    @property
    def has_unreadable(self) -> bool:
        return bool(self._unreadable)

    def _unreadable_in(self, selection: Selection) -> bool:
        return bool(self._unreadable) and any(key.startswith(selection.prefix) for key in self._unreadable)

    async def _fresh(self, resource_version: int | None) -> bool:
        """Wait until the cache may answer. False: it lags behind an etcd that does answer, so ask that."""
        if resource_version is None:
            wanted = await self._storage.current_revision()
            return await self._reached(wanted)
        if not await self._reached(resource_version):
            if not self.ready.is_set():
                return False
            raise TooLargeRevision(resource_version, self.revision)
        return True

    async def _reached(self, revision: int) -> bool:
        if self.ready.is_set() and self.revision >= revision:
            return True
        try:
            async with asyncio.timeout(self._patience):
                await self.ready.wait()
                if self.revision < revision:
                    await self._progress.reached(revision)
                # A reset may have come in between.
                await self.ready.wait()
        except TimeoutError:
            return False
        return True

    # --- watching

    async def watch(
        self,
        selection: Selection,
        *,
        resource_version: int | None = None,
        initial_events: bool | None = None,
        bookmarks: bool = False,
    ) -> CacheWatcher:
        with_state = initial_events or (initial_events is None and not resource_version)
        if with_state or resource_version is None:
            if not await self._fresh(resource_version):
                raise Unavailable(f"the watch cache of {self.resource.prefix} lags behind etcd")
        elif not await self._reached(resource_version):
            # Waiting in silence for a revision from before etcd lost its data would be waiting for ever.
            raise TooLargeRevision(resource_version, self.revision)
        start, older = self.revision, None
        if resource_version and not with_state:
            start, older = await self._older(selection, resource_version)
        missed = [] if with_state else self._history.since(start)
        watcher = CacheWatcher(
            selection,
            after=start,
            forget=self._forget,
            mark=self._bookmark,
            rounds=self._rounds,
            bookmarks=bookmarks,
            initial=self._state(selection, end=bool(initial_events and bookmarks)) if with_state else older,
        )
        for event in missed:
            watcher.offer(event)
            event.forget_emissions()
        self._watchers.setdefault(self._place(selection), set()).add(watcher)
        return watcher

    async def _older(self, selection: Selection, revision: int) -> tuple[int, Iterator[Emission] | None]:
        """Where the history can take over, and what happened before, for a watch that begins before it."""
        found: list[Iterator[Emission]] = []
        while revision < self._history.floor:
            until = self.revision
            async with self._replaying:
                found.append(await replayed(self._storage, selection, self._entry, after=revision, until=until))
            revision = until
        return revision, chain.from_iterable(found) if found else None

    def _state(self, selection: Selection, *, end: bool) -> Iterator[Emission]:
        entries, _ = self._store.select(selection)
        last = (bookmark(self.resource.api_version, self.resource.kind, self.revision, initial_end=True),)
        return chain(map(added, entries), last if end else ())

    def _place(self, selection: Selection) -> Place:
        return place_of(selection, self.resource.prefix, self.resource.indexes)

    def _forget(self, watcher: CacheWatcher) -> None:
        place = self._place(watcher.selection)
        if others := self._watchers.get(place):
            others.discard(watcher)
            if not others:
                del self._watchers[place]

    def _bookmark(self) -> Emission:
        return bookmark(self.resource.api_version, self.resource.kind, self.revision)

    def watchers(self) -> Sequence[CacheWatcher]:
        return [watcher for filed in self._watchers.values() for watcher in filed]
