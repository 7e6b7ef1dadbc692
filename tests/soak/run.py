"""A soak from start to end: chaos, now and then a rest in which everything must prove true, and a clean end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from kubelet.runtime.interface import RuntimePod
from tests.soak.chaos import Chaos
from tests.soak.ground import Ground
from tests.soak.leaks import leaks
from tests.soak.pods import CRASH_LOOP, KINDS, Document, outcome
from tests.soak.truth import lies

BETWEEN_RESTS = 25.0
PAUSES = (0.0, 0.05, 0.2, 0.5, 1.0)
"""Seconds between two deeds."""
PATIENCE = 45.0
"""Seconds until what is not so is a fault; a slow look of the kubelet at everything comes every 30 s."""


@dataclass
class Report:
    """What a soak has shown."""

    deeds: Counter[str] = field(default_factory=Counter)
    rests: int = 0
    slowest_rest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{deed} {count}" for deed, count in self.deeds.most_common())
        return f"{sum(self.deeds.values())} deeds ({counts}); {self.rests} rests, the slowest {self.slowest_rest:.1f} s"


async def run(ground: Ground, *, seed: int, seconds: float, say: Callable[[str], object] = len) -> Report:
    """The order of the deeds depends on the seed alone, what they meet does not. `say` hears of each."""
    report, random = Report(), Random(seed)
    chaos, until = Chaos(ground, random), time.monotonic() + seconds
    while time.monotonic() < until and not report.faults:
        rest_at = min(time.monotonic() + BETWEEN_RESTS, until)
        while time.monotonic() < rest_at:
            deed = await chaos.step()
            report.deeds[" ".join(deed.split()[:2]) if deed.startswith("kill") else deed.split()[0]] += 1
            say(deed)
            await asyncio.sleep(random.choice(PAUSES))
        await _rest(report, lambda: _untruths(ground), say)
    for name in sorted({fault.partition(":")[0].split()[0] for fault in report.faults}):
        report.faults += [f"    {name}: {line}" for line in await ground.story(name)]
    await _end(ground, report, random, say)
    return report


async def _rest(report: Report, look: Callable[[], Awaitable[list[str]]], say: Callable[[str], object]) -> None:
    """Until there is nothing to complain of; what remains after all patience is a fault."""
    began = time.monotonic()
    while (found := await look()) and time.monotonic() - began < PATIENCE:
        await asyncio.sleep(0.5)
    report.rests += 1
    report.slowest_rest = max(report.slowest_rest, time.monotonic() - began)
    report.faults += found
    say(f"rested {time.monotonic() - began:.1f} s")


async def _end(ground: Ground, report: Report, random: Random, say: Callable[[str], object]) -> None:
    """Every pod is deleted; then nothing may be left."""
    for pod in await ground.pods():
        await ground.delete(pod["metadata"]["name"], random.choice((None, 1, 0)))

    async def left() -> list[str]:
        pods = [f"pod {pod['metadata']['name']} does not go" for pod in await ground.pods()]
        look = partial(leaks, ground.containerd, ground.folder, interruptions=ground.interruptions)
        return pods or await asyncio.to_thread(look)

    await _rest(report, left, say)
    report.faults += ground.complaints()


async def _untruths(ground: Ground) -> list[str]:
    """Of all pods, at one moment: as long as pods change while we look, we look again."""
    before, found, after = await ground.pods(), await ground.runtime_pods(), await ground.pods()
    if before != after:
        return ["the pods do not come to rest"]
    known = {pod["metadata"]["uid"] for pod in before}
    told = [f"{each.name} runs and is not in the API" for uid, each in found.items() if uid not in known]
    for pod in before:
        here = found.get(pod["metadata"]["uid"], RuntimePod(pod["metadata"]["uid"]))
        told += lies(pod, here) + broken_promises(pod, hurt=pod["metadata"]["name"] in ground.hurt)
    return told


def broken_promises(pod: Document, *, hurt: bool) -> list[str]:
    """What should have become of this pod and has not."""
    meta, kind = pod["metadata"], next(kind for kind in KINDS if kind.name == pod["metadata"]["labels"]["kind"])
    if "deletionTimestamp" in meta:
        return [f"{meta['name']} does not go"]
    if hurt:
        return []
    told, became = [], outcome(pod)
    may_be = {kind.outcome, "Ready"} if kind.outcome == CRASH_LOOP else {kind.outcome}
    if became not in may_be:
        told.append(f"{meta['name']} has become {became}, not {kind.outcome}")
    rows = (*pod["status"].get("initContainerStatuses", ()), *pod["status"].get("containerStatuses", ()))
    if kind.steady:
        told += [f"{meta['name']}: {row['name']} was restarted" for row in rows if row["restartCount"]]
    return told
