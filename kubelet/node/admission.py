"""Whether this node takes a pod that was bound to it: the scheduler may have known less, or was not asked. Pure.

A pod that does not fit fails at once, with a reason that `kubectl get` shows: OutOfcpu, NodeAffinity, NodePorts,
Evicted. Static pods are let in where only taints or pressure speak against them.
Real Kubernetes: kubelet/lifecycle/predicate.go, eviction_manager.go (Admit), nodeshutdown. Left out: making room for
critical pods by ending others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kubelet.containers.qos import qos_class
from kubelet.node.requests import amount, is_critical, pod_request, requested
from kubelet.pods.status import Verdict
from kubelet.static.manifest import is_static
from machinery.api.core.node_affinity import matches_required
from machinery.api.core.v1 import Node, Pod, Taint, Toleration

REJECTED = "Pod was rejected: "
COUNTED = ("cpu", "memory", "ephemeral-storage")
AFFINITY = "node(s) didn't match Pod's node affinity/selector"
PORTS = "node(s) didn't have free ports for the requested pod ports"
TAINTS = "node(s) had taints that the pod didn't tolerate"
MEMORY_TAINT = Taint(key="node.kubernetes.io/memory-pressure", effect="NoSchedule")
ANYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class Room:
    """What the node has, and how it is."""

    node: Node
    allocatable: Mapping[str, str]
    pressures: frozenset[str] = frozenset()
    shutting_down: bool = False
    pods: tuple[Pod, ...] = field(default=())
    """Those that are in already."""


def refusal(pod: Pod, room: Room) -> Verdict | None:
    """The first reason against the pod; None to let it in."""
    reason, message = next(_reasons(pod, room), ("", ""))
    return Verdict(reason, f"{REJECTED}{message}") if reason else None


def _reasons(pod: Pod, room: Room) -> Iterator[tuple[str, str]]:
    if room.shutting_down:
        yield "NodeShutdown", "Pod was rejected as the node is shutting down."
    if room.pressures and not _bears(pod, room.pressures):
        yield "Evicted", f"The node had condition: [{' '.join(sorted(room.pressures))}]. "
    for resource, asked, used, capacity in _shortages(pod, room):
        message = f"requested: {asked}, used: {used}, capacity: {capacity}"
        yield f"OutOf{resource}", f"Node didn't have enough resource: {resource}, {message}"
    if not matches_required(pod, room.node):
        yield "NodeAffinity", f"Predicate NodeAffinity failed: {AFFINITY}"
    if _ports(pod) and any(_collide(pod, other) for other in room.pods):
        yield "NodePorts", f"Predicate NodePorts failed: {PORTS}"
    if not is_static(pod) and any(_repels(taint, pod) for taint in room.node.spec.taints):
        yield "TaintToleration", f"Predicate TaintToleration failed: {TAINTS}"


def _bears(pod: Pod, pressures: frozenset[str]) -> bool:
    """Under memory pressure only pods that ask for nothing are kept out; under any other everybody is."""
    if is_static(pod) or is_critical(pod):
        return True
    if pressures != {"MemoryPressure"}:
        return False
    return qos_class(pod) != "BestEffort" or any(tolerates(t, MEMORY_TAINT) for t in pod.spec.tolerations)


def _shortages(pod: Pod, room: Room) -> Iterator[tuple[str, int, int, int]]:
    """(resource, requested, used, capacity) of each that is not enough."""
    most = amount("pods", room.allocatable.get("pods", "0"))
    if len(room.pods) + 1 > most:
        yield "pods", 1, len(room.pods), most
    others = sorted(requested(pod) & (room.allocatable.keys() - set(COUNTED)))
    for name in (*COUNTED, *others):
        asked = pod_request(pod, name)
        if asked:
            used = sum(pod_request(other, name) for other in room.pods)
            capacity = amount(name, room.allocatable.get(name, "0"))
            if asked > capacity - used:
                yield name, asked, used, capacity


def _ports(pod: Pod) -> set[tuple[str, str, int]]:
    """(address, protocol, port)"""
    ports = (port for container in pod.spec.containers for port in container.ports)
    return {(port.host_ip, port.protocol or "TCP", port.host_port) for port in ports if port.host_port}


def _collide(pod: Pod, other: Pod) -> bool:
    return any(
        (protocol, port) == (its, theirs) and (address == where or address in ANYWHERE or where in ANYWHERE)
        for address, protocol, port in _ports(pod)
        for where, its, theirs in _ports(other)
    )


def _repels(taint: Taint, pod: Pod) -> bool:
    return taint.effect == "NoExecute" and not any(tolerates(each, taint) for each in pod.spec.tolerations)


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect not in ("", taint.effect) or toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)
