"""Bad days of etcd, seen from a client: every request ends in time with a Status that says why, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.integration.apiserver.conftest import Answer, Api
from tests.support.apiserver import ApiServer
from tests.support.etcd import Etcd

MAPS = "/api/v1/namespaces/default/configmaps"
EVENTS = "/api/v1/namespaces/default/events"


@contextlib.asynccontextmanager
async def running(folder: Path, *etcd_flags: str) -> AsyncIterator[tuple[ApiServer, Api]]:
    async with Etcd(folder, *etcd_flags) as etcd, ApiServer(folder, etcd=etcd) as server:
        connector = aiohttp.TCPConnector(ssl=server.context(), limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield server, Api(session, server.url)
        assert "Traceback" not in server.log.read_text()


def made(name: str, **data: str) -> dict:
    return {"metadata": {"name": name}, "data": data}


async def again_until(client: Api, path: str, status: int) -> Answer:
    async with asyncio.timeout(60):
        while (answer := await client.get(path)).status != status:
            await asyncio.sleep(0.1)
    return answer


async def test_a_full_etcd(tmp_path: Path) -> None:
    async with running(tmp_path, f"--quota-backend-bytes={4 << 20}") as (server, client):
        acknowledged = []
        for index in range(200):
            answer = await client.post(MAPS, made(f"big{index}", k="x" * 200_000))
            if answer.status != 201:
                break
            acknowledged.append(f"big{index}")
        assert answer.status == 500 and "reason" not in answer.body
        assert answer.message.startswith("etcdserver: mvcc: database space exceeded")
        there = {item["metadata"]["name"] for item in (await client.get(MAPS)).body["items"]}
        assert set(acknowledged) <= there, "reading goes on"
        assert (await client.get("/readyz")).status == 200
        assert (await client.delete(f"{MAPS}/big0")).status == 200, "etcd lets go of things even then"
        await _emptied(server.etcd, client, acknowledged[1:])
        assert (await client.post(MAPS, made("small"))).status == 201


async def _emptied(etcd: Etcd, client: Api, names: list[str]) -> None:
    """What an administrator does."""
    for name in names:
        await client.delete(f"{MAPS}/{name}")
    async with EtcdStorage(EtcdConfig((etcd.url,))) as storage:
        await storage.compact(await storage.current_revision())
    for command in (["defrag"], ["alarm", "disarm"]):
        done = await asyncio.to_thread(
            subprocess.run, ["etcdctl", f"--endpoints={etcd.url}", *command],
            env={"ETCDCTL_API": "3", "PATH": "/usr/bin:/bin:/usr/local/bin"}, capture_output=True, check=True,
        )  # fmt: skip
        assert done.returncode == 0


async def test_an_etcd_that_hangs(tmp_path: Path) -> None:
    """SIGSTOP: its connections stand, but nothing answers."""
    async with running(tmp_path) as (server, client):
        await client.post(MAPS, made("a", n="0"))
        assert (await client.get(f"{MAPS}/a")).status == 200, "the cache has it, too"
        server.etcd.freeze()
        try:
            async with asyncio.timeout(30):
                create, update, read, health, limited = await asyncio.gather(
                    client.post(MAPS, made("b")),
                    client.put(f"{MAPS}/a", made("a", n="1")),
                    client.get(f"{MAPS}/a"),
                    client.get("/readyz"),
                    client.post(f"{MAPS}?timeout=1s", made("c")),
                )
            for answer in (create, update, read, limited):
                assert (answer.status, answer.body["kind"]) == (504, "Status"), answer.body
                assert answer.body["reason"] == "Timeout"
            assert "context deadline exceeded" in limited.message
            assert health.status == 500 and "[-]etcd failed: reason withheld" in health.body
            cached = await client.get(f"{MAPS}/a?resourceVersion=0")
            assert cached.status == 200, "what may be old is answered from memory"
        finally:
            server.etcd.thaw()
        await again_until(client, "/readyz", 200)
        assert (await client.put(f"{MAPS}/a", made("a", n="2"))).status == 200
        assert (await client.get(f"{MAPS}/a")).body["data"] == {"n": "2"}


async def test_watches_live_on_while_etcd_is_killed_and_compacted(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, client):
        start = (await client.get(MAPS)).revision
        seen: list[str] = []

        async def watch() -> None:
            async with client.session.get(f"{server.url}{MAPS}?watch=true&resourceVersion={start}") as answer:
                async for line in answer.content:
                    seen.append(json.loads(line)["object"]["metadata"]["name"])

        watching = asyncio.create_task(watch())
        await client.post(MAPS, made("before"))
        server.etcd.kill()
        async with asyncio.timeout(30):
            refused = await client.post(MAPS, made("meanwhile"))
        assert refused.status in (503, 504) and refused.body["kind"] == "Status"
        await server.etcd.start()
        async with asyncio.timeout(60):
            while (await client.post(MAPS, made("after"))).status not in (201, 409):
                await asyncio.sleep(0.1)
        async with EtcdStorage(EtcdConfig((server.etcd.url,))) as storage:
            await storage.compact(await storage.current_revision())
        assert (await client.post(MAPS, made("last"))).status == 201
        async with asyncio.timeout(60):
            while "last" not in seen:
                await asyncio.sleep(0.05)
        assert [name for name in seen if name != "meanwhile"] == ["before", "after", "last"]
        assert not watching.done(), "it was one watch all the time"
        watching.cancel()
        first_page = await client.get(f"{MAPS}?limit=1")
        assert first_page.status == 200


async def test_an_etcd_restored_from_nothing_knows_no_leases(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, client):
        event = {"metadata": {"generateName": "e"}, "involvedObject": {"namespace": "default"}, "reason": "Test"}
        assert (await client.post(EVENTS, event)).status == 201
        server.etcd.lose_data()
        await server.etcd.start()
        async with asyncio.timeout(60):
            while (answer := await client.post(EVENTS, event)).status != 201:
                assert answer.status in (404, 500, 503, 504) and "lease" not in answer.message, answer.body
                await asyncio.sleep(0.2)


async def test_events_share_leases(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, client):
        event = {"metadata": {"generateName": "e"}, "involvedObject": {"namespace": "default"}, "reason": "Test"}
        answers = await asyncio.gather(*(client.post(EVENTS, event) for _ in range(100)))
        assert {answer.status for answer in answers} == {201}
        command = ["etcdctl", f"--endpoints={server.etcd.url}", "lease", "list"]
        env = {"ETCDCTL_API": "3", "PATH": "/usr/bin:/bin:/usr/local/bin"}
        listed = await asyncio.to_thread(subprocess.run, command, env=env, capture_output=True, text=True, check=True)
        assert len(listed.stdout.splitlines()) <= 1 + 3, "one for the events, the server's own"


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_too_large_for_etcd(tmp_path: Path, method: str) -> None:
    async with running(tmp_path) as (_, client):
        large = made("large", k="x" * (2 << 20))
        answer = await client(method, MAPS if method == "POST" else f"{MAPS}/large", large)
        assert answer.status in (404, 413, 422) and answer.body["kind"] == "Status"
