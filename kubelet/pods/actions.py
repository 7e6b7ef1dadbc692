"""The decision: what must happen to one pod now, from what it shall be and what the runtime holds.

Pure: no await, no clock, no log. `sync` carries the answer out, in the order of the fields.
Real Kubernetes: kuberuntime_manager.go, computePodActions. In-place resize: see resize.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from kubelet.containers.guests import guests
from kubelet.containers.identity import container_hash
from kubelet.pods.backoff import Delay, remaining
from kubelet.runtime.interface import CONTAINER_HASH, RuntimeContainer, RuntimePod
from machinery.api.core.v1 import Container, Pod


@dataclass(frozen=True)
class Kill:
    """One running container to stop, and what to tell the user."""

    container: RuntimeContainer
    message: str
    grace: int | None = None
    """Seconds to stop in, where a probe says so; else the pod's own."""


@dataclass(frozen=True)
class PodActions:
    """What to do, in this order. Empty means: all is as it shall be."""

    kill_pod: bool = False
    create_sandbox: bool = False
    attempt: int = 0
    kill: tuple[Kill, ...] = ()
    start_init: tuple[Container, ...] = ()
    start: tuple[Container, ...] = ()
    start_guests: tuple[Container, ...] = ()
    waiting: Mapping[str, float] = field(default_factory=dict)
    """Containers in CrashLoopBackOff, with the seconds that they still wait."""

    @property
    def empty(self) -> bool:
        return not (self.kill_pod or self.create_sandbox or self.kill or self.starting)

    @property
    def starting(self) -> tuple[Container, ...]:
        """Every container to start, in order."""
        return self.start_init + self.start + self.start_guests


@dataclass(frozen=True)
class Observed:
    """What the worker knows beside the runtime's own view."""

    now: datetime
    delays: Mapping[str, Delay] = field(default_factory=dict)
    failed_probes: Mapping[str, str] = field(default_factory=dict)
    """Container id -> which probe failed ("liveness", "startup")."""
    started: Mapping[str, bool] = field(default_factory=dict)
    """Container id -> whether its startup probe has succeeded; absent means it has none."""


def restart_policy(pod: Pod) -> str:
    return pod.spec.restart_policy or "Always"


def restartable(container: Container) -> bool:
    """A sidecar: an init container that stays."""
    return container.restart_policy == "Always"


def should_restart(policy: str, ended: RuntimeContainer | None) -> bool:
    """Whether a container that is not running shall run (again)."""
    if ended is None or ended.finished_at is None or policy == "Always":
        return True
    return policy == "OnFailure" and ended.exit_code != 0


def sandbox_changed(pod: Pod, status: RuntimePod) -> tuple[bool, int]:
    """Whether a new sandbox is needed, and its attempt number."""
    if not status.sandboxes:
        return True, 0
    newest = status.sandboxes[0]
    ready = [sandbox for sandbox in status.sandboxes if sandbox.ready]
    if len(ready) != 1 or not newest.ready or (not newest.ips and not pod.spec.host_network):
        return True, newest.attempt + 1
    return False, newest.attempt


def compute_pod_actions(pod: Pod, status: RuntimePod, observed: Observed) -> PodActions:
    """The whole algorithm. Guests come whenever there is a sandbox to come to."""
    actions = _without_guests(pod, status, observed)
    if actions.kill_pod or actions.create_sandbox or not pod.spec.ephemeral_containers:
        return actions
    return replace(actions, start_guests=tuple(each for each in guests(pod) if status.newest(each.name) is None))


def _without_guests(pod: Pod, status: RuntimePod, observed: Observed) -> PodActions:
    """Sandbox first, then init containers in order, then all others together."""
    changed, attempt = sandbox_changed(pod, status)
    if changed:
        return _anew(pod, status, attempt)
    kills = tuple(_kills(pod, status, observed))
    if not init_done(pod, status, observed.started):
        if _init_failed(pod, status):
            return PodActions(kill_pod=True, attempt=attempt)
        start, waiting = _next_init(pod, status, observed)
        return PodActions(attempt=attempt, kill=kills, start_init=start, waiting=waiting)
    sidecars, waiting = _to_start(_sidecars(pod), "Always", status, observed)
    start, more = _to_start(pod.spec.containers, restart_policy(pod), status, observed)
    if _all_over(pod, status, start, more):
        return PodActions(kill_pod=True, attempt=attempt)
    return PodActions(attempt=attempt, kill=kills, start_init=sidecars, start=start, waiting={**waiting, **more})


def _anew(pod: Pod, status: RuntimePod, attempt: int) -> PodActions:
    """Everything again in a new sandbox, unless the restart policy says that this pod has had its time."""
    policy = restart_policy(pod)
    if policy == "Never" and attempt and status.containers:
        return PodActions(kill_pod=True)
    start = tuple(c for c in pod.spec.containers if should_restart(policy, status.newest(c.name)))
    if not start:
        return PodActions(kill_pod=True)
    init = pod.spec.init_containers[:1]
    kill_pod = bool(status.sandboxes)
    return PodActions(kill_pod, True, attempt, start_init=init, start=() if init else start)


