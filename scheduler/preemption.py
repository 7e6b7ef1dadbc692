"""Preemption: for a pod that fits nowhere, which node would have room without its less important pods?

Pure: `preempt` names the node and the victims, or says why it does not help; the scheduler deletes and nominates.
In Kubernetes: pkg/scheduler/framework/{preemption,plugins/defaultpreemption}. Left out: PodDisruptionBudgets,
looking at only a sample of the nodes, and making room for affinity (what is around is surveyed once).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from machinery.api.core.v1 import Pod
from scheduler.algorithm import FitError, first_objection, unavailable
from scheduler.snapshot import NodeInfo, PodInfo, Snapshot, pod_info
from scheduler.surroundings import surveyed

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
NEVER = "preemption: not eligible due to preemptionPolicy=Never."
TERMINATING = "preemption: not eligible due to a terminating pod on the nominated node."
_NEVER_STARTED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Nomination:
    """The node to make room on, and the pods that have to go."""

    node: str
    victims: tuple[Pod, ...]


def preempt(pod: Pod, snapshot: Snapshot, error: FitError) -> Nomination | str:
    """The nomination that hurts least; else the text that ends the user's message."""
    if pod.spec.preemption_policy == "Never":
        return NEVER
    info = surveyed(pod_info(pod), snapshot)
    if _already_making_room(info, snapshot):
        return TERMINATING
    candidates: list[tuple[NodeInfo, list[PodInfo]]] = []
    reasons: list[str] = []
    for node in snapshot.nodes:
        outcome = victims_on(info, node) if _resolvable(error, node.name) else (NOT_HELPFUL,)
        if isinstance(outcome, tuple):
            reasons += outcome
        else:
            candidates.append((node, outcome))
    if not candidates:
        return f"preemption: {unavailable(error.total, reasons)}"
    node, victims = min(candidates, key=lambda candidate: harm(candidate[1]))
    return Nomination(node.name, tuple(victim.pod for victim in victims))


def victims_on(pod: PodInfo, node: NodeInfo) -> list[PodInfo] | tuple[str, ...]:
    """The fewest and least important pods whose absence lets the pod in; else why even that does not help."""
    lesser = sorted((p for p in node.pods.values() if p.priority < pod.priority), key=_importance)
    if not lesser:
        return (NO_VICTIMS,)
    for victim in lesser:
        node = node.without_pod(victim.key)
    if rejection := first_objection(pod, node):
        return rejection.reasons
    victims = []
    for victim in lesser:
        with_it = node.with_pod(victim)
        if first_objection(pod, with_it):
            victims.append(victim)
        else:
            node = with_it
    return victims


def harm(victims: list[PodInfo]) -> tuple[int, int, int, float]:
    """Compare by the most important victim, then by all together, then by number; younger victims hurt less."""
    priorities = [victim.priority for victim in victims]
    highest = max(priorities, default=-(2**31))
    earliest = min((_started(v) for v in victims if v.priority == highest), default=_NEVER_STARTED)
    return highest, sum(priorities), len(victims), -earliest.timestamp()


def _importance(pod: PodInfo) -> tuple[int, datetime]:
    """Most important first: those are offered their place back first."""
    return -pod.priority, _started(pod)


def _started(pod: PodInfo) -> datetime:
    return pod.pod.status.start_time or _NEVER_STARTED


def _resolvable(error: FitError, node: str) -> bool:
    rejection = error.rejections.get(node)
    return rejection is None or rejection.preemptible


def _already_making_room(pod: PodInfo, snapshot: Snapshot) -> bool:
    """Victims of an earlier attempt that are still leaving the nominated node: wait for them."""
    nominated = pod.pod.status.nominated_node_name
    nodes = (node for node in snapshot.nodes if nominated and node.name == nominated)
    return any(
        other.priority < pod.priority and other.pod.metadata.deletion_timestamp
        for node in nodes
        for other in node.pods.values()
    )
