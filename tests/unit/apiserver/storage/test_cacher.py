"""ResourceCacher on storage in memory: whoever follows a watch knows what a list would tell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiserver.storage.cache import Cache
from apiserver.storage.cacher import ResourceCacher
from apiserver.storage.interface import CachedResource, Change, Selection, SlowWatcher, Stored
from apiserver.storage.watcher import CacheWatcher
from machinery.api import fields, labels
from tests.support.storage import MemoryStorage

PODS = "/registry/pods/"


def fields_of(pod: Mapping[str, Any]) -> dict[str, str]:
    return {"metadata.name": pod["metadata"]["name"], "spec.nodeName": pod["node"]}


RESOURCE = CachedResource(PODS, "v1", "Pod", fields_of, indexes=("spec.nodeName",))


def pod(name: str, node: str, app: str) -> bytes:
    return orjson.dumps({"metadata": {"name": name, "labels": {"app": app}}, "node": node})


@contextlib.asynccontextmanager
async def cached(storage: MemoryStorage) -> AsyncIterator[ResourceCacher]:
    cache = Cache(storage)
    cacher = cache.resource(RESOURCE)
    task = asyncio.create_task(cache.run())
    await cache.synced()
    try:
        yield cacher
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


names = st.sampled_from(["a", "b", "c"])
nodes = st.sampled_from(["", "n1", "n2"])
writes = st.tuples(names, st.sampled_from(["d", "e"]), nodes, st.sampled_from(["x", "y"]), st.booleans())
selections = st.builds(
    Selection,
    st.sampled_from([PODS, PODS + "d/", PODS + "d/a"]),
    st.sampled_from([None, labels.parse("app=x")]),
    st.sampled_from([None, fields.parse("spec.nodeName=n1"), fields.parse("metadata.name=a")]),
)


async def write(storage: MemoryStorage, step: tuple[str, str, str, str, bool]) -> None:
    name, namespace, node, app, delete = step
    key = f"{PODS}{namespace}/{name}"
    current = await storage.get(key)
    if delete and current:
        await storage.delete(key)
    elif not delete:
        await storage.guaranteed_update(key, lambda _: pod(name, node, app))


class Follower:
    """A client's informer: keeps the state that the events tell, and minds that they make sense."""

    def __init__(self, state: dict[str, bytes], revision: int) -> None:
        self.state, self.revision = state, revision

    def take(self, frame: bytes) -> None:
        event = orjson.loads(frame)
        body = event["object"]
        key = body["metadata"]["name"] + body.get("namespace", "")
        revision = int(body["metadata"]["resourceVersion"])
        assert revision > self.revision, "in order, none twice"
        self.revision = revision
        if event["type"] == "ADDED":
            assert key not in self.state
        else:
            assert key in self.state
        if event["type"] == "DELETED":
            del self.state[key]
        else:
            self.state[key] = orjson.dumps(body)


@settings(deadline=None, max_examples=60)
@given(st.lists(writes, max_size=8), st.lists(writes, max_size=12), selections)
async def test_following_a_watch_equals_listing(before: list, after: list, selection: Selection) -> None:
    # Names are unique per follower's key only within one namespace: watch one at a time.
    before = [(name, "d", *rest) for name, _, *rest in before]
    after = [(name, "d", *rest) for name, _, *rest in after]
    storage = MemoryStorage()
    for step in before:
        await write(storage, step)
    async with cached(storage) as cacher:
        listed = await cacher.list(selection)
        follower = Follower(_by_name(listed.items), listed.revision)
        half = len(after) // 2
        for step in after[:half]:
            await write(storage, step)
        await cacher.list(selection)
        async with await cacher.watch(selection, resource_version=listed.revision) as watcher:
            for step in after[half:]:
                await write(storage, step)
            final = await cacher.list(selection)
            watcher.close()
            async for emissions in watcher:
                for emission in emissions:
                    follower.take(emission.frame)
        assert follower.state == _by_name(final.items)


def _by_name(items: Any) -> dict[str, bytes]:
    return {orjson.loads(item.body)["metadata"]["name"]: orjson.dumps(orjson.loads(item.body)) for item in items}


