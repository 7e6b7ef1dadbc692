"""GET, LIST and create, each against its own ceiling; the two take turns, so that a noisy moment hits both."""

from __future__ import annotations

import asyncio
import json
import statistics
import urllib.request

from bench.apiserver import sample
from bench.apiserver.site import PODS, Measured, Site, Target, run_pinned
from bench.figures import show, show_median

ROUNDS, SECONDS = 3, 3.0
LISTED = 1000


async def measure(here: Site) -> None:
    """The three figures, and what they are measured against."""
    one, many = here.body("one.json", sample.pod(name="web")), here.body("many.json", sample.pod(generateName="web-"))
    async with here.api_server() as api:
        await api.ask(PODS, concurrency=1, requests=1, body=one)
        path = f"{PODS}/web"
        stored = await fetch(here, path)
        show("a pod of 2 KB as it is answered, defaults and managedFields included", len(stored) / 1000, "kB")
        await beside_bare(here, api, path, "GET of a 2 KB pod", concurrency=64)
        await create(here, api, stored)
        await api.ask(PODS, concurrency=16, requests=LISTED, body=many)
        await beside_bare(here, api, f"{PODS}?limit={LISTED}", f"LIST of {LISTED} pods", concurrency=4)


async def fetch(here: Site, path: str) -> bytes:
    """What one request is answered."""

    def read() -> bytes:
        with urllib.request.urlopen(here.api.url + path, context=here.context()) as answer:
            return answer.read()

    return await asyncio.to_thread(read)


async def beside_bare(here: Site, api: Target, path: str, title: str, *, concurrency: int) -> None:
    """Our rate and that of a bare server which sends the same bytes."""
    api.measured = Measured([], [])
    async with here.bare_server(await fetch(here, path)) as bare:
        for _ in range(ROUNDS):
            await api.ask(path, concurrency=concurrency, seconds=SECONDS)
            await bare.ask("/", concurrency=concurrency, seconds=SECONDS)
    compare(title, api.measured, "bare aiohttp with the same bytes", bare.measured, least=0.5)


async def create(here: Site, api: Target, stored: bytes) -> None:
    """Our rate of creates and that of bare transactions which put the same bytes."""
    many = here.body("many.json", sample.pod(generateName="web-"))
    text = here.folder / "stored.json"
    text.write_bytes(stored)
    raw, api.measured = Measured([], []), Measured([], [])
    for number in range(ROUNDS):
        await api.ask(PODS, concurrency=16, seconds=SECONDS, body=many)
        words = [here.etcd.url, str(text), "16", str(SECONDS), f"/raw/{number}/"]
        result = json.loads(await asyncio.to_thread(run_pinned, "-m", "bench.apiserver.raw_etcd", *words))
        raw.rates.append(result["rate"])
        raw.micros.append(result["micros"])
    compare("create of a 2 KB pod", api.measured, "bare etcd transactions with the same bytes", raw, least=1 / 3)


def compare(title: str, ours: Measured, against: str, ceiling: Measured, *, least: float) -> None:
    """Both rates, and ours as a part of the ceiling: in requests, and in processor time of the server."""
    rate = show_median(title, ours.rates, "/s")
    most = show_median(f"ceiling of {title}: {against}", ceiling.rates, "/s")
    spent, floor = statistics.median(ours.micros), statistics.median(ceiling.micros)
    show(f"{title}: processor time of the server", spent, "µs", ceiling=round(floor, 1))
    show(f"{title}, as a part of the ceiling", 100 * rate / most, "%", bound=round(100 * least, 1),
         by_processor_time=round(100 * floor / spent, 1))  # fmt: skip
