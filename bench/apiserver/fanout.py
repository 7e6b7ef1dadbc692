"""One change to 500 watchers: how long until each has it, and how many events a second go out in all."""

from __future__ import annotations

import asyncio
import statistics
import time

import aiohttp

from bench.apiserver import sample
from bench.apiserver.site import PODS, Site, Target, cpu_seconds
from bench.apiserver.watchers import Watchers
from bench.figures import show

WATCHERS, UPDATES = 500, 30
WRITERS, BURST = 8, 25
PATCH = {"Content-Type": "application/json-patch+json"}


async def measure(here: Site) -> None:
    """The two figures."""
    async with here.api_server() as api, session(here) as client:
        for name in ("web", *writers()):
            await make(client, name)
        version = await resource_version(client)
        path = f"{PODS}?watch=true&resourceVersion={version}"
        async with Watchers(here.api.port, path, here.context(), count=WATCHERS) as watchers:
            await latency(client, watchers)
            await burst(client, watchers, api)


def session(here: Site) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(here.api.url, connector=aiohttp.TCPConnector(ssl=here.context()))


async def resource_version(client: aiohttp.ClientSession) -> str:
    """Of everything: a watch from there tells only of what changes later."""
    async with client.get(f"{PODS}?limit=1") as answer:
        return (await answer.json())["metadata"]["resourceVersion"]


def writers() -> list[str]:
    return [f"web-{number}" for number in range(WRITERS)]


async def make(client: aiohttp.ClientSession, name: str) -> None:
    async with client.post(PODS, data=sample.pod(name=name), headers={"Content-Type": "application/json"}) as answer:
        answer.raise_for_status()


async def change(client: aiohttp.ClientSession, name: str = "web") -> None:
    async with client.patch(f"{PODS}/{name}", data=sample.SWAP, headers=PATCH) as answer:
        answer.raise_for_status()
        await answer.read()


async def change_often(client: aiohttp.ClientSession, name: str) -> None:
    for _ in range(BURST):
        await change(client, name)


async def latency(client: aiohttp.ClientSession, watchers: Watchers) -> None:
    """From sending the update to the arrival at each watcher."""
    took: list[float] = []
    for number in range(1, UPDATES + 1):
        began = time.monotonic()
        await asyncio.gather(change(client), watchers.have(number))
        took += [watch.last - began for watch in watchers.all]
        await asyncio.sleep(0.05)
    centiles = statistics.quantiles(took, n=100)
    show(f"one update to {WATCHERS} watchers, p99", 1000 * centiles[98], "ms", bound=150,
         median=round(1000 * centiles[49], 1), updates=UPDATES)  # fmt: skip


async def burst(client: aiohttp.ClientSession, watchers: Watchers, api: Target) -> None:
    """Several writers, each with a pod of its own that it changes as fast as it is answered."""
    before, spent, began = watchers.all[0].events, cpu_seconds(api.pid), time.monotonic()
    await asyncio.gather(*(change_often(client, name) for name in writers()))
    await watchers.have(before + WRITERS * BURST)
    seconds, spent = time.monotonic() - began, cpu_seconds(api.pid) - spent
    events = WRITERS * BURST * WATCHERS
    show(f"events to {WATCHERS} watchers in all", events / seconds, "/s", bound=20_000, least=True,
         processor_time_us=round(1e6 * spent / events, 1))  # fmt: skip
