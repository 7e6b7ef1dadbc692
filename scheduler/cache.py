"""The cache: nodes with the pods on them, as watched, plus the pods that were placed and not yet seen there.

`assume` makes a decision count before the API confirms it, so the next decision cannot give the same room away;
`forget` takes it back. An assumed pod whose binding went through, yet was never seen, expires.
In Kubernetes: pkg/scheduler/backend/cache. Here a NodeInfo is a value, so a snapshot is just a tuple of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from machinery.api.core.v1 import Node, Pod
from scheduler.snapshot import NodeInfo, PodInfo, Snapshot, pod_info, same_needs

EXPIRY_SECONDS = 30.0
FINISHED = ("Succeeded", "Failed")


def occupies(pod: Pod | None) -> bool:
    """Whether a pod takes room on a node: it has one, and its containers have not all ended for good."""
    return bool(pod and pod.spec.node_name and pod.status.phase not in FINISHED)


@dataclass(slots=True)
class _Assumed:
    node: str
    uid: str
    deadline: float | None = None


class Cache:
    """Where every pod is. Pods of a node that is not known (yet) are kept too, and appear with it."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeInfo] = {}
        self._homeless: dict[str, dict[str, PodInfo]] = {}
        self._where: dict[str, str] = {}
        self._assumed: dict[str, _Assumed] = {}
        self._nominated: dict[str, tuple[str, PodInfo]] = {}

    def set_node(self, node: Node) -> None:
        """A node was added or changed."""
        name = node.metadata.name
        info = self._nodes.get(name) or NodeInfo(node, {})
        for pod in self._homeless.pop(name, {}).values():
            info = info.with_pod(pod)
        self._nodes[name] = info.with_node(node)

    def remove_node(self, name: str) -> None:
        """A node is gone; its pods still are until their own deletion is seen."""
        if info := self._nodes.pop(name, None):
            self._homeless[name] = dict(info.pods)

    def set_pod(self, pod: Pod) -> None:
        """A pod was seen on its node; this confirms an assumption, or corrects it."""
        info = self._info(pod)
        self._assumed.pop(info.key, None)
        self._nominated.pop(info.key, None)
        self._place(info, pod.spec.node_name)

    def remove_pod(self, key: str) -> None:
        """A pod is gone, or has ended for good."""
        self._assumed.pop(key, None)
        self._nominated.pop(key, None)
        self._displace(key)

    def assume(self, pod: Pod, node: str) -> None:
        """Count a pod as placed from now on."""
        info = pod_info(pod)
        self._assumed[info.key] = _Assumed(node, pod.metadata.uid)
        self._nominated.pop(info.key, None)
        self._place(info, node)

    def bound(self, key: str, now: float) -> None:
        """The API accepted the binding: the watch must confirm it soon."""
        if assumed := self._assumed.get(key):
            assumed.deadline = now + EXPIRY_SECONDS

    def forget(self, key: str) -> None:
        """The binding failed: the room is free again. Without effect once the pod was really seen there."""
        if self._assumed.pop(key, None):
            self._displace(key)

    def is_assumed(self, key: str, uid: str) -> bool:
        """Whether this very pod (not an older one of its name) is placed and not yet seen."""
        return key in self._assumed and self._assumed[key].uid == uid

    def nominate(self, pod: Pod, node: str) -> None:
        """Keep room on a node for a pod whose victims are still leaving."""
        info = pod_info(pod)
        self._nominated[info.key] = (node, info)

    def snapshot(self, now: float, *, pod: Pod | None = None) -> Snapshot:
        """This moment, with the room that is promised to pods at least as important as this one taken away."""
        self._expire(now)
        snapshot = Snapshot(tuple(self._nodes.values()))
        if pod is None or not self._nominated:
            return snapshot
        mine = pod_info(pod)
        for node, other in self._nominated.values():
            if other.key != mine.key and other.priority >= mine.priority:
                snapshot = snapshot.with_pod(node, other)
        return snapshot

    def _info(self, pod: Pod) -> PodInfo:
        """Most news of a pod is about its status: its needs are what they were."""
        key = f"{pod.metadata.namespace}/{pod.metadata.name}"
        node = self._nodes.get(self._where.get(key, ""))
        known = node and node.pods.get(key)
        return known.newer(pod) if known and same_needs(known.pod, pod) else pod_info(pod)

    def _expire(self, now: float) -> None:
        late = [key for key, a in self._assumed.items() if a.deadline is not None and a.deadline <= now]
        for key in late:
            self.forget(key)

    def _place(self, info: PodInfo, node: str) -> None:
        if self._where.get(info.key, node) != node:
            self._displace(info.key)
        self._where[info.key] = node
        if node in self._nodes:
            self._nodes[node] = self._nodes[node].with_pod(info)
        else:
            self._homeless.setdefault(node, {})[info.key] = info

    def _displace(self, key: str) -> None:
        node = self._where.pop(key, None)
        if node in self._nodes:
            self._nodes[node] = self._nodes[node].without_pod(key)
        elif node in self._homeless:
            self._homeless[node].pop(key, None)
            if not self._homeless[node]:
                del self._homeless[node]
