"""Two API servers on one etcd while each of the three is killed: nothing acknowledged is lost, nothing is seen twice.

Ten clients (see tests.support.writers) make 10 000 writes. Watchers go on from their last resourceVersion at the other
server. What etcd itself tells of its history is the truth that they are compared with.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson
import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.support.apiserver import ROOT, ApiServer, environment
from tests.support.writers import MAPS, UPDATES

WRITES = 10_000
PATIENCE_SECONDS = 180.0
Seen = tuple[int, str, str, int]
"""resourceVersion, type, name, n"""


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[ApiServer]]:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    async with ApiServer(folders[0]) as first:
        other = "--advertise-address=127.0.0.2"
        async with ApiServer(folders[1], other, etcd=first.etcd, authority=first.authority) as second:
            yield [first, second]


@dataclass
class Watching:
    """One observer of all ConfigMaps of the namespace."""

    session: aiohttp.ClientSession
    urls: list[str]
    after: int
    seen: list[Seen] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    connections: int = 0

    async def run(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                await self._once()
            self.urls = [*self.urls[1:], self.urls[0]]
            await asyncio.sleep(0.05)

    async def _once(self) -> None:
        url = f"{self.urls[0]}{MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion={self.after}"
        async with self.session.get(url) as answer:
            self.connections += 1
            if answer.status != 200:
                return
            async for line in answer.content:
                if not line.endswith(b"\n"):
                    return  # cut off in the middle: it will come again, whole
                self._take(orjson.loads(line))

    def _take(self, frame: dict) -> None:
        obj = frame["object"]
        if frame["type"] == "ERROR":
            self.refusals.append(obj["message"])
            return
        self.after = int(obj["metadata"]["resourceVersion"])
        if frame["type"] != "BOOKMARK" and obj["metadata"]["name"].startswith("w"):
            self.seen.append((self.after, frame["type"], obj["metadata"]["name"], int(obj["data"]["n"])))


@dataclass
class Listing:
    """Asks now this server, now that one, how far the world has come."""

    session: aiohttp.ClientSession
    urls: list[str]
    revisions: list[int] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async with self.session.get(f"{self.urls[0]}{MAPS}?limit=1") as answer:
                    if answer.status == 200:
                        self.revisions.append(int((await answer.json())["metadata"]["resourceVersion"]))
            self.urls = [*self.urls[1:], self.urls[0]]
            await asyncio.sleep(0.1)


class Writers:
    """The clients' process."""

    def __init__(self, servers: list[ApiServer], folder: Path) -> None:
        self.out = folder / "acknowledged.json"
        admin, ca = servers[0].admin, servers[0].authority.ca
        command = [sys.executable, "-m", "tests.support.writers", *(server.url for server in servers)]
        command += [f"--ca={ca.cert}", f"--cert={admin.cert}", f"--key={admin.key}"]
        command += [f"--out={self.out}", f"--count={WRITES}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment())

    async def reached(self, count: int) -> None:
        """So many writes are acknowledged."""
        assert self.process.stdout is not None
        while line := await asyncio.to_thread(self.process.stdout.readline):
            if int(line) >= count:
                return
        raise AssertionError(f"the writers ended before {count} writes")


async def disturb(servers: list[ApiServer], writers: Writers) -> None:
    """kill -9 for each of the three while the writes go on, and once more for two of them together."""
    first, second = servers
    etcd = first.etcd
    await writers.reached(WRITES // 8)
    first.kill()
    await first.start()
    await writers.reached(WRITES * 2 // 8)
    second.kill()
    await second.start()
    await writers.reached(WRITES * 3 // 8)
    etcd.kill()
    await etcd.start()
    await writers.reached(WRITES * 5 // 8)
    second.kill()
    etcd.kill()
    await etcd.start()
    await second.start()
    await writers.reached(WRITES * 7 // 8)
    first.kill()
    await first.start()


async def history(servers: list[ApiServer], after: int, until: int) -> list[Seen]:
    """What etcd tells of the ConfigMaps."""
    found: list[Seen] = []
    async with EtcdStorage(EtcdConfig((servers[0].etcd.url,))) as storage:
        known: set[str] = set()
        async for changes in storage.watch("/registry/configmaps/default/w", after):
            for change in changes:
                assert change.value is not None
                obj = orjson.loads(change.value)
                name = obj["metadata"]["name"]
                found.append((change.revision, "MODIFIED" if name in known else "ADDED", name, int(obj["data"]["n"])))
                known.add(name)
            if found and found[-1][0] >= until:
                return found
    raise AssertionError("etcd's watch ended")


async def test_nothing_is_lost_and_nothing_seen_twice(servers: list[ApiServer], tmp_path: Path) -> None:
    urls = [server.url for server in servers]
    connector = aiohttp.TCPConnector(ssl=servers[0].context(), limit=0)
    timeout = aiohttp.ClientTimeout(total=None, connect=5)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        async with session.get(f"{urls[0]}{MAPS}") as answer:
            start = int((await answer.json())["metadata"]["resourceVersion"])
        watchers = [Watching(session, turned, start) for turned in (urls, urls[::-1]) * 2]
        listing = Listing(session, urls)
        tasks = [asyncio.create_task(observer.run()) for observer in (*watchers, listing)]
        writers = Writers(servers, tmp_path)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await disturb(servers, writers)
                await writers.reached(WRITES)
                assert await asyncio.to_thread(writers.process.wait) == 0
                acknowledged = [tuple(row) for row in json.loads(writers.out.read_text())]
                truth = await history(servers, start, max(revision for _, _, revision in acknowledged))
                while any(watcher.after < truth[-1][0] for watcher in watchers):
                    await asyncio.sleep(0.05)
        finally:
            writers.process.kill()
            writers.process.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    check_writes(acknowledged, truth)
    for watcher in watchers:
        assert watcher.refusals == [] and watcher.connections >= 2
        assert watcher.seen == truth
    assert listing.revisions == sorted(listing.revisions) and len(listing.revisions) > 10


def check_writes(acknowledged: list[tuple[str, int, int]], truth: list[Seen]) -> None:
    """Every acknowledged write happened at the revision that was told, in its object's order, and is still there."""
    assert len(acknowledged) == WRITES
    happened = {(name, n, revision) for revision, _, name, n in truth}
    assert [row for row in acknowledged if row not in happened] == []
    last: dict[str, int] = {}
    for name, n, revision in acknowledged:
        assert revision > last.get(name, 0), (name, n)
        last[name] = revision
    final = {name: n for _, _, name, n in truth}
    assert set(final.values()) == {UPDATES} and len(final) == WRITES // (UPDATES + 1)
