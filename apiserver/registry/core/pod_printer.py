"""The cells of `kubectl get pods`: READY, STATUS and RESTARTS as they are computed from the container statuses.

Pure. Real Kubernetes: printPod in pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apiserver.durations import age
from machinery.api.core.v1 import ContainerState, ContainerStatus, Pod
from machinery.api.durations import human

NONE = "<none>"


@dataclass(slots=True)
class _Tally:
    """What is counted over the containers."""

    ready: int = 0
    restarts: int = 0
    last_restart: datetime | None = None
    reason: str = ""
    sidecars: set[str] = field(default_factory=set)

    def add_restarts(self, status: ContainerStatus) -> None:
        self.restarts += status.restart_count
        ended = status.last_state.terminated
        if ended is not None and ended.finished_at is not None:
            self.last_restart = max(self.last_restart or ended.finished_at, ended.finished_at)


def cells(pod: Pod, now: datetime) -> list[Any]:
    """One row."""
    spec, status = pod.spec, pod.status
    tally = summarize(pod)
    total = len(spec.containers) + len(tally.sidecars)
    restarts = str(tally.restarts)
    if tally.restarts and tally.last_restart is not None:
        restarts += f" ({human((now - tally.last_restart).total_seconds())} ago)"
    return [
        pod.metadata.name,
        f"{tally.ready}/{total}",
        tally.reason,
        restarts,
        age(pod.metadata.creation_timestamp, now),
        status.pod_ips[0].ip if status.pod_ips else status.pod_ip or NONE,
        spec.node_name or NONE,
        status.nominated_node_name or NONE,
        _gates(pod),
    ]


def summarize(pod: Pod) -> _Tally:
    """Ready containers, restarts, and the one word for the pod's state."""
    status = pod.status
    sidecars = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    tally = _Tally(reason=status.reason or status.phase, sidecars=sidecars)
    if any(c.type == "PodScheduled" and c.reason == "SchedulingGated" for c in status.conditions):
        tally.reason = "SchedulingGated"
    initializing = _count_init(pod, tally)
    if not initializing or _condition(pod, "Initialized"):
        _count_containers(pod, tally)
    if pod.metadata.deletion_timestamp is not None:
        if status.reason == "NodeLost":
            tally.reason = "Unknown"
        elif status.phase not in ("Succeeded", "Failed"):
            tally.reason = "Terminating"
    return tally


def _count_init(pod: Pod, tally: _Tally) -> bool:
    """Walk the init containers; True while one of them still has to finish."""
    for index, status in enumerate(pod.status.init_container_statuses):
        tally.add_restarts(status)
        state, sidecar = status.state, status.name in tally.sidecars
        if state.terminated is not None and state.terminated.exit_code == 0:
            continue
        if sidecar and status.started:
            tally.ready += status.ready
            continue
        if state.terminated is not None:
            tally.reason = f"Init:{_ended(state)}"
        elif state.waiting is not None and state.waiting.reason not in ("", "PodInitializing"):
            tally.reason = f"Init:{state.waiting.reason}"
        else:
            tally.reason = f"Init:{index}/{len(pod.spec.init_containers)}"
        return True
    return False


def _count_containers(pod: Pod, tally: _Tally) -> None:
    """Init containers are over: only sidecars' restarts still count, and the containers' own."""
    tally.restarts, tally.last_restart = 0, None
    for status in pod.status.init_container_statuses:
        if status.name in tally.sidecars:
            tally.add_restarts(status)
    running = False
    for status in reversed(pod.status.container_statuses):
        tally.add_restarts(status)
        state = status.state
        if state.waiting is not None and state.waiting.reason:
            tally.reason = state.waiting.reason
        elif state.terminated is not None:
            tally.reason = _ended(state)
        elif status.ready and state.running is not None:
            running = True
            tally.ready += 1
    if tally.reason == "Completed" and running:
        tally.reason = "Running" if _condition(pod, "Ready") else "NotReady"


def _ended(state: ContainerState) -> str:
    ended = state.terminated
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def _condition(pod: Pod, kind: str) -> bool:
    return any(condition.type == kind and condition.status == "True" for condition in pod.status.conditions)


def _gates(pod: Pod) -> str:
    gates = pod.spec.readiness_gates
    if not gates:
        return NONE
    return f"{sum(_condition(pod, gate.condition_type) for gate in gates)}/{len(gates)}"
