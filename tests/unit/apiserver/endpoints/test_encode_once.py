"""Objects are encoded and decoded once, when they arrive: reading sends the cache's own bytes. No clock is needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver.admission.chain import Chain
from apiserver.call import Call
from apiserver.encoding.frames import Frames
from apiserver.endpoints import read
from apiserver.negotiation import Form
from apiserver.options import list_options
from apiserver.registry.core.pod import PodStrategy
from apiserver.registry.store import Store
from apiserver.request_info import parse
from apiserver.storage.cache import Cache
from apiserver.storage.interface import Selection
from tests.support.storage import MemoryStorage

PODS = "/api/v1/namespaces/d/pods"


class CountingStrategy(PodStrategy):
    """Counts how often an object of the cache is looked into."""

    looked = 0

    def selectable(self, obj: Any) -> dict[str, str]:
        self.looked += 1
        return super().selectable(obj)


@contextlib.asynccontextmanager
async def pods(*names: str) -> AsyncIterator[tuple[Store, MemoryStorage, CountingStrategy]]:
    storage, strategy = MemoryStorage(), CountingStrategy()
    cache = Cache(storage)
    store = Store(strategy, storage, cache, Chain())
    task = asyncio.create_task(cache.run())
    await cache.synced()
    for name in names:
        await storage.create(store.key("d", name), text(name))
    await store.cacher.get(store.key("d", names[0]))
    try:
        yield store, storage, strategy
    finally:
        task.cancel()
        await asyncio.wait([task])


def text(name: str, app: str = "x") -> bytes:
    meta = {"name": name, "namespace": "d", "labels": {"app": app}}
    return orjson.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": {}})


def call(path: str) -> Call:
    return Call(make_mocked_request("GET", path), parse("GET", path.partition("?")[0]))


def body(response: web.StreamResponse) -> Any:
    return response.body  # type: ignore[attr-defined]  # a Response


async def test_get_sends_the_bytes_of_the_cache_themselves() -> None:
    async with pods("a") as (store, _, strategy):
        entry = store.cacher.peek(store.key("d", "a"))
        before = strategy.looked
        for version in ("", "?resourceVersion=0"):
            assert body(await read.get(call(f"{PODS}/a{version}"), store)) is entry.body
        assert strategy.looked == before


async def test_a_list_joins_the_bytes_of_the_cache() -> None:
    async with pods("a", "b", "c") as (store, _, strategy):
        cached = [store.cacher.peek(store.key("d", name)).body for name in "abc"]
        before = strategy.looked
        for query in ("", "?labelSelector=app%3Dx", "?limit=3", "?fieldSelector=spec.nodeName%3D"):
            asked = call(PODS + query)
            bodies, _ = await read.page(store, asked, list_options(asked.http.query))
            assert all(one is other for one, other in zip(bodies, cached, strict=True)), query
            assert b",".join(cached) in body(await read.list_(asked, store))
        assert strategy.looked == before


async def test_all_watchers_share_one_frame() -> None:
    async with pods("a") as (store, storage, strategy):
        watchers = [await store.cacher.watch(Selection(store.prefix), resource_version=None) for _ in range(3)]
        for watcher in watchers:
            await anext(watcher)
        before = strategy.looked
        key = store.key("d", "a")
        await storage.guaranteed_update(key, lambda _: text("a", "y"))
        emissions = [(await anext(watcher))[0] for watcher in watchers]
        frames = [Frames(strategy, Form()).frame(emission) for emission in emissions]
        assert len(set(map(id, emissions))) == len(set(map(id, frames))) == 1
        assert store.cacher.peek(key).body in frames[0]
        assert strategy.looked == before + 1, "an object is decoded once however many watch it"


async def test_a_page_costs_what_is_on_it() -> None:
    names = [f"pod-{number:04}" for number in range(300)]
    async with pods(*names) as (store, _, strategy):
        await store.cacher.get(store.key("d", names[-1]))
        before = strategy.looked
        asked = call(f"{PODS}?limit=2")
        bodies, meta = await read.page(store, asked, list_options(asked.http.query))
        assert [orjson.loads(each)["metadata"]["name"] for each in bodies] == list(islice(names, 2))
        assert meta["remainingItemCount"] == 298 and strategy.looked == before
