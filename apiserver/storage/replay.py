"""What happened before the watch cache's own history begins, read again from etcd for the rare watch that asks.

The state at the watch's revision, then every change up to the cache's: all that etcd has not compacted yet. It follows
the whole keyspace, in which each revision shows up, so that it knows when it has seen the last one.
In Kubernetes: nothing; its watch cache answers 410 Expired as soon as its window has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing

from apiserver.storage.entry import Entry
from apiserver.storage.event import CacheEvent, Emission, transition
from apiserver.storage.interface import Change, Selection, Storage
from apiserver.storage.watcher import matcher

_PAGE = 500
MakeEntry = Callable[[str, int, bytes], Entry | None]


async def replayed(
    storage: Storage, selection: Selection, make: MakeEntry, *, after: int, until: int
) -> Iterator[Emission]:
    """What a watcher of `selection` missed in the revisions after one and up to another. May raise Compacted."""
    state = await _state_at(storage, selection.prefix, make, after)
    events: list[CacheEvent] = []
    async with aclosing(storage.watch("", after)) as batches:
        async for changes in batches:
            events += _events(state, selection.prefix, make, [each for each in changes if each.revision <= until])
            if changes and changes[-1].revision >= until:
                break
    return _emissions(events, matcher(selection))


async def _state_at(storage: Storage, prefix: str, make: MakeEntry, revision: int) -> dict[str, Entry]:
    state: dict[str, Entry] = {}
    after, more = "", True
    while more:
        page = await storage.list(prefix, limit=_PAGE, after=after, revision=revision)
        for item in page.items:
            if item.key.startswith(prefix) and (entry := make(item.key, item.revision, item.body)):
                state[item.key] = entry
        more, after = page.more, page.items[-1].key if page.items else ""
    return state


def _events(state: dict[str, Entry], prefix: str, make: MakeEntry, changes: Sequence[Change]) -> Iterator[CacheEvent]:
    for change in changes:
        if not change.key.startswith(prefix) or change.fault:
            continue
        old = state.pop(change.key, None)
        new = None if change.value is None else make(change.key, change.revision, change.value)
        if new is not None:
            state[change.key] = new
        if old is not None or new is not None:
            yield CacheEvent(change.revision, old, new)


def _emissions(events: Sequence[CacheEvent], matches: Callable[[Entry | None], bool]) -> Iterator[Emission]:
    for event in events:
        type_ = transition(matches(event.old), matches(event.new))
        if type_ is not None:
            yield event.emission(type_)
