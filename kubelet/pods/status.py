"""A pod's status from what the runtime holds: phase, conditions, addresses, containers. Pure.

    Pending    not all containers could start yet: being assigned, downloading images, initialising
    Running    all were created, at least one runs, starts or restarts
    Succeeded  all ended with 0 and none starts again
    Failed     all ended, at least one with something else, and none starts again
    Unknown    is never written here: it says that nobody hears from this node
Real Kubernetes: kubelet_pods.go (getPhase, generateAPIPodStatus), status/generate.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kubelet.containers.qos import qos_class
from kubelet.pods.actions import restart_policy, restartable, sandbox_changed
from kubelet.pods.containers_status import View, guest_statuses, statuses
from machinery.api.core.v1 import ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodStatus

STARTABLE = "PodReadyToStartContainers"
OWN_CONDITIONS = (STARTABLE, "Initialized", "Ready", "ContainersReady", "PodScheduled")


@dataclass(frozen=True)
class Verdict:
    """Why a pod that nobody deleted failed as a whole (DeadlineExceeded, Evicted, node admission)."""

    reason: str
    message: str
    disruption: str = ""
    """The reason of the condition DisruptionTarget: the node ended the pod for its own sake."""


@dataclass(frozen=True)
class Situation:
    """The rest of what a status is made of."""

    now: datetime
    node_ip: str
    over: bool = False
    """Nothing of this pod will run any more."""
    verdict: Verdict | None = None


def _failed(status: ContainerStatus) -> bool:
    return status.state.terminated is not None and status.state.terminated.exit_code != 0


def _init_pending(pod: Pod, init: Sequence[ContainerStatus]) -> bool:
    """Some init container has not done its part."""
    for spec, status in zip(pod.spec.init_containers, init, strict=True):
        if restartable(spec) and status.started:
            continue
        if status.state.terminated is None or status.state.terminated.exit_code != 0:
            return True
    return False


def _ended(status: ContainerStatus) -> bool:
    """It has run before, although it may be waiting to run again."""
    return bool(status.state.terminated or (status.state.waiting and status.last_state.terminated))


def phase(pod: Pod, init: Sequence[ContainerStatus], containers: Sequence[ContainerStatus], over: bool) -> str:
    policy = restart_policy(pod)
    running = any(status.state.running for status in containers)
    started = [status for status in containers if status.state.running or _ended(status)]
    if policy == "Never" and any(_failed(status) for status in init):
        return "Failed"
    if not started and over:
        return "Failed"
    if not over and ((_init_pending(pod, init) and not started) or len(started) < len(containers)):
        return "Pending"
    if running:
        return "Running"
    if policy == "Always" and not over:
        return "Running"
    succeeded = [s for s in containers if s.state.terminated and s.state.terminated.exit_code == 0]
    if len(succeeded) == len(containers):
        return "Succeeded"
    return "Failed" if policy == "Never" or over else "Running"


def _unready(containers: Sequence[ContainerStatus]) -> list[str]:
    return [status.name for status in containers if not status.ready]


def _names(names: Sequence[str]) -> str:
    return "[" + " ".join(names) + "]"


def _initialized(pod: Pod, init: Sequence[ContainerStatus], of_phase: str) -> PodCondition:
    if of_phase == "Succeeded":
        return PodCondition(type="Initialized", status="True", reason="PodCompleted" if init else "")
    specs = zip(pod.spec.init_containers, init, strict=True)
    missing = [s.name for spec, s in specs if not (s.started if restartable(spec) else s.ready)]
    if not missing:
        return PodCondition(type="Initialized", status="True")
    message = f"containers with incomplete status: {_names(missing)}"
    return PodCondition(type="Initialized", status="False", reason="ContainersNotInitialized", message=message)


def _containers_ready(unready: Sequence[str], of_phase: str) -> PodCondition:
    if of_phase in ("Succeeded", "Failed"):
        reason = "PodCompleted" if of_phase == "Succeeded" else "PodFailed"
        return PodCondition(type="ContainersReady", status="False", reason=reason)
    if not unready:
        return PodCondition(type="ContainersReady", status="True")
    message = f"containers with unready status: {_names(unready)}"
    return PodCondition(type="ContainersReady", status="False", reason="ContainersNotReady", message=message)


def _ready(pod: Pod, containers_ready: PodCondition) -> PodCondition:
    """Ready: all containers are, and every readiness gate is open."""
    if containers_ready.status != "True":
        return containers_ready.replace(type="Ready")
    gates = [gate.condition_type for gate in pod.spec.readiness_gates]
    held = {condition.type: condition.status for condition in pod.status.conditions}
    closed = [gate for gate in gates if held.get(gate) != "True"]
    if not closed:
        return PodCondition(type="Ready", status="True")
    word = "the status of pod readiness gate"
    message = "; ".join(f'{word} "{gate}" is not "True", but {held.get(gate) or False}' for gate in closed)
    return PodCondition(type="Ready", status="False", reason="ReadinessGatesNotReady", message=message)


def _dated(condition: PodCondition, pod: Pod, now: datetime) -> PodCondition:
    """A condition's time moves only when its status does."""
    old = next((c for c in pod.status.conditions if c.type == condition.type), None)
    since = old.last_transition_time if old and old.status == condition.status else None
    return condition.replace(last_transition_time=since or now)