def init_done(pod: Pod, status: RuntimePod, started: Mapping[str, bool]) -> bool:
    """Init containers are over once an app container exists in the current sandbox, or the last one did its part.

    started: container id -> whether its startup probe has succeeded.
    """
    if not pod.spec.init_containers:
        return True
    here = status.sandboxes[0].id if status.sandboxes else ""
    apps = {container.name for container in pod.spec.containers}
    if any(c.name in apps and c.sandbox_id == here for c in status.containers):
        return True
    return _init_passed(pod.spec.init_containers[-1], status, here, started)


def _init_passed(container: Container, status: RuntimePod, sandbox_id: str, started: Mapping[str, bool]) -> bool:
    newest = status.newest(container.name)
    if newest is None or newest.sandbox_id != sandbox_id:
        return False
    if restartable(container):
        return newest.running and started.get(newest.id, True)
    return newest.finished_at is not None and newest.exit_code == 0


def _init_failed(pod: Pod, status: RuntimePod) -> bool:
    """An init container failed, and the pod may not try again."""
    if restart_policy(pod) != "Never":
        return False
    runs = [status.newest(c.name) for c in pod.spec.init_containers if not restartable(c)]
    return any(run is not None and run.finished_at is not None and run.exit_code != 0 for run in runs)


def _sidecars(pod: Pod) -> tuple[Container, ...]:
    return tuple(c for c in pod.spec.init_containers if restartable(c))


def _next_init(
    pod: Pod, status: RuntimePod, observed: Observed
) -> tuple[tuple[Container, ...], Mapping[str, float]]:
    """The init container that the pod has come to, or the one after it. Sidecars before it run, crash and wait for
    themselves: they hold up nobody any more."""
    here, everyone = status.sandboxes[0].id, pod.spec.init_containers
    runs = [(run := status.newest(c.name)) is not None and run.sandbox_id == here for c in everyone]
    if True not in runs:
        return everyone[:1], {}
    place = max(index for index, has_run in enumerate(runs) if has_run)
    before = tuple(c for c in everyone[:place] if restartable(c))
    sidecars, waiting = _to_start(before, "Always", status, observed)
    current = everyone[place]
    if _init_passed(current, status, here, observed.started):
        return (*sidecars, *everyone[place + 1 : place + 2]), waiting
    policy = "Always" if restartable(current) else _init_policy(pod)
    start, more = _to_start((current,), policy, status, observed)
    return (*sidecars, *start), {**waiting, **more}


def _init_policy(pod: Pod) -> str:
    """A failed init container is tried again unless the pod says Never; one that succeeded is not."""
    return "Never" if restart_policy(pod) == "Never" else "OnFailure"


def _to_start(
    containers: tuple[Container, ...], policy: str, status: RuntimePod, observed: Observed
) -> tuple[tuple[Container, ...], dict[str, float]]:
    """Those that shall run and do not: the ones to start now, and the ones that wait."""
    start, waiting = [], {}
    for container in containers:
        newest = status.newest(container.name)
        if (newest is not None and newest.running) or not should_restart(policy, newest):
            continue
        pause = _pause(newest, observed)
        if pause > 0:
            waiting[container.name] = pause
        else:
            start.append(container)
    return tuple(start), waiting


def _pause(newest: RuntimeContainer | None, observed: Observed) -> float:
    if newest is None or newest.finished_at is None:
        return 0.0
    return remaining(observed.delays.get(newest.name), newest.finished_at, observed.now)


def _kills(pod: Pod, status: RuntimePod, observed: Observed) -> Iterator[Kill]:
    """Running containers that are not what the pod asks for, or that failed a probe."""
    specs = {spec.name: spec for spec in (*pod.spec.init_containers, *pod.spec.containers)}
    for run in status.containers:
        spec, probe = specs.get(run.name), observed.failed_probes.get(run.id)
        if not run.running or spec is None:
            continue
        if run.annotations.get(CONTAINER_HASH, "") not in ("", container_hash(spec)):
            yield Kill(run, f"Container {run.name} definition changed, will be restarted")
        elif probe:
            again = ", will be restarted" if restartable(spec) or restart_policy(pod) != "Never" else ""
            yield Kill(run, f"Container {run.name} failed {probe} probe{again}", _grace_of(spec, probe))


def _grace_of(container: Container, kind: str) -> int | None:
    probe = container.startup_probe if kind == "startup" else container.liveness_probe
    return probe.termination_grace_period_seconds if probe is not None else None


def _all_over(pod: Pod, status: RuntimePod, start: tuple[Container, ...], waiting: Mapping[str, float]) -> bool:
    """No app container runs and none ever will."""
    running = any((c := status.newest(spec.name)) and c.running for spec in pod.spec.containers)
    return not (running or start or waiting)
