"""What the API shows of each container of a pod. Pure.

A container's state comes from its newest run, lastState from the run before; what the runtime does not know
yet is `waiting`, with the reason that the last sync left.
Real Kubernetes: kubelet_pods.go, convertToAPIContainerStatuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kubelet.containers.guests import guests
from kubelet.pods.actions import restartable
from kubelet.runtime.interface import ContainerState as Runs
from kubelet.runtime.interface import RuntimeContainer, RuntimePod
from machinery.api.core.v1 import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
    ResourceRequirements,
    VolumeMountStatus,
)


@dataclass(frozen=True)
class Waiting:
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Health:
    """What the probes say, by container id. A container without the probe is absent."""

    started: Mapping[str, bool] = field(default_factory=dict)
    ready: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """All that a container's status is made of."""

    runtime_name: str
    status: RuntimePod
    reasons: Mapping[str, Waiting] = field(default_factory=dict)
    health: Health = Health()
    initialized: bool = True
    applied: Mapping[str, ResourceRequirements] = field(default_factory=dict)
    """What each container has, by its id, as far as it is known."""


def _terminated(run: RuntimeContainer, view: View) -> ContainerStateTerminated:
    reason = run.reason or ("Completed" if run.exit_code == 0 else "Error")
    return ContainerStateTerminated(
        exit_code=run.exit_code,
        reason=reason,
        message=run.message,
        started_at=run.started_at,
        finished_at=run.finished_at,
        container_id=f"{view.runtime_name}://{run.id}",
    )


def _state(run: RuntimeContainer, view: View) -> ContainerState:
    if run.running:
        return ContainerState(running=ContainerStateRunning(started_at=run.started_at))
    if run.state is Runs.CREATED:
        return ContainerState(waiting=ContainerStateWaiting(reason="ContainerCreating"))
    if run.finished_at is None:
        return ContainerState(waiting=ContainerStateWaiting(reason="ContainerStatusUnknown"))
    return ContainerState(terminated=_terminated(run, view))


def _waiting(reason: Waiting) -> ContainerState:
    return ContainerState(waiting=ContainerStateWaiting(reason=reason.reason, message=reason.message))


def _mounts(container: Container) -> tuple[VolumeMountStatus, ...]:
    return tuple(
        VolumeMountStatus(
            name=mount.name,
            mount_path=mount.mount_path,
            read_only=mount.read_only,
            recursive_read_only="Disabled" if mount.read_only else None,
        )
        for mount in container.volume_mounts
    )


def _without_runs(container: Container, old: ContainerStatus | None, view: View) -> ContainerStatus:
    """The runtime knows nothing of it: not started yet, or its traces are gone."""
    default = "ContainerCreating" if view.initialized else "PodInitializing"
    reason = view.reasons.get(container.name, Waiting(default))
    ended = old is not None and old.state.terminated is not None
    return ContainerStatus(
        name=container.name,
        state=old.state if old is not None and ended else _waiting(reason),
        last_state=old.last_state if old is not None else ContainerState(),
        restart_count=old.restart_count if old is not None else 0,
        image=container.image,
        started=False,
        volume_mounts=_mounts(container),
    )


def _with_runs(container: Container, runs: tuple[RuntimeContainer, ...], view: View) -> ContainerStatus:
    newest, *earlier = runs
    state, last = _state(newest, view), ContainerState()
    ended = next((run for run in earlier if run.finished_at is not None), None)
    if ended is not None:
        last = ContainerState(terminated=_terminated(ended, view))
    reason = view.reasons.get(container.name)
    if reason is not None and not newest.running:
        state, last = _waiting(reason), state if state.terminated else last
    started = newest.running and view.health.started.get(newest.id, True)
    return ContainerStatus(
        name=container.name,
        state=state,
        last_state=last,
        ready=started and view.health.ready.get(newest.id, True),
        restart_count=newest.attempt,
        image=newest.image or container.image,
        image_id=newest.image_id,
        container_id=f"{view.runtime_name}://{newest.id}",
        started=started,
        volume_mounts=_mounts(container),
    )


def container_status(container: Container, old: ContainerStatus | None, view: View) -> ContainerStatus:
    runs = view.status.history(container.name)
    if not runs:
        return _without_runs(container, old, view)
    return _with_amounts(_with_runs(container, runs, view), container, old, view.applied.get(runs[0].id))


def _with_amounts(
    status: ContainerStatus, container: Container, old: ContainerStatus | None, known: ResourceRequirements | None
) -> ContainerStatus:
    """What the container has: as we gave it, as the API remembers it, or (of an older kubelet) as it asks for."""
    if known is None and old is not None and old.container_id == status.container_id:
        known = old.resources
    known = known or container.resources
    if not (known.requests or known.limits):
        return status
    return status.replace(resources=known, allocated_resources=dict(known.requests))


def _init_ready(container: Container, status: ContainerStatus) -> ContainerStatus:
    """An init container is ready once it has succeeded; a sidecar as any other container."""
    if restartable(container):
        return status
    ended = status.state.terminated
    return status.replace(ready=ended is not None and ended.exit_code == 0)


def statuses(pod: Pod, view: View) -> tuple[tuple[ContainerStatus, ...], tuple[ContainerStatus, ...]]:
    """(init container statuses, container statuses), in the order of the spec."""
    old = {s.name: s for s in (*pod.status.init_container_statuses, *pod.status.container_statuses)}
    init = tuple(
        _init_ready(c, container_status(c, old.get(c.name), view)) for c in pod.spec.init_containers
    )
    return init, tuple(container_status(c, old.get(c.name), view) for c in pod.spec.containers)


def guest_statuses(pod: Pod, view: View) -> tuple[ContainerStatus, ...]:
    """Of ephemeral containers; nobody waits for them to be ready."""
    old = {status.name: status for status in pod.status.ephemeral_container_statuses}
    everyone = guests(pod) if pod.spec.ephemeral_containers else ()
    return tuple(container_status(c, old.get(c.name), view).replace(ready=False) for c in everyone)
