"""Pod garbage collection: pods that no kubelet will ever finish.

Watches Pods and Nodes; deletes, without grace, pods of nodes that no longer exist and unscheduled pods that were
deleted. A node's absence must last, and is confirmed by the API, before its pods are lost.
In Kubernetes: pkg/controller/podgc. Left out: the limit on finished pods, the out-of-service taint.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import Enum

from machinery.api.core.v1 import Node, Pod
from machinery.api.errors import Conflict, NotFound
from machinery.client.controller import Context, Controller, key_of, split_key

log = logging.getLogger(__name__)

QUARANTINE_SECONDS = 40.0


class Verdict(Enum):
    """What becomes of a pod."""

    KEEP = "keep"
    ORPHANED = "its node is gone"
    UNSCHEDULED = "deleted before it had a node"


def judge(pod: Pod, nodes: Iterable[str]) -> Verdict:
    """Decide by the pod and the names of the nodes that exist."""
    if pod.spec.node_name:
        return Verdict.KEEP if pod.spec.node_name in nodes else Verdict.ORPHANED
    return Verdict.UNSCHEDULED if pod.metadata.deletion_timestamp else Verdict.KEEP


class PodGCController(Controller):
    """Keys are pods."""

    name = "pod-gc"
    workers = 1

    def __init__(self, ctx: Context, *, quarantine: float = QUARANTINE_SECONDS) -> None:
        super().__init__(ctx)
        self.quarantine = quarantine
        self.nodes, self.pods = ctx.informers.informer(Node), ctx.informers.informer(Pod)
        self.pods.add_index("node", lambda pod: [pod.spec.node_name])
        self._missing_since: dict[str, float] = {}
        self.watches = ((self.nodes, self.keys_of_node), (self.pods, self.keys_of_pod))

    def keys_of_node(self, old: Node | None, new: Node | None) -> Iterable[str]:
        """All pods of a node that was deleted."""
        if new is not None:
            self._missing_since.pop(new.metadata.name, None)
            return []
        return [key_of(pod) for pod in self.pods.lister.by_index("node", old.metadata.name)]

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """A pod that looks lost."""
        return [key_of(new)] if new is not None and self._judge(new) is not Verdict.KEEP else []

    async def reconcile(self, key: str) -> float | None:
        pod = self.pods.lister.get(*split_key(key))
        if pod is None:
            return None
        verdict = self._judge(pod)
        if verdict is Verdict.KEEP:
            return None
        if verdict is Verdict.ORPHANED:
            now = self.ctx.clock.monotonic()
            wait = self._missing_since.setdefault(pod.spec.node_name, now) + self.quarantine - now
            if wait > 0:
                return wait
            if await self._lives(pod.spec.node_name):
                return None
        await self._delete(pod, verdict)
        return None

    def _judge(self, pod: Pod) -> Verdict:
        node = pod.spec.node_name
        return judge(pod, [node] if self.nodes.lister.get("", node) else [])

    async def _lives(self, node: str) -> bool:
        try:
            await self.ctx.client.get(Node, node)
        except NotFound:
            return False
        return True

    async def _delete(self, pod: Pod, verdict: Verdict) -> None:
        meta = pod.metadata
        log.info("pod %s: %s", key_of(pod), verdict.value)
        try:
            await self.ctx.client.delete(Pod, meta.name, meta.namespace, grace_period_seconds=0, uid=meta.uid)
        except (NotFound, Conflict):
            return