async def test_what_was_written_here_is_not_decoded_and_yields_to_what_others_write(storage: MemoryStorage) -> None:
    key = PODS + "d/a"
    async with cached(storage) as cacher:
        mine = await storage.create(key, pod("a", "n1", "x"))
        told = {"metadata": {"name": "a", "labels": {"app": "told"}}, "node": "n9"}
        cacher.written(mine, told)
        await cacher.get(key)
        entry = cacher.peek(key)
        assert (entry.body is mine.body, entry.labels, entry.fields["spec.nodeName"]) == (True, {"app": "told"}, "n9")
        cacher.written(mine, {})
        assert not cacher._written, "the feed has told of it already"
        await storage.guaranteed_update(key, lambda _: pod("a", "n2", "y"))
        mine = await storage.guaranteed_update(key, lambda _: pod("a", "n3", "z"))
        cacher.written(mine, told)
        await storage.delete(key)
        assert await cacher.get(key) is None
        assert not cacher._written


async def test_a_slow_watcher_is_dropped_and_the_others_are_not(storage: MemoryStorage) -> None:
    async with cached(storage) as cacher:
        slow = await cacher.watch(Selection(PODS))
        slow._capacity = 3
        async with await cacher.watch(Selection(PODS)) as quick:
            for number in range(5):
                await storage.create(f"{PODS}d/p{number}", pod(f"p{number}", "", "x"))
            last = await cacher.list(Selection(PODS))
            assert last.items
            seen = await anext(aiter(quick))
            assert len(seen) == 5
            with pytest.raises(SlowWatcher):
                await anext(slow)
            assert cacher.watchers() == [quick]
        assert not cacher.watchers()


async def test_thousands_of_changes_at_once_drop_nobody_who_reads(storage: MemoryStorage) -> None:
    async with cached(storage) as cacher, await cacher.watch(Selection(PODS)) as watcher:
        watcher._capacity = 300
        changes = [Change(f"{PODS}d/p{number}", 100 + number, pod("p", "", "x")) for number in range(2000)]
        feed = asyncio.create_task(_deliver(cacher, changes))
        seen = 0
        async for emissions in watcher:
            seen += len(emissions)
            if seen == len(changes):
                break
        await feed


async def _deliver(cacher: ResourceCacher, changes: list[Change]) -> None:
    for at in range(0, len(changes), 100):
        cacher.apply(changes[at : at + 100])
        await asyncio.sleep(0)


async def test_a_cancelled_reader_stops_cleanly(storage: MemoryStorage) -> None:
    async with cached(storage) as cacher:

        async def follow(watcher: CacheWatcher) -> None:
            async with watcher:
                await anext(watcher)

        reader = asyncio.create_task(follow(await cacher.watch(Selection(PODS), initial_events=False)))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait([reader])
        assert not cacher.watchers()
        await storage.create(PODS + "d/a", pod("a", "", "x"))
        assert await cacher.get(PODS + "d/a")


async def test_the_suggestion_may_be_an_entry(storage: MemoryStorage) -> None:
    await storage.create(PODS + "d/a", pod("a", "", "x"))
    async with cached(storage) as cacher:
        entry = await cacher.get(PODS + "d/a")
        assert entry
        stored: Stored = entry.stored()
        assert (stored.key, stored.revision, stored.body) == (entry.key, entry.revision, entry.body)


async def test_a_resource_that_comes_later_makes_nobody_unhealthy_while_it_loads(storage: MemoryStorage) -> None:
    cache = Cache(storage)
    first = cache.resource(RESOURCE)
    task = asyncio.create_task(cache.run())
    assert not cache.healthy
    await cache.synced()
    later = cache.resource(CachedResource("/registry/later/", "v1", "Later", lambda _: {}))
    assert cache.healthy and not later.ready.is_set()
    await later.ready.wait()
    assert cache.healthy
    first.reset()
    assert not cache.healthy, "what has to be read anew does count"
    task.cancel()
    await asyncio.wait([task])
