"""The watch cache on a real etcd: freshness, watches, and etcd's bad days."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson
import pytest

from apiserver.storage.cache import Cache
from apiserver.storage.cacher import ResourceCacher
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import (
    CachedResource,
    Compacted,
    DeadlinePassed,
    Selection,
    StorageError,
    Stored,
    TooLargeRevision,
    Unavailable,
    Watcher,
)
from machinery.api import fields, labels
from tests.support.etcd import Etcd

PODS = "/registry/pods/"


def fields_of(pod: Mapping[str, Any]) -> dict[str, str]:
    metadata = pod["metadata"]
    return {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata.get("namespace", ""),
        "spec.nodeName": pod.get("spec", {}).get("nodeName", ""),
    }


RESOURCE = CachedResource(PODS, "v1", "Pod", fields_of, indexes=("spec.nodeName",))


def pod(name: str, node: str = "", **labels_: str) -> bytes:
    metadata = {"name": name, "namespace": "default", "labels": labels_}
    return orjson.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"nodeName": node}})


def key(name: str) -> str:
    return f"{PODS}default/{name}"


def becomes(body: bytes) -> Callable[[Stored | None], bytes]:
    return lambda _: body


@contextlib.asynccontextmanager
async def running(storage: EtcdStorage, **options: Any) -> AsyncIterator[tuple[Cache, ResourceCacher]]:
    cache = Cache(storage, **options)
    pods = cache.resource(RESOURCE)
    task = asyncio.create_task(cache.run())
    async with asyncio.timeout(60):
        await cache.synced()
    try:
        yield cache, pods
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def pods(storage: EtcdStorage) -> AsyncIterator[ResourceCacher]:
    async with running(storage) as (_, cacher):
        yield cacher


Seen = tuple[str, str, int]


async def read(watcher: Watcher, count: int, seconds: float = 60) -> list[Seen]:
    """The next `count` events as (type, name, resourceVersion)."""
    seen: list[Seen] = []
    async with asyncio.timeout(seconds):
        while len(seen) < count:
            for emission in await anext(aiter(watcher)):
                frame = orjson.loads(emission.frame)
                metadata = frame["object"]["metadata"]
                seen.append((frame["type"], metadata.get("name", ""), int(metadata["resourceVersion"])))
    return seen


def types_of(seen: list[Seen]) -> list[tuple[str, str]]:
    return [(type_, name) for type_, name, _ in seen]


ALL = Selection(PODS)


async def test_own_writes_are_read_at_once(storage: EtcdStorage, pods: ResourceCacher) -> None:
    for number in range(50):
        made = await storage.create(key(f"p{number}"), pod(f"p{number}"))
        found = await pods.get(made.key)
        assert found and (found.revision, found.body) == (made.revision, made.body)
        await storage.delete(made.key)
        assert await pods.get(made.key) is None


async def test_a_list_is_as_fresh_as_etcd_when_another_resource_moves(
    storage: EtcdStorage, pods: ResourceCacher
) -> None:
    await storage.create(key("a"), pod("a"))
    other = await storage.create("/registry/leases/default/x", b'{"metadata":{"name":"x"}}')
    listed = await pods.list(ALL)
    assert listed.revision >= other.revision
    assert [entry.key for entry in listed.items] == [key("a")]


async def test_lists_select(storage: EtcdStorage, pods: ResourceCacher) -> None:
    for number in range(6):
        await storage.create(key(f"p{number}"), pod(f"p{number}", f"n{number % 2}", app=f"a{number % 3}"))
    await storage.create(PODS + "other/p0", pod("p0", "n0"))

    async def names(selection: Selection, **options: int) -> list[str]:
        return [entry.key.removeprefix(PODS) for entry in (await pods.list(selection, **options)).items]

    on_n1 = fields.parse("spec.nodeName=n1")
    assert await names(Selection(PODS, fields=on_n1)) == ["default/p1", "default/p3", "default/p5"]
    assert await names(Selection(PODS + "other/")) == ["other/p0"]
    assert await names(Selection(PODS + "default/", labels.parse("app=a0"))) == ["default/p0", "default/p3"]
    assert await names(Selection(PODS, fields=fields.parse("metadata.name=p0"))) == ["default/p0", "other/p0"]
    first = await pods.list(ALL, limit=5)
    assert (len(first.items), first.remaining) == (5, 2)
    rest = await storage.list(PODS, after=first.items[-1].key, revision=first.revision)
    assert [item.key for item in rest.items] == [key("p5"), PODS + "other/p0"]


async def test_resource_versions(storage: EtcdStorage, pods: ResourceCacher) -> None:
    pods._patience = 0.2
    made = await storage.create(key("a"), pod("a"))
    assert await pods.get(key("a"), made.revision)
    with pytest.raises(TooLargeRevision):
        await pods.get(key("a"), made.revision + 100)
    with pytest.raises(TooLargeRevision):
        await pods.watch(ALL, resource_version=made.revision + 100)
    waiting = asyncio.create_task(pods.list(ALL, resource_version=made.revision + 1))
    await storage.create(key("b"), pod("b"))
    assert len((await waiting).items) == 2
    assert (await pods.list(ALL, resource_version=0)).items


async def test_watch_from_a_revision_and_selector_transitions(storage: EtcdStorage, pods: ResourceCacher) -> None:
    first = await storage.create(key("a"), pod("a", app="x"))
    await storage.guaranteed_update(key("a"), becomes(pod("a", "n1", app="x")))
    on_n1 = Selection(PODS, fields=fields.parse("spec.nodeName=n1"))
    labelled = Selection(PODS + "default/", labels.parse("app=x"))
    async with (
        await pods.watch(ALL, resource_version=first.revision) as everything,
        await pods.watch(on_n1, resource_version=first.revision) as by_node,
        await pods.watch(labelled, resource_version=first.revision) as by_label,
    ):
        away = await storage.guaranteed_update(key("a"), becomes(pod("a", "n2", app="y")))
        await storage.guaranteed_update(key("a"), becomes(pod("a", "n1", app="x")))
        gone = await storage.delete(key("a"))
        seen = await read(everything, 4)
        assert [type_ for type_, _, _ in seen] == ["MODIFIED"] * 3 + ["DELETED"]
        assert [revision for _, _, revision in seen] == list(range(first.revision + 1, gone.revision + 1))
        expected = ["ADDED", "DELETED", "ADDED", "DELETED"]
        seen = await read(by_node, 4)
        assert [type_ for type_, _, _ in seen] == expected
        assert seen[1][2] == away.revision
        assert [type_ for type_, _, _ in await read(by_label, 4)] == ["MODIFIED", *expected[1:]]


async def test_a_deleted_frame_carries_the_last_matching_object(storage: EtcdStorage, pods: ResourceCacher) -> None:
    await storage.create(key("a"), pod("a", "n1"))
    async with await pods.watch(Selection(PODS, fields=fields.parse("spec.nodeName=n1"))) as watcher:
        await read(watcher, 1)
        moved = await storage.guaranteed_update(key("a"), becomes(pod("a", "n2")))
        async with asyncio.timeout(60):
            (emission,) = await anext(aiter(watcher))
    body = orjson.loads(emission.body)
    assert (body["spec"]["nodeName"], body["metadata"]["resourceVersion"]) == ("n1", str(moved.revision))


async def test_watch_begins_with_the_state(storage: EtcdStorage, pods: ResourceCacher) -> None:
    await storage.create(key("b"), pod("b"))
    await storage.create(key("a"), pod("a"))
    async with await pods.watch(ALL, initial_events=True, bookmarks=True) as streaming:
        seen = await read(streaming, 3)
        assert types_of(seen) == [("ADDED", "a"), ("ADDED", "b"), ("BOOKMARK", "")]
        assert seen[2][2] == await storage.current_revision()
    async with await pods.watch(ALL) as plain, await pods.watch(ALL, initial_events=False) as silent:
        assert types_of(await read(plain, 2)) == [("ADDED", "a"), ("ADDED", "b")]
        await storage.create(key("c"), pod("c"))
        assert types_of(await read(plain, 1)) == types_of(await read(silent, 1)) == [("ADDED", "c")]


async def test_the_bookmark_that_ends_the_state(pods: ResourceCacher) -> None:
    async with await pods.watch(ALL, initial_events=True, bookmarks=True) as watcher:
        (emission,) = await anext(aiter(watcher))
    frame = orjson.loads(emission.frame)
    assert frame["type"] == "BOOKMARK"
    assert frame["object"]["kind"] == "Pod"
    assert frame["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_bookmarks_for_those_who_ask(storage: EtcdStorage) -> None:
    async with running(storage, bookmark_interval=0.05) as (_, pods):
        made = await storage.create(key("a"), pod("a"))
        async with (
            await pods.watch(ALL, resource_version=made.revision, bookmarks=True) as asked,
            await pods.watch(ALL, resource_version=made.revision) as not_asked,
        ):
            assert (await read(asked, 2))[1] == ("BOOKMARK", "", made.revision)
            await storage.delete(key("a"))
            assert (await read(not_asked, 1))[0][0] == "DELETED"


async def test_frames_are_shared(storage: EtcdStorage, pods: ResourceCacher) -> None:
    watchers = [await pods.watch(ALL) for _ in range(3)]
    await storage.create(key("a"), pod("a"))
    emissions = [(await anext(aiter(watcher)))[0] for watcher in watchers]
    assert emissions[0] is emissions[1] is emissions[2]
    assert emissions[0].frame is emissions[2].frame
    made: list[int] = []

    def table(_: object) -> bytes:
        made.append(1)
        return b"table"

    assert {emission.rendered("table", table) for emission in emissions} == {b"table"}
    assert made == [1]


async def test_a_watch_outlives_a_restart_of_the_cache(storage: EtcdStorage) -> None:
    first = await storage.create(key("a"), pod("a", app="x"))
    async with running(storage) as (_, pods):
        await pods.list(ALL)
    await storage.guaranteed_update(key("a"), becomes(pod("a", "n1", app="y")))
    await storage.create(key("b"), pod("b"))
    await storage.delete(key("b"))
    async with running(storage) as (_, pods):
        assert [entry.fields["spec.nodeName"] for entry in (await pods.list(ALL, resource_version=0)).items] == ["n1"]
        async with await pods.watch(ALL, resource_version=first.revision) as watcher:
            seen = await read(watcher, 3)
        assert types_of(seen) == [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "b")]
        async with await pods.watch(Selection(PODS, labels.parse("app=x")), resource_version=first.revision) as watcher:
            assert types_of(await read(watcher, 1)) == [("DELETED", "a")]


async def test_older_than_the_history_is_gone(storage: EtcdStorage) -> None:
    before = await storage.create(key("a"), pod("a"))
    last = await storage.guaranteed_update(key("a"), becomes(pod("a", "n1")))
    await storage.compact(last.revision)
    async with running(storage) as (_, pods):
        assert (await pods.get(key("a"), 0)) is not None
        with pytest.raises(Compacted, match=f"too old resource version: {before.revision} "):
            await pods.watch(ALL, resource_version=before.revision)


async def test_a_resource_that_comes_later_misses_nothing(storage: EtcdStorage) -> None:
    async with running(storage) as (cache, _):
        for number in range(20):
            await storage.create(f"/registry/secrets/default/s{number}", pod(f"s{number}"))
        writing = asyncio.create_task(_many(storage, "/registry/secrets/default/t"))
        secrets = cache.resource(CachedResource("/registry/secrets/", "v1", "Secret", fields_of))
        assert cache.resource(secrets.resource) is secrets
        await writing
        listed = await secrets.list(Selection("/registry/secrets/"))
        assert len(listed.items) == 70


async def _many(storage: EtcdStorage, prefix: str) -> None:
    await asyncio.gather(*(storage.create(f"{prefix}{number}", pod(f"t{number}")) for number in range(50)))


async def test_what_is_no_object_does_no_harm(storage: EtcdStorage, pods: ResourceCacher) -> None:
    etcd_text = b'{ "kind": "Pod", "metadata": { "name": "pretty", "resourceVersion": "7" } }'
    await storage.compare_and_put(key("broken"), b"not json", 0)
    _, _, revision = await storage.compare_and_put(key("pretty"), etcd_text, 0)
    assert await pods.get(key("broken")) is None
    found = await pods.get(key("pretty"))
    assert found and orjson.loads(found.body)["metadata"] == {"resourceVersion": str(revision), "name": "pretty"}


async def test_reads_go_to_etcd_when_the_feed_lags(storage: EtcdStorage) -> None:
    made = await storage.create(key("a"), pod("a"))
    never_run = Cache(storage).resource(RESOURCE)
    never_run._patience = 0.05
    found = await never_run.get(key("a"))
    assert found and found.body == made.body
    assert [entry.body for entry in (await never_run.list(ALL)).items] == [made.body]
    with pytest.raises(Unavailable):
        await never_run.watch(ALL)


async def test_compaction_during_an_outage_ends_watches_and_reads_again(etcd: Etcd, storage: EtcdStorage) -> None:
    async with running(storage) as (cache, pods):
        await storage.create(key("a"), pod("a"))
        watcher = await pods.watch(ALL)
        await read(watcher, 1)
        await storage.create(key("b"), pod("b"))
        await storage.compact(await storage.current_revision())
        etcd.kill()
        cache._feed.progress.revision = 1  # as if the outage had begun back then
        await etcd.start()
        with pytest.raises(Compacted):
            await read(watcher, 100)
        await storage.delete(key("a"))
        assert [entry.key for entry in (await pods.list(ALL)).items] == [key("b")]


async def test_an_etcd_that_does_not_answer_for_a_while(etcd: Etcd) -> None:
    async with EtcdStorage(EtcdConfig(servers=(etcd.url,), deadline=0.5)) as storage, running(storage) as (_, pods):
        watcher = await pods.watch(ALL, initial_events=False)
        made = await storage.create(key("a"), pod("a"))
        await pods.get(key("a"))
        etcd.freeze()
        try:
            for call in (storage.create(key("b"), pod("b")), pods.get(key("a"))):
                with pytest.raises(DeadlinePassed):
                    await call
            assert await pods.get(key("a"), 0)
            assert await pods.get(key("a"), made.revision)
        finally:
            etcd.thaw()
        async with asyncio.timeout(60):
            while await _names(pods) is None:
                await asyncio.sleep(0.02)
        await storage.create(key("c"), pod("c"))
        listed = [entry.key for entry in (await pods.list(ALL)).items]
        watcher.close()
        # b's fate is unknown to its writer; whatever it is, everybody agrees on it.
        told = [emission.body async for emissions in watcher for emission in emissions]
    assert [key(orjson.loads(body)["metadata"]["name"]) for body in told] == listed
    assert {key("a"), key("c")} <= set(listed)


async def test_an_etcd_that_lost_its_data(etcd: Etcd) -> None:
    async with EtcdStorage(EtcdConfig(servers=(etcd.url,), deadline=0.5)) as storage:
        for number in range(5):
            await storage.create(key(f"p{number}"), pod(f"p{number}"))
        async with running(storage) as (_, pods):
            watcher = await pods.watch(ALL, initial_events=False)
            etcd.lose_data()
            await etcd.start()
            with pytest.raises(Compacted):
                await read(watcher, 1)
            async with asyncio.timeout(60):
                while (await _names(pods)) != []:
                    await asyncio.sleep(0.02)


async def _names(pods: ResourceCacher) -> list[str] | None:
    try:
        return [entry.key for entry in (await pods.list(ALL)).items]
    except StorageError:
        return None


async def _write_on(storage: EtcdStorage, acknowledged: dict[str, int], writer: int, stop: asyncio.Event) -> None:
    number = 0
    while not stop.is_set():
        name = f"w{writer}-{number}"
        with contextlib.suppress(Unavailable):
            made = await storage.create(key(name), pod(name))
            acknowledged[made.key] = made.revision
        number += 1


async def test_kill_9_of_etcd_during_writes(etcd: Etcd) -> None:
    """Two API servers on one etcd: no acknowledged write is lost; watches go on and tell each event once, in order."""
    config = EtcdConfig(servers=(etcd.url,))
    async with (
        EtcdStorage(config) as storage,
        EtcdStorage(config) as other,
        running(storage) as (_, pods),
        running(other) as (_, other_pods),
    ):
        watchers = [await each.watch(ALL, initial_events=False) for each in (pods, other_pods)]
        acknowledged: dict[str, int] = {}
        stop = asyncio.Event()
        writers = [
            asyncio.create_task(_write_on((storage, other)[number % 2], acknowledged, number, stop))
            for number in range(4)
        ]
        for _ in range(3):
            await _acknowledged(acknowledged, len(acknowledged) + 60)
            etcd.kill()
            await etcd.start()
        await _acknowledged(acknowledged, len(acknowledged) + 20)
        stop.set()
        await asyncio.gather(*writers)
        listed = [await each.list(ALL) for each in (pods, other_pods)]
        truth = {item.key: item.revision for item in (await storage.list(PODS)).items}
        seen = [await read(watcher, len(truth), 20) for watcher in watchers]
    assert acknowledged.items() <= truth.items()
    for snapshot, events in zip(listed, seen, strict=True):
        assert {entry.key: entry.revision for entry in snapshot.items} == truth
        assert [revision for _, _, revision in events] == sorted(truth.values())
        assert {type_ for type_, _, _ in events} == {"ADDED"}


async def _acknowledged(writes: dict[str, int], count: int) -> None:
    async with asyncio.timeout(60):
        while len(writes) < count:
            await asyncio.sleep(0.01)
