"""Processor time of the server per request, from 100 to 20 000 objects of one kind: it stays flat.

The load is the compiled generator's; the figure is the server's user and system time, which no noise of the machine
and no slowness of the load changes.
"""

from __future__ import annotations

import json

from bench.apiserver import sample
from bench.apiserver.fanout import change, resource_version, session
from bench.apiserver.load import Body
from bench.apiserver.site import PODS, Measured, Site, Target, cpu_seconds
from bench.apiserver.throughput import fetch
from bench.apiserver.watchers import Watchers
from bench.figures import show

SIZES = (100, 1_000, 5_000, 20_000)
PAGE, WATCHERS, CHANGES, MOST_GROWTH = 500, 100, 60, 1.25
Curves = dict[str, dict[int, float]]


async def measure(here: Site) -> None:
    """A line per request and size, then how much each has grown from the first to the last size."""
    many = here.body("many.json", sample.pod(generateName="web-"))
    curves: Curves = {}
    async with here.api_server() as api:
        await api.ask(PODS, concurrency=1, requests=1, body=here.body("one.json", sample.pod(name="web")))
        await warm(here, api)
        for size in SIZES:
            missing = size - await total(here)
            await api.ask(PODS, concurrency=16, requests=missing, body=many)
            for title, micros in (await at_size(here, api, size)).items():
                show(f"{title}: processor time at {size} pods", micros, "µs")
                curves.setdefault(title, {})[size] = micros
    for title, curve in curves.items():
        first, last = min(curve), max(curve)
        show(f"{title}: growth from {first} to {last} pods", curve[last] / curve[first], "×", bound=MOST_GROWTH)


async def warm(here: Site, api: Target) -> None:
    """What is built at first use is built now."""
    for path in (f"{PODS}/web", f"{PODS}?limit={PAGE}"):
        await api.ask(path, concurrency=4, requests=200)
    await api.ask(f"{PODS}/web", concurrency=1, requests=50, body=swap(here))


def swap(here: Site) -> Body:
    return here.body("swap.json", sample.SWAP, method="PATCH", content_type="application/json-patch+json")


async def total(here: Site) -> int:
    """How many pods there are."""
    first = json.loads(await fetch(here, f"{PODS}?limit=1"))
    return 1 + first["metadata"].get("remainingItemCount", 0)


async def at_size(here: Site, api: Target, size: int) -> dict[str, float]:
    """Every kind of request, at this many objects."""
    api.measured = Measured([], [])
    many = here.body("many.json", sample.pod(generateName="web-"))
    await api.ask(f"{PODS}/web", concurrency=16, requests=6000)
    await api.ask(f"{PODS}/web", concurrency=1, requests=600, body=swap(here))
    if size >= PAGE:
        await api.ask(f"{PODS}?limit={PAGE}", concurrency=4, requests=200)
    titles = ["GET", "update (JSON patch)", f"LIST limit={PAGE}"][: len(api.measured.micros)]
    found = dict(zip(titles, api.measured.micros, strict=True))
    found["watch: one event to one watcher"] = await delivery(here, api)
    await api.ask(PODS, concurrency=16, requests=600, body=many)
    return {**found, "create": api.measured.micros[-1]}


async def delivery(here: Site, api: Target) -> float:
    """What a change costs for each of many watchers, the change itself included."""
    async with session(here) as client:
        path = f"{PODS}?watch=true&resourceVersion={await resource_version(client)}"
        async with Watchers(here.api.port, path, here.context(), count=WATCHERS) as watchers:
            before = cpu_seconds(api.pid)
            for number in range(1, CHANGES + 1):
                await change(client)
                await watchers.have(number)
            return 1e6 * (cpu_seconds(api.pid) - before) / (CHANGES * WATCHERS)
