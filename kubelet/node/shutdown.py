"""The node goes down: its pods end in time, and the API says why, before the kubelet itself ends.

Told to stop, and given --shutdown-grace-period, the kubelet lets no pod in any more and calls the node not ready. Then
ordinary pods end, and last those that the node depends on, in the part of the time that is kept for them. Without that
flag pods run on: a kubelet that is only restarted hurts nobody.
Real Kubernetes: kubelet/nodeshutdown, which hears of it from systemd-logind. Left out: periods by priority.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from kubelet.node.requests import is_critical
from kubelet.pods.status import Verdict
from kubelet.pods.workers import PodWorkers
from machinery.api.core.v1 import Pod
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

ENDED = Verdict(
    "Terminated", "Pod was terminated in response to imminent node shutdown.", disruption="TerminationByKubelet"
)
LOOK_SECONDS = 0.05


def phases(pods: Iterable[Pod], total: float, critical: float) -> list[tuple[list[Pod], float]]:
    """(pods, seconds) of each phase, in order. Pure."""
    first: list[Pod] = []
    last: list[Pod] = []
    for pod in pods:
        (last if is_critical(pod) else first).append(pod)
    return [(first, max(0.0, total - critical)), (last, critical)]


async def end_pods(workers: PodWorkers, clock: Clock, *, total: float, critical: float) -> None:
    """Returns when all have ended, or the time is over."""
    for pods, seconds in phases(workers.active_pods(), total, critical):
        log.info("shutdown: %s pods have %s seconds", len(pods), seconds)
        for pod in pods:
            workers.end(pod.metadata.uid, ENDED, seconds)
        await _until(lambda pods=pods: all(workers.ended(pod.metadata.uid) for pod in pods), clock, seconds)
    await workers.told(seconds=1.0)


async def _until(done: Callable[[], bool], clock: Clock, seconds: float) -> None:
    deadline = clock.monotonic() + seconds
    while not done() and clock.monotonic() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
