"""Lets pods into the node, one after the other: what is in counts when the next one comes.

The one admission there is: what this node will never run (pods/refusal), then what it has no room for now (admission).

Reads the Node anew before it turns a pod away for labels or taints: they may have changed a moment ago, and the
scheduler knew. Real Kubernetes: kubelet.go (canAdmitPod), lifecycle/predicate.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from kubelet.node.admission import REJECTED, Room, refusal
from kubelet.pods.status import Verdict
from machinery.api.core.v1 import Node, Pod
from machinery.api.errors import ApiError
from machinery.client.rest import Client

BY_NODE = ("NodeAffinity", "TaintToleration")


@dataclass(frozen=True)
class Surroundings:
    """What the gate must know, each asked for when it is needed."""

    node: Callable[[], Node]
    allocatable: Callable[[], Mapping[str, str]]
    pods: Callable[[], Iterable[Pod]]
    """Those that take part of the node's room, or wait before the gate."""
    pressures: Callable[[], frozenset[str]]
    shutting_down: Callable[[], bool]
    never: Callable[[Pod], Verdict | None]
    """Why this node will not run a pod whatever room there is."""


class Gate:
    """A pod that runs was let in, perhaps by the kubelet before this one: it is not asked again."""

    def __init__(self, client: Client, around: Surroundings) -> None:
        self._client, self._around = client, around
        self._inside: set[str] = set()

    async def admit(self, pod: Pod) -> Verdict | None:
        """Why not, if so."""
        if pod.status.start_time is None:
            if (never := self._around.never(pod)) is not None:
                return replace(never, message=f"{REJECTED}{never.message}")
            verdict = refusal(pod, self._room(pod, self._around.node()))
            if verdict is not None and verdict.reason in BY_NODE:
                verdict = await self._ask_again(pod, verdict)
            if verdict is not None:
                return verdict
        self._inside.add(pod.metadata.uid)
        return None

    async def _ask_again(self, pod: Pod, verdict: Verdict) -> Verdict | None:
        try:
            node = await self._client.get(Node, self._around.node().metadata.name)
        except ApiError:
            return verdict
        return refusal(pod, self._room(pod, node))

    def _room(self, pod: Pod, node: Node) -> Room:
        here = {other.metadata.uid: other for other in self._around.pods()}
        self._inside &= here.keys()
        others = tuple(
            other for uid, other in here.items()
            if uid != pod.metadata.uid and (uid in self._inside or other.status.start_time is not None)
        )  # fmt: skip
        around = self._around
        return Room(node, around.allocatable(), around.pressures(), around.shutting_down(), others)
