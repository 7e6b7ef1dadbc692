"""Bad days: the server stopped, killed and started again; etcd killed; what was acknowledged stays."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ROOT, ApiServer, environment
from tests.support.etcd import free_ports

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with ApiServer(tmp_path) as running:
        yield running


@pytest.fixture
async def client(own: ApiServer) -> AsyncIterator[Api]:
    connector = aiohttp.TCPConnector(ssl=own.context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(session, own.url)


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(own: ApiServer, client: Api) -> None:
    acknowledged: list[str] = []

    async def write() -> None:
        for index in range(1000):
            if (await client.post(MAPS, {"metadata": {"name": f"c{index}"}})).status == 201:
                acknowledged.append(f"c{index}")

    writing = asyncio.create_task(write())
    while len(acknowledged) < 20:
        await asyncio.sleep(0.01)
    own.kill()
    with pytest.raises(aiohttp.ClientError):
        await writing
    await own.start()
    there = {item["metadata"]["name"] for item in (await client.get(MAPS)).body["items"]}
    assert set(acknowledged) <= there
    service = (await client.get("/api/v1/namespaces/default/services/kubernetes")).body
    assert service["spec"]["clusterIP"] == "10.96.0.1"


async def test_watch_ends_cleanly_and_goes_on_after_a_restart(own: ApiServer, client: Api) -> None:
    made = await client.post(MAPS, {"metadata": {"name": "a"}})
    seen: list[dict] = []

    async def watch() -> None:
        query = f"watch=true&resourceVersion={made.revision}"
        async with client.session.get(f"{own.url}{MAPS}?{query}") as answer:
            async for line in answer.content:
                seen.append(json.loads(line))

    watching = asyncio.create_task(watch())
    while not seen:
        await client.patch(f"{MAPS}/a", {"data": {"k": str(time.monotonic())}})
    process = own.process
    await asyncio.to_thread(own.stop)
    assert process is not None and process.returncode == 0, "a watch does not hold it"
    async with asyncio.timeout(60):
        await watching
    await own.start()
    events = await client.watch(f"{MAPS}?watch=true&resourceVersion={made.revision}", count=len(seen))
    assert [event["object"] for event in events] == [event["object"] for event in seen]


async def test_etcd_away_and_back(own: ApiServer, client: Api) -> None:
    await client.post(MAPS, {"metadata": {"name": "a"}})
    own.etcd.kill()
    async with asyncio.timeout(60):
        while (await client.get("/readyz")).status == 200:
            await asyncio.sleep(0.05)
    alive = await client.get("/livez?exclude=etcd")
    assert (alive.status, alive.body) == (200, "ok"), "etcd's absence is nothing that a restart would mend"
    refused = await client.post(MAPS, {"metadata": {"name": "b"}})
    assert refused.status in (500, 503, 504) and refused.body["kind"] == "Status"
    await own.etcd.start()
    async with asyncio.timeout(60):
        while (await client.post(MAPS, {"metadata": {"name": "c"}})).status != 201:
            await asyncio.sleep(0.1)
    names = {item["metadata"]["name"] for item in (await client.get(MAPS)).body["items"]}
    assert names >= {"a", "c"}


async def test_what_keeps_the_server_from_starting_is_said_in_one_line(own: ApiServer, tmp_path: Path) -> None:
    taken = await asyncio.to_thread(_failure, own)
    assert taken == f"apiserver: cannot listen on 127.0.0.1:{own.port}: Address already in use\n"
    (port,) = free_ports(1)
    wrong = await asyncio.to_thread(_failure, own, "--tls-cert-file=/no/such/file", f"--secure-port={port}")
    assert wrong.startswith("apiserver: cannot use the certificates (/no/such/file") and wrong.count("\n") == 1
    flag = await asyncio.to_thread(_failure, own, "--nonsense")
    assert "unrecognized arguments: --nonsense" in flag and "usage: python -m apiserver" in flag


def _failure(server: ApiServer, *flags: str) -> str:
    done = subprocess.run(
        [*server.command(), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        env=environment(),
    )
    assert done.returncode != 0
    return done.stderr
