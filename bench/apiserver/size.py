"""How soon the server is ready, how much memory it takes, and what importing every kind costs."""

from __future__ import annotations

import asyncio
import json
import ssl
import statistics
import sys
import time

from bench.apiserver import sample
from bench.apiserver.site import PODS, SERVER_CORE, Site, Target, cpu_seconds, on_core, private, resident, run_pinned
from bench.figures import show, show_median

STARTS, PODS_CACHED = 5, 10_000
SETTLE = 3.0
IMPORT = """
import json, os, time
def resident(): return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before, began = resident(), time.perf_counter()
from machinery.api import scheme
kinds = len([scheme.model_of(row.group, row.version, row.kind) for row in scheme.resources()])
print(json.dumps([time.perf_counter() - began, resident() - before, kinds]))
"""


async def measure(here: Site) -> None:
    """Starting, importing, and the memory of an empty server and of a full one."""
    scheme()
    await ready(here, "ready after start, etcd up", bound=1.0)
    async with here.api_server() as api:
        await settled(api, "resident memory, empty", bound=90)
        many = here.body("many.json", sample.pod(generateName="web-"))
        await api.ask(PODS, concurrency=16, requests=PODS_CACHED, body=many)
        await settled(api, f"resident memory, {PODS_CACHED} pods of 2 KB just created", bound=220)
    async with here.api_server() as api:
        await settled(api, f"resident memory, {PODS_CACHED} pods of 2 KB after a restart", bound=220)
    await ready(here, f"ready after start, {PODS_CACHED} pods to read", bound=None)


def scheme() -> None:
    runs = [json.loads(run_pinned("-c", IMPORT)) for _ in range(STARTS)]
    show_median("importing the whole scheme", [run[0] for run in runs], "s", bound=0.5, resources=runs[0][2])
    show_median("importing the whole scheme: memory", [run[1] for run in runs], "MB", bound=40)


async def settled(api: Target, title: str, *, bound: float) -> None:
    """Memory once the server is idle."""
    busy = resident(api.pid)
    await asyncio.sleep(SETTLE)
    show(title, resident(api.pid), "MB", bound=bound, before_idling=round(busy, 1), private=round(private(api.pid), 1))


async def ready(here: Site, title: str, *, bound: float | None) -> None:
    """From starting the process to the first 200 of /readyz, etcd being up."""
    runs, spent = [], []
    for _ in range(STARTS):
        began = time.monotonic()
        with on_core(SERVER_CORE):
            here.api.spawn()
        while not await is_ready(here):
            if time.monotonic() - began > 30:
                sys.exit(here.api.log.read_text())
            await asyncio.sleep(0.005)
        runs.append(time.monotonic() - began)
        spent.append(cpu_seconds(here.api.process.pid))
        here.api.stop()
    show_median(title, runs, "s", bound=bound, processor_time=round(statistics.median(spent), 2))


async def is_ready(here: Site) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.api.port, ssl=here.context())
    except (OSError, ssl.SSLError):
        return False
    try:
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return (await reader.read()).startswith(b"HTTP/1.1 200")
    finally:
        writer.close()
