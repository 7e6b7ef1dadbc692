"""Taint-based eviction: pods leave a node with a NoExecute taint, at once or after the time that they tolerate.

Watches Nodes and Pods; deletes pods, after saying why in their DisruptionTarget condition.
The time runs from the taint's timeAdded, so it survives our restart.
In Kubernetes: pkg/controller/tainteviction (its clock starts anew with the process).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from controllers.pods import is_finished
from machinery.api.core.v1 import Node, Pod, Taint
from machinery.api.errors import Conflict, NotFound
from machinery.api.tolerations import NO_EXECUTE, tolerates
from machinery.client.controller import Context, Controller, key_of, split_key

log = logging.getLogger(__name__)

MESSAGE = "Taint manager: deleting due to NoExecute taint"


def evict_at(pod: Pod, taints: Iterable[Taint], since: Callable[[Taint], datetime]) -> datetime | None:
    """When the pod has to go; None for never."""
    moments = []
    for taint in taints:
        toleration = next((t for t in pod.spec.tolerations if tolerates(t, taint)), None)
        if toleration is None:
            moments.append(since(taint))
        elif toleration.toleration_seconds is not None:
            moments.append(since(taint) + timedelta(seconds=max(toleration.toleration_seconds, 0)))
    return min(moments, default=None)


def executing(node: Node | None) -> tuple[Taint, ...]:
    """The taints that drive pods out."""
    return tuple(t for t in node.spec.taints if t.effect == NO_EXECUTE) if node else ()


class TaintEvictionController(Controller):
    """Keys are pods."""

    name = "taint-eviction"
    workers = 2

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.nodes, self.pods = ctx.informers.informer(Node), ctx.informers.informer(Pod)
        self.pods.add_index("node", lambda pod: [pod.spec.node_name])
        self._first_seen: dict[tuple[str, Taint], datetime] = {}
        self.watches = ((self.nodes, self.keys_of_node), (self.pods, self.keys_of_pod))

    def keys_of_node(self, old: Node | None, new: Node | None) -> Iterable[str]:
        """All pods of the node, when its NoExecute taints changed."""
        if executing(old) == executing(new):
            return []
        name = (old if new is None else new).metadata.name
        for known in [k for k in self._first_seen if k[0] == name and k[1] not in executing(new)]:
            del self._first_seen[known]
        return [key_of(pod) for pod in self.pods.lister.by_index("node", name)]

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """The pod, when it came to a tainted node or tolerates other things now."""
        if new is None or not executing(self.nodes.lister.get("", new.spec.node_name)):
            return []
        came = old is None or old.spec.node_name != new.spec.node_name
        return [key_of(new)] if came or old.spec.tolerations != new.spec.tolerations else []

    async def reconcile(self, key: str) -> float | None:
        pod = self.pods.lister.get(*split_key(key))
        if pod is None or pod.metadata.deletion_timestamp or is_finished(pod) or not pod.spec.node_name:
            return None
        node = self.nodes.lister.get("", pod.spec.node_name)
        moment = evict_at(pod, executing(node), lambda taint: self._since(pod.spec.node_name, taint))
        if moment is None:
            return None
        wait = (moment - self.ctx.clock.now()).total_seconds()
        if wait > 0:
            return wait
        await self._evict(pod)
        return None

    def _since(self, node: str, taint: Taint) -> datetime:
        """kubectl does not write timeAdded: then the time runs from when we first saw it."""
        return taint.time_added or self._first_seen.setdefault((node, taint), self.ctx.clock.now())

    async def _evict(self, pod: Pod) -> None:
        meta = pod.metadata
        log.info("pod %s leaves %s: NoExecute taint", key_of(pod), pod.spec.node_name)
        self.ctx.events.record(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key_of(pod)}")
        target = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
                  "message": MESSAGE, "lastTransitionTime": self.ctx.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = {"metadata": {"uid": meta.uid}, "status": {"conditions": [target]}}
        try:
            await self.ctx.client.patch(
                Pod, meta.name, meta.namespace, body, patch_type="strategic", subresource="status")
            await self.ctx.client.delete(Pod, meta.name, meta.namespace, uid=meta.uid)
        except (NotFound, Conflict):
            return
