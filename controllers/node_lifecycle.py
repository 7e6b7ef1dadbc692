"""The node lifecycle controller: notices that a node fell silent, says so, and taints it.

Watches Nodes, Leases, Pods; writes Node conditions and taints, and the Ready condition of pods on silent nodes.
A heartbeat is any change of the node's Lease or Ready condition, timed by our own clock, so clocks may differ.
In Kubernetes: pkg/controller/nodelifecycle. Left out: zones and eviction rates (only the rule that matters at home
is kept: where no node is ready, the fault is more likely ours, and nobody is evicted).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from controllers.pods import is_ready
from machinery.api.coordination.v1 import Lease
from machinery.api.core.v1 import Node, NodeCondition, Pod, Taint
from machinery.api.errors import NotFound, ServiceUnavailable
from machinery.api.tolerations import NO_EXECUTE, NO_SCHEDULE
from machinery.client.controller import Context, Controller

log = logging.getLogger(__name__)

LEASE_NAMESPACE = "kube-node-lease"
STARTUP_GRACE = 60.0
"""How long a new node may take to say anything."""
JUDGED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
BY_CONDITION = {
    "MemoryPressure": "node.kubernetes.io/memory-pressure",
    "DiskPressure": "node.kubernetes.io/disk-pressure",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
    "NetworkUnavailable": "node.kubernetes.io/network-unavailable",
}
FEW = 3
MANAGED = (NOT_READY, UNREACHABLE, UNSCHEDULABLE, *BY_CONDITION.values())


# The decision.


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life: what it was, and when we (not the node) saw it change."""

    sign: tuple[datetime | None, datetime | None, str]
    seen_at: float


def heard(before: Heartbeat | None, node: Node, lease: Lease | None, now: float) -> Heartbeat:
    """The heartbeat, renewed if the node gave a new sign."""
    ready = condition(node, "Ready")
    # What we wrote ourselves is no sign of life.
    status = "" if ready is None or ready.status == "Unknown" else ready.status
    sign = (lease.spec.renew_time if lease else None, ready.last_heartbeat_time if ready else None, status)
    if before is None or _is_news(before.sign, sign):
        return Heartbeat(sign, now)
    return replace(before, sign=sign)


def seconds_left(heartbeat: Heartbeat, node: Node, now: float, *, grace: float) -> float:
    """For how long the node is still believed to live; zero or less means it is late."""
    patience = grace if condition(node, "Ready") else max(grace, STARTUP_GRACE)
    return heartbeat.seen_at + patience - now


@dataclass(frozen=True, slots=True)
class Plan:
    """conditions: those to change. taints: all of them, as they should be (None: they are)."""

    conditions: tuple[NodeCondition, ...] = ()
    taints: tuple[Taint, ...] | None = None


def plan(node: Node, *, late: bool, others_ready: bool, now: datetime) -> Plan:
    """What to say of a node. others_ready: whether any other node is."""
    changes = tuple(unknown(node, type_, now) for type_ in JUDGED if late and not _is_unknown(node, type_))
    statuses = {c.type: c.status for c in (*node.status.conditions, *changes)}
    anybody_ready = others_ready or statuses.get("Ready") == "True"
    taints = with_managed(node.spec.taints, wanted_taints(node, statuses, evict=anybody_ready), now)
    return Plan(changes, None if taints == node.spec.taints else taints)


def unknown(node: Node, type_: str, now: datetime) -> NodeCondition:
    """The condition of a node that does not answer."""
    old = condition(node, type_)
    if old is None:
        return NodeCondition(
            type=type_, status="Unknown", reason="NodeStatusNeverUpdated",
            message="Kubelet never posted node status.", last_transition_time=now,
            last_heartbeat_time=node.metadata.creation_timestamp)
    return old.replace(
        status="Unknown", reason="NodeStatusUnknown", message="Kubelet stopped posting node status.",
        last_transition_time=now)


def wanted_taints(node: Node, statuses: dict[str, str], *, evict: bool) -> list[tuple[str, str]]:
    """(key, effect) of the taints that the conditions ask for."""
    troubles = [t for t, status in statuses.items() if t in BY_CONDITION and status == "True"]
    wanted = [(BY_CONDITION[t], NO_SCHEDULE) for t in troubles]
    if node.spec.unschedulable:
        wanted.append((UNSCHEDULABLE, NO_SCHEDULE))
    unready = {"False": NOT_READY, "Unknown": UNREACHABLE}.get(statuses.get("Ready", ""))
    if "Ready" not in statuses and any((t.key, t.effect) == (NOT_READY, NO_SCHEDULE) for t in node.spec.taints):
        wanted.append((NOT_READY, NO_SCHEDULE))  # given by admission, until the node has spoken
    if unready:
        wanted.append((unready, NO_SCHEDULE))
    if unready and evict:
        wanted.append((unready, NO_EXECUTE))
    return wanted


def with_managed(taints: Iterable[Taint], wanted: list[tuple[str, str]], now: datetime) -> tuple[Taint, ...]:
    """The taints of others, ours that stay as they are (with their time), and ours that come."""
    kept = [t for t in taints if t.key not in MANAGED or (t.key, t.effect) in wanted]
    there = {(t.key, t.effect) for t in kept}
    added = [Taint(key=key, effect=effect, time_added=now) for key, effect in wanted if (key, effect) not in there]
    return (*kept, *added)