def conditions(
    pod: Pod, startable: bool, init: Sequence[ContainerStatus], containers: Sequence[ContainerStatus], *,
    of_phase: str, now: datetime,
) -> tuple[PodCondition, ...]:  # fmt: skip
    """Ours in their fixed order, then those that others wrote."""
    sidecars = [s for spec, s in zip(pod.spec.init_containers, init, strict=True) if restartable(spec)]
    containers_ready = _containers_ready(_unready((*sidecars, *containers)), of_phase)
    ours = (
        PodCondition(type=STARTABLE, status=str(startable)),
        _initialized(pod, init, of_phase),
        _ready(pod, containers_ready),
        containers_ready,
        PodCondition(type="PodScheduled", status="True"),
    )
    others = (c for c in pod.status.conditions if c.type not in OWN_CONDITIONS)
    return (*(_dated(condition, pod, now) for condition in ours), *others)


def pod_status(pod: Pod, view: View, situation: Situation) -> PodStatus:
    """The status that the API shall show now."""
    if _never_began(pod, view, situation):
        return _refused(pod, situation)
    pod = _disrupted(pod, situation)
    init, containers = statuses(pod, view)
    found = phase(pod, init, containers, situation.over)
    verdict = situation.verdict
    ended = verdict is not None and not any(run.running for run in view.status.containers)
    if ended:
        found = "Failed"
    if pod.status.phase in ("Succeeded", "Failed"):
        found = pod.status.phase
    ips = _ips(pod, view, situation)
    startable = not situation.over and not sandbox_changed(pod, view.status)[0]
    # Of a pod that was refused no container is waiting for anything.
    refused = verdict is not None and not view.status.containers and not view.status.sandboxes
    return pod.status.replace(
        phase=found,
        reason=verdict.reason if ended and verdict else pod.status.reason,
        message=verdict.message if ended and verdict else pod.status.message,
        conditions=conditions(pod, startable, init, containers, of_phase=found, now=situation.now),
        host_ip=situation.node_ip,
        host_ips=(HostIP(ip=situation.node_ip),),
        pod_ip=ips[0] if ips else "",
        pod_ips=tuple(PodIP(ip=ip) for ip in ips),
        start_time=pod.status.start_time or situation.now,
        init_container_statuses=() if refused else init,
        container_statuses=() if refused else containers,
        ephemeral_container_statuses=guest_statuses(pod, view),
        qos_class=pod.status.qos_class or qos_class(pod),
    )


def _never_began(pod: Pod, view: View, situation: Situation) -> bool:
    """The node did not let it in (or it ended so before this kubelet began): there is nothing to say of containers."""
    known = pod.status.container_statuses or pod.status.init_container_statuses
    over = situation.verdict is not None or pod.status.phase in ("Succeeded", "Failed")
    return over and not known and not view.status.containers and not view.status.sandboxes


def _refused(pod: Pod, situation: Situation) -> PodStatus:
    verdict, status = situation.verdict, pod.status
    if verdict is None or status.phase in ("Succeeded", "Failed"):
        return status
    return status.replace(
        phase="Failed",
        reason=verdict.reason,
        message=verdict.message,
        start_time=status.start_time or situation.now,
        qos_class=status.qos_class or qos_class(pod),
    )


def _disrupted(pod: Pod, situation: Situation) -> Pod:
    """With the condition that tells controllers not to count this failure against the pod."""
    verdict, conditions = situation.verdict, pod.status.conditions
    if verdict is None or not verdict.disruption or any(c.type == "DisruptionTarget" for c in conditions):
        return pod
    condition = PodCondition(
        type="DisruptionTarget", status="True", reason=verdict.disruption, message=verdict.message,
        last_transition_time=situation.now,
    )  # fmt: skip
    return pod.replace(status=pod.status.replace(conditions=(*conditions, condition)))


def _ips(pod: Pod, view: View, situation: Situation) -> tuple[str, ...]:
    """The sandbox's addresses; an ended pod keeps showing the ones that it had."""
    if pod.spec.host_network:
        return (situation.node_ip,)
    sandbox = view.status.sandbox
    if sandbox is not None:
        return sandbox.ips
    return tuple(ip.ip for ip in pod.status.pod_ips)
