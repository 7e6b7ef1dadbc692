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

WATCHERS, UPDATES, BURST = 500, 30, 150
PATCH = {"Content-Type": "application/json-patch+json"}


async def measure(here: Site) -> None:
    """The two figures."""
    async with here.api_server() as api, session(here) as client:
        await client.post(PODS, data=sample.pod(name="web"), headers={"Content-Type": "application/json"})
        version = await resource_version(client)
        path = f"{PODS}?watch=true&resourceVersion={version}"
        async with Watchers(here.api.port, path, here.context(), count=WATCHERS) as watchers:
            await latency(client, watchers)
            await burst(client, watchers, api)


def session(here: Site) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(here.api.url, connector=aiohttp.TCPConnector(ssl=here.context()))


async def resource_version(client: aiohttp.ClientSession) -> str:
    async with client.get(f"{PODS}/web") as answer:
        return (await answer.json())["metadata"]["resourceVersion"]


async def change(client: aiohttp.ClientSession) -> None:
    async with client.patch(f"{PODS}/web", data=sample.SWAP, headers=PATCH) as answer:
        answer.raise_for_status()
        await answer.read()


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
    """Updates one after the other, as fast as they are answered."""
    before, spent, began = watchers.all[0].events, cpu_seconds(api.pid), time.monotonic()
    for _ in range(BURST):
        await change(client)
    await watchers.have(before + BURST)
    seconds, spent = time.monotonic() - began, cpu_seconds(api.pid) - spent
    events = BURST * WATCHERS
    show(f"events to {WATCHERS} watchers in all", events / seconds, "/s", bound=20_000, least=True,
         processor_time_us=round(1e6 * spent / events, 1))  # fmt: skip
