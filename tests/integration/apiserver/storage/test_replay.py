"""Watches that begin before the watch cache's history: etcd still knows, until it is compacted."""

from __future__ import annotations

import asyncio

import pytest

from apiserver.storage.cacher import ResourceCacher
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.history import History
from apiserver.storage.interface import Compacted, Selection
from machinery.api import labels
from tests.integration.apiserver.storage.test_cache import ALL, becomes, key, pod, read, running, types_of


def forget(pods: ResourceCacher) -> None:
    """As after 8192 more changes."""
    pods._history = History(pods.revision)


async def test_what_the_history_forgot_comes_from_etcd(storage: EtcdStorage) -> None:
    async with running(storage) as (_, pods):
        first = await storage.create(key("a"), pod("a", app="x"))
        await storage.guaranteed_update(key("a"), becomes(pod("a", app="y")))
        await storage.create("/registry/nodes/n", pod("n"))
        await storage.create(key("b"), pod("b", app="x"))
        await storage.delete(key("b"))
        await pods.list(ALL)
        forget(pods)
        await storage.create(key("c"), pod("c", app="x"))
        await pods.list(ALL)
        whole = [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "b"), ("ADDED", "c")]
        async with await pods.watch(ALL, resource_version=first.revision) as watcher:
            assert types_of(await read(watcher, 4)) == whole
            await storage.delete(key("a"))
            assert types_of(await read(watcher, 1)) == [("DELETED", "a")]
        chosen = Selection("/registry/pods/default/", labels.parse("app=x"))
        async with await pods.watch(chosen, resource_version=first.revision) as watcher:
            seen = types_of(await read(watcher, 4))
        assert seen == [("DELETED", "a"), ("ADDED", "b"), ("DELETED", "b"), ("ADDED", "c")]
        one = Selection(key("b"))
        async with await pods.watch(one, resource_version=first.revision) as watcher:
            assert types_of(await read(watcher, 2)) == [("ADDED", "b"), ("DELETED", "b")]


async def test_nothing_is_lost_or_told_twice_while_changes_go_on(storage: EtcdStorage) -> None:
    async with running(storage) as (_, pods):
        first = await storage.create(key("a"), pod("a"))

        async def write() -> None:
            for number in range(100):
                await storage.create(key(f"p{number:03}"), pod(f"p{number:03}"))
                if number % 20 == 10:
                    forget(pods)

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.01)
        watchers = [await pods.watch(ALL, resource_version=first.revision) for _ in range(3)]
        await writing
        for watcher in watchers:
            async with watcher:
                names = [name for _, name in types_of(await read(watcher, 100))]
            assert names == [f"p{number:03}" for number in range(100)]


async def test_what_is_compacted_is_gone(storage: EtcdStorage) -> None:
    async with running(storage) as (_, pods):
        first = await storage.create(key("a"), pod("a"))
        last = await storage.create(key("b"), pod("b"))
        await pods.list(ALL)
        forget(pods)
        await storage.compact(last.revision)
        with pytest.raises(Compacted, match="too old resource version"):
            await pods.watch(ALL, resource_version=first.revision)
