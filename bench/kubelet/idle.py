"""What the kubelet of a full node costs while nothing happens on it."""

from __future__ import annotations

import asyncio

from bench.apiserver.site import cpu_seconds, resident
from bench.figures import show
from bench.kubelet.node import Here
from machinery.api.core.v1 import Pod

PODS, AT_ONCE = 110, 10
SETTLE, SECONDS = 30.0, 60.0


async def measure(here: Here) -> None:
    """Fill the node, wait until it is quiet, look."""
    taken = (await here.client.list(Pod, field_selector=f"spec.nodeName={here.machine.name}")).items
    turns = asyncio.Semaphore(AT_ONCE)

    async def start(number: int) -> None:
        async with turns:
            await here.start(here.pod(f"idle-{number}"))

    await asyncio.gather(*(start(number) for number in range(PODS - len(taken))))
    await asyncio.sleep(SETTLE)
    pid = here.kubelet()
    before = cpu_seconds(pid)
    await asyncio.sleep(SECONDS)
    used = 100 * (cpu_seconds(pid) - before) / SECONDS
    show(f"kubelet of {PODS} idle pods: processor", used, "% of a core", bound=2)
    show(f"kubelet of {PODS} idle pods: resident memory", resident(pid), "MB", bound=90)
    await here.clean()
