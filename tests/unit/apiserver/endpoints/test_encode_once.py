"""Objects are encoded and decoded once, when they arrive: reading sends the cache's own bytes. No clock is needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver.admission.attributes import Attributes
from apiserver.admission.chain import Chain
from apiserver.call import Call
from apiserver.decoding import canonical
from apiserver.encoding.frames import Frames
from apiserver.endpoints import read
from apiserver.negotiation import Form
from apiserver.options import list_options
from apiserver.registry.core.pod import PodStrategy
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.kinds import strategies
from apiserver.registry.store import Store
from apiserver.request_info import parse
from apiserver.storage.cache import Cache
from apiserver.storage.interface import Selection
from apiserver.user import ITSELF
from tests.fuzz.bodies import GOOD
from tests.support.storage import MemoryStorage

PODS = "/api/v1/namespaces/d/pods"
RANGES = ServiceRanges(None, "10.0.0.0/24", "30000-30010")  # type: ignore[arg-type]  # nothing is allocated


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


async def test_what_is_created_and_changed_here_enters_the_cache_as_it_was_answered() -> None:
    async with pods("other") as (store, _, strategy):
        before = strategy.looked
        key = store.key("d", "a")
        created = await store.create(Attributes("CREATE", store.resource, "d", "", ITSELF), new("a"))
        await store.cacher.get(key)
        assert store.cacher.peek(key).body is created
        answered = await store.update(Attributes("UPDATE", store.resource, "d", "a", ITSELF), labelled)
        await store.cacher.get(key)
        entry = store.cacher.peek(key)
        assert entry.body is answered and entry.labels == {"app": "z"}
        assert strategy.looked == before + 2, "once each, from the object that was written"
        assert entry.fields == store.fields_of(orjson.loads(answered))


def new(name: str) -> dict[str, Any]:
    container = {"name": "c", "image": "i", "resources": {}}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}, "spec": {"containers": [container]}}


async def labelled(pod: dict[str, Any]) -> dict[str, Any]:
    pod["metadata"]["labels"] = {"app": "z"}
    return pod


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_document_that_is_written_selects_as_its_text_does(kind: str) -> None:
    found = [each for each in strategies(RANGES, event_ttl=60) if each.kind == kind]
    for strategy in found:
        meta = {"name": "x", "uid": "u", "labels": {"a": "b"}}
        head = {"apiVersion": strategy.api_version, "kind": kind, "metadata": meta}
        document = canonical({**head, **GOOD[kind]}, strategy.model, api_version=strategy.api_version)
        strategy.default(document)
        strategy.prepare_for_create(document)
        assert strategy.selectable(document) == strategy.selectable(strategy.model.from_dict(document).to_dict())


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