def condition(node: Node, type_: str) -> NodeCondition | None:
    """The node's condition of this type."""
    return next((c for c in node.status.conditions if c.type == type_), None)


def ready_status(node: Node | None) -> str:
    """True, False, Unknown; empty where nothing is said."""
    ready = node and condition(node, "Ready")
    return ready.status if ready else ""


def _is_unknown(node: Node, type_: str) -> bool:
    found = condition(node, type_)
    return found is not None and found.status == "Unknown"


def _is_news(old: tuple, new: tuple) -> bool:
    """Any part changed, other than by becoming absent."""
    return any(after and after != before for before, after in zip(old, new, strict=True))


# The effect.


class NodeLifecycleController(Controller):
    """Keys are names of nodes. A node that is heard of in time costs one look per heartbeat."""

    name = "node-lifecycle"
    workers = 1

    def __init__(self, ctx: Context, *, grace: float = 40.0) -> None:
        super().__init__(ctx)
        self.grace = grace
        self.nodes, self.leases = ctx.informers.informer(Node), ctx.informers.informer(Lease)
        self.pods = ctx.informers.informer(Pod)
        self.pods.add_index("node", lambda pod: [pod.spec.node_name])
        self.heartbeats: dict[str, Heartbeat] = {}
        self.watches = ((self.nodes, self.keys_of_node), (self.leases, keys_of_lease))

    def keys_of_node(self, old: Node | None, new: Node | None) -> Iterable[str]:
        """The node; and all others when its being ready or not may be what there is of ready nodes."""
        name = (old if new is None else new).metadata.name
        if ready_status(old) != ready_status(new) and self._few_ready():
            return [name, *(n.metadata.name for n in self.nodes.lister)]
        return [name]

    def _few_ready(self) -> bool:
        """One node more or less decides nothing for the others where two more are ready."""
        ready = (n for n in self.nodes.lister if ready_status(n) == "True")
        return sum(1 for _ in islice(ready, FEW)) < FEW

    async def reconcile(self, key: str) -> float | None:
        node, now = self.nodes.lister.get("", key), self.ctx.clock.monotonic()
        if node is None:
            if self.heartbeats.pop(key, None):
                log.info("node %s is gone", key)
            return None
        self._greet(node)
        lease = self.leases.lister.get(LEASE_NAMESPACE, key)
        heartbeat = self.heartbeats[key] = heard(self.heartbeats.get(key), node, lease, now)
        left = seconds_left(heartbeat, node, now, grace=self.grace)
        others = any(n.metadata.name != key and ready_status(n) == "True" for n in self.nodes.lister)
        decided = plan(node, late=left <= 0, others_ready=others, now=self.ctx.clock.now())
        try:
            await self._carry_out(node, decided)
        except ServiceUnavailable:
            self._start_over(now)
            raise
        if ready_status(node) == "Unknown" or decided.conditions:
            await self._mark_pods(key)
        return left if left > 0 else None

    def _start_over(self, now: float) -> None:
        """While we cannot reach the API server, neither can heartbeats reach us: all nodes get a new grace."""
        for name, heartbeat in self.heartbeats.items():
            self.heartbeats[name] = replace(heartbeat, seen_at=now)

    def _greet(self, node: Node) -> None:
        name = node.metadata.name
        if name not in self.heartbeats:
            text = f"Node {name} event: Registered Node {name} in Controller"
            self.ctx.events.record(node, "Normal", "RegisteredNode", text)

    async def _carry_out(self, node: Node, decided: Plan) -> None:
        name = node.metadata.name
        if decided.conditions:
            log.warning("node %s ready -> unknown: no heartbeat for %gs", name, self.grace)
            body = {"status": {"conditions": [c.to_dict() for c in decided.conditions]}}
            node = await self.ctx.client.patch(Node, name, "", body, patch_type="strategic", subresource="status")
            self.ctx.events.record(node, "Normal", "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        if decided.taints is not None:
            log.info("node %s taints: %s", name, ", ".join(f"{t.key}:{t.effect}" for t in decided.taints) or "none")
            # The revision guards the taints of others, which a merge patch of the list would undo.
            body = {"metadata": {"resourceVersion": node.metadata.resource_version},
                    "spec": {"taints": [t.to_dict() for t in decided.taints] or None}}
            await self.ctx.client.patch(Node, name, "", body)

    async def _mark_pods(self, node: str) -> None:
        """Nobody can say that these pods are ready, so they get no traffic."""
        for pod in self.pods.lister.by_index("node", node):
            if is_ready(pod):
                await self._mark(pod)
                self.ctx.events.record(pod, "Warning", "NodeNotReady", "Node is not ready")

    async def _mark(self, pod: Pod) -> None:
        stamp = self.ctx.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        unready: dict[str, Any] = {"type": "Ready", "status": "False", "lastTransitionTime": stamp}
        body = {"metadata": {"uid": pod.metadata.uid}, "status": {"conditions": [unready]}}
        try:
            await self.ctx.client.patch(
                Pod, pod.metadata.name, pod.metadata.namespace, body, patch_type="strategic", subresource="status")
        except NotFound:
            return


def keys_of_lease(old: Lease | None, new: Lease | None) -> Iterable[str]:
    """A node's lease has the node's name."""
    meta = (old if new is None else new).metadata
    return [meta.name] if meta.namespace == LEASE_NAMESPACE else []
