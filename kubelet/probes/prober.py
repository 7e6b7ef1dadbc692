"""Asks every running container again and again, and remembers what they said.

One task per probe of a running container; a changed verdict wakes the pod's worker. Until its startup probe has
succeeded, a container's other probes wait. Real Kubernetes: prober/prober_manager.go, worker.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from kubelet.pods.containers_status import Health
from kubelet.probes import tally
from kubelet.probes.checks import Target, check
from kubelet.probes.streak import Streak, Thresholds
from kubelet.runtime.interface import Runtime, RuntimeContainer, RuntimePod
from kubelet.tell import Tell
from machinery.api.core.v1 import Container, Pod, Probe
from machinery.component.clock import Clock

KINDS = ("startup", "liveness", "readiness")
INITIAL = {"startup": False, "liveness": True, "readiness": False}


def probes_of(container: Container) -> dict[str, Probe]:
    found = {kind: getattr(container, f"{kind}_probe") for kind in KINDS}
    return {kind: probe for kind, probe in found.items() if probe is not None}


@dataclass
class Watched:
    """One running container and the verdicts on it so far."""

    target: Target
    run: RuntimeContainer
    verdicts: dict[str, bool] = field(default_factory=dict)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class Prober:
    """The probes of all pods of this node."""

    def __init__(self, runtime: Runtime, clock: Clock, on_verdict: Callable[[str], None]) -> None:
        self._runtime = runtime
        self._clock = clock
        self._on_verdict = on_verdict
        self._pods: dict[str, dict[str, Watched]] = {}

    def follow(self, tell: Tell, status: RuntimePod, ip: str) -> None:
        """Probes exactly the containers of this pod that run now."""
        pod = tell.pod
        specs = {c.name: c for c in (*pod.spec.init_containers, *pod.spec.containers) if probes_of(c)}
        if not specs and pod.metadata.uid not in self._pods:
            return
        running = {c.id: c for c in status.containers if c.running and c.name in specs}
        watched = self._pods.setdefault(pod.metadata.uid, {})
        for container_id in watched.keys() - running.keys():
            _cancel(watched.pop(container_id))
        for container_id in running.keys() - watched.keys():
            run = running[container_id]
            target = Target(container_id, specs[run.name], ip)
            watched[container_id] = self._begin(tell, Watched(target, run))

    def _begin(self, tell: Tell, watched: Watched) -> Watched:
        probes = probes_of(watched.target.container)
        watched.verdicts = {kind: INITIAL[kind] for kind in probes}
        if "startup" not in probes:
            watched.started.set()
        for kind, probe in probes.items():
            name = f"{kind} probe {tell.pod.metadata.name}/{watched.run.name}"
            watched.tasks[kind] = asyncio.create_task(self._probe(tell, watched, kind, probe), name=name)
        return watched

    async def _probe(self, tell: Tell, watched: Watched, kind: str, probe: Probe) -> None:
        thresholds, streak = Thresholds.of(probe), Streak()
        if kind != "startup":
            await watched.started.wait()
        age = (self._clock.now() - (watched.run.started_at or self._clock.now())).total_seconds()
        await self._clock.sleep(max(0.0, thresholds.delay - age))
        while True:
            outcome = await check(self._runtime, probe, watched.target, thresholds.timeout)
            tally.count(tell.pod, watched.run.name, kind, outcome)
            if not outcome.ok:
                words = "probe errored and resulted in unknown state" if outcome.unknown else "probe failed"
                tell.warning("Unhealthy", f"{kind.title()} {words}: {outcome.message}", watched.run.name)
            if not outcome.unknown:
                streak = streak.after(outcome.ok)
                verdict = streak.verdict(thresholds)
                if verdict is not None and self._settled(tell.pod, watched, kind, verdict):
                    return
            await self._clock.sleep(thresholds.period)

    def _settled(self, pod: Pod, watched: Watched, kind: str, verdict: bool) -> bool:
        """Notes a verdict; True when there is nothing left to ask."""
        if watched.verdicts[kind] != verdict or (kind == "startup" and not verdict):
            watched.verdicts[kind] = verdict
            if kind == "startup":
                watched.verdicts["failed startup"] = not verdict
            self._on_verdict(pod.metadata.uid)
        if kind == "startup" and verdict:
            watched.started.set()
        return kind == "startup" or (kind == "liveness" and not verdict)

    def health(self, uid: str) -> Health:
        pods = self._pods.get(uid, {})
        return Health(
            started={key: w.verdicts["startup"] for key, w in pods.items() if "startup" in w.verdicts},
            ready={key: w.verdicts["readiness"] for key, w in pods.items() if "readiness" in w.verdicts},
        )

    def failed(self, uid: str) -> dict[str, str]:
        """Container id -> the probe for which it must be killed."""
        found = {}
        for key, watched in self._pods.get(uid, {}).items():
            if watched.verdicts.get("failed startup"):
                found[key] = "startup"
            elif watched.verdicts.get("liveness") is False:
                found[key] = "liveness"
        return found

    def only_readiness(self, uid: str) -> None:
        """The pod is ending: whether it is alive no longer matters, whether it takes requests does."""
        for watched in self._pods.get(uid, {}).values():
            for kind in watched.tasks.keys() - {"readiness"}:
                watched.tasks[kind].cancel()

    def forget(self, uid: str) -> None:
        held = self._pods.pop(uid, None)
        for watched in (held or {}).values():
            _cancel(watched)
        if held is not None:
            tally.forget(uid)


def _cancel(watched: Watched) -> None:
    for task in watched.tasks.values():
        task.cancel()
