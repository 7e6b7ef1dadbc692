"""How long pods take to go, and how soon the API knows that a container has ended by itself."""

from __future__ import annotations

import os
import signal
import time

from bench.figures import show_median
from bench.kubelet.node import IGNORES, Here, processes_of
from machinery.api.core.v1 import Pod

RUNS, GRACE = 15, 1


async def gone(here: Here) -> None:
    """From the deletion until the API has the pod no more."""
    obeying, ignoring = [], []
    for run in range(RUNS + 1):
        await here.start(here.pod(f"obeys-{run}", grace=30))
        obeying.append(1000 * await here.delete(f"obeys-{run}"))
        await here.start(here.pod(f"ignores-{run}", IGNORES, grace=GRACE))
        ignoring.append(1000 * (await here.delete(f"ignores-{run}") - GRACE))
        await here.clean()
    show_median("delete → gone, a process that ends on TERM", obeying[1:], "ms", bound=250)
    show_median("delete → gone after the grace period, a process that ignores TERM", ignoring[1:], "ms", bound=300)


async def change(here: Here) -> None:
    """From the death of a container's process until the API shows it."""
    took = []
    for run in range(RUNS + 1):
        name = f"dies-{run}"
        await here.start(here.pod(name, IGNORES, restart="Never"))
        ended = here.watch.when(name, has_ended)
        (process,) = processes_of(await container_of(here, name))
        began = time.monotonic()
        os.kill(process, signal.SIGKILL)
        took.append(1000 * (await ended - began))
        await here.clean()
    show_median("a container ended → the API shows it", took[1:], "ms", bound=300)


async def container_of(here: Here, name: str) -> str:
    pod = next(pod for pod in (await here.runtime.pods()).values() if pod.name == name)
    return pod.containers[0].id


def has_ended(pod: Pod | None) -> bool:
    return bool(pod and any(status.state.terminated for status in pod.status.container_statuses))
