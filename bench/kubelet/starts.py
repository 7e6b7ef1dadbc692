"""How long pods take to start, one at a time and thirty at once, beside what the runtime's own calls take."""

from __future__ import annotations

import asyncio
import statistics
import time

from bench import pod_start
from bench.figures import show, show_median
from bench.kubelet.node import Here
from kubelet.runtime import interface as rt

RUNS, ROUNDS, MANY = 15, 3, 30
PARALLEL = (2, 3, 4, 6, 8)
MULTIPLE, PART = 1.8, 75.0


async def one(here: Here) -> None:
    """One pod after the other; the runtime alone takes turns with them."""
    whole, alone = [], []
    for run in range(RUNS + 1):
        whole.append(await here.start(here.pod(f"one-{run}")))
        await here.clean()
        alone.append(await pod_start.bare_start(here.runtime, here.machine, f"bare-{run}"))
    pod = show_median("create → Ready, one pod at a time", whole[1:], "s")
    bare = show_median("runtime alone: sandbox, container, start", alone[1:], "s")
    show("create → Ready, as a multiple of the runtime alone", pod / bare, "×", bound=MULTIPLE)


async def many(here: Here) -> None:
    """Thirty at once, and thirty by bare calls, so many of them in parallel as serves best."""
    bare: dict[int, list[float]] = {parallel: [] for parallel in PARALLEL}
    pods: list[float] = []
    for turn in range(ROUNDS):
        for parallel, rates in bare.items():
            rates.append(MANY / await bare_starts(here, f"bare-{turn}-{parallel}", parallel))
        began = time.monotonic()
        await asyncio.gather(*(here.start(here.pod(f"many-{turn}-{number}")) for number in range(MANY)))
        pods.append(MANY / (time.monotonic() - began))
        await here.clean()
    best = max(PARALLEL, key=lambda parallel: statistics.median(bare[parallel]))
    most = show_median(f"{MANY} starts by bare calls of the runtime, {best} at once", bare[best], "/s")
    rate = show_median(f"{MANY} pods created at once: became Ready", pods, "/s")
    show("pods at once, as a part of the bare calls' best", 100 * rate / most, "%", bound=PART, least=True)


async def bare_starts(here: Here, prefix: str, parallel: int) -> float:
    """Seconds until all run."""
    turns, made = asyncio.Semaphore(parallel), []

    async def start(name: str) -> None:
        async with turns:
            spec = rt.SandboxSpec(
                name=name, namespace="bench", uid=name, cgroup_parent=f"{here.machine.cgroup}/bench"
            )
            sandbox = await here.runtime.run_sandbox(spec)
            made.append(sandbox.id)
            container = await here.runtime.create_container(
                sandbox.id, rt.ContainerSpec(name="c", image=pod_start.IMAGE), spec
            )
            await here.runtime.start_container(container)

    began = time.monotonic()
    await asyncio.gather(*(start(f"{prefix}-{number}") for number in range(MANY)))
    took = time.monotonic() - began
    for sandbox in made:
        await here.runtime.stop_sandbox(sandbox)
        await here.runtime.remove_sandbox(sandbox)
    return took
