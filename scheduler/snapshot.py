"""What one scheduling decision looks at: pods reduced to their needs, nodes with what is left on them.

Pure values. The cache builds them from what the watch says plus what was assumed; `schedule` only reads them.
In Kubernetes: pkg/scheduler/framework/types.go (NodeInfo, PodInfo) and backend/cache/snapshot.go, where NodeInfo
is mutable and copied by generation; here adding a pod makes a new NodeInfo. Left out: images, volumes, devices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from machinery.api import quantity
from machinery.api.core.v1 import Container, Node, Pod

if TYPE_CHECKING:
    from scheduler.surroundings import Surroundings

Amounts = Mapping[str, int]
DEFAULT_CPU_MILLIS = 100
DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024
NEEDS = ("containers", "init_containers", "overhead", "affinity")
WILDCARD_IP = "0.0.0.0"


@lru_cache(maxsize=4096)
def amount(resource: str, text: str) -> int:
    """CPU counts in thousandths, everything else in whole units, rounded up."""
    return quantity.milli_value(text) if resource == "cpu" else quantity.value(text)


def amounts(quantities: Mapping[str, str]) -> dict[str, int]:
    """Parse a resource list."""
    return {resource: amount(resource, text) for resource, text in quantities.items()}


def add(left: Amounts, right: Amounts) -> dict[str, int]:
    """Sum by resource."""
    return {name: left.get(name, 0) + right.get(name, 0) for name in {**left, **right}}


def most(left: Amounts, right: Amounts) -> dict[str, int]:
    """Maximum by resource."""
    return {name: max(left.get(name, 0), right.get(name, 0)) for name in {**left, **right}}


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port of the node itself that a pod occupies."""

    ip: str
    protocol: str
    port: int

    def conflicts(self, other: HostPort) -> bool:
        """Two wildcards, or a wildcard and any address, or the same address, cannot share a port."""
        same = self.protocol == other.protocol and self.port == other.port
        return same and (self.ip == other.ip or WILDCARD_IP in (self.ip, other.ip))


@dataclass(frozen=True, slots=True)
class PodInfo:
    """A pod, and what the filters and scores need to know of it, computed once.

    requests: what the node must have left. usual: the same, with a guess for containers that ask for nothing, so
    that pods without requests weigh something in the scores. siblings: what makes two pods replicas of one thing.
    around: the pods that matter to it, once they were surveyed for a decision; None where none do.
    """

    pod: Pod
    key: str
    requests: Amounts
    usual: Amounts
    ports: tuple[HostPort, ...]
    siblings: tuple[str, ...]
    around: Surroundings | None = None

    @property
    def priority(self) -> int:
        return self.pod.spec.priority or 0

    @property
    def is_fussy(self) -> bool:
        """It keeps others away: required anti-affinity."""
        rules = self.pod.spec.affinity and self.pod.spec.affinity.pod_anti_affinity
        return bool(rules and rules.required_during_scheduling_ignored_during_execution)


    def newer(self, pod: Pod) -> PodInfo:
        """The same needs of a newer version of the pod."""
        return PodInfo(pod, self.key, self.requests, self.usual, self.ports, self.siblings)


def same_needs(old: Pod, new: Pod) -> bool:
    """Whether nothing changed of what a PodInfo is made of."""
    before, after = old.metadata, new.metadata
    same_kin = before.labels == after.labels and before.owner_references == after.owner_references
    return same_kin and all(getattr(old.spec, part) == getattr(new.spec, part) for part in NEEDS)


def pod_info(pod: Pod) -> PodInfo:
    """Reduce a pod to its needs."""
    return PodInfo(
        pod=pod,
        key=f"{pod.metadata.namespace}/{pod.metadata.name}",
        requests=pod_requests(pod, _asked),
        usual=pod_requests(pod, _asked_or_usual),
        ports=host_ports(pod),
        siblings=siblings_key(pod),
    )


def _asked(container: Container) -> Amounts:
    return amounts(container.resources.requests)


def _asked_or_usual(container: Container) -> Amounts:
    asked = _asked(container)
    return {"cpu": DEFAULT_CPU_MILLIS, "memory": DEFAULT_MEMORY_BYTES, **asked}


def pod_requests(pod: Pod, of_container: Callable[[Container], Amounts] = _asked) -> dict[str, int]:
    """Containers run together, so they add up; init containers run one after the other beside the sidecars
    (init containers that restart always) which were started before them."""
    sidecars: dict[str, int] = {}
    peak: dict[str, int] = {}
    for container in pod.spec.init_containers:
        if container.restart_policy == "Always":
            sidecars = add(sidecars, of_container(container))
            peak = most(peak, sidecars)
        else:
            peak = most(peak, add(sidecars, of_container(container)))
    running = sidecars
    for container in pod.spec.containers:
        running = add(running, of_container(container))
    return add(most(peak, running), amounts(pod.spec.overhead))


def host_ports(pod: Pod) -> tuple[HostPort, ...]:
    """The ports of the node that the pod's containers ask for."""
    return tuple(
        HostPort(port.host_ip or WILDCARD_IP, port.protocol or "TCP", port.host_port)
        for container in pod.spec.containers
        for port in container.ports
        if port.host_port
    )


def siblings_key(pod: Pod) -> tuple[str, ...]:
    """Replicas of one controller are siblings; bare pods are by equal labels; a lone pod has none: ()."""
    for owner in pod.metadata.owner_references:
        if owner.controller:
            return (owner.uid,)
    labels = sorted(f"{name}={value}" for name, value in pod.metadata.labels.items())
    return (pod.metadata.namespace, *labels) if labels else ()


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A node and the sum of the pods on it, bound or assumed."""

    node: Node
    allocatable: Amounts
    pods: Mapping[str, PodInfo] = field(default_factory=dict)
    requested: Amounts = field(default_factory=dict)
    usual: Amounts = field(default_factory=dict)
    siblings: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    fussy: Mapping[str, PodInfo] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.node.metadata.name

    @property
    def labels(self) -> Mapping[str, str]:
        return self.node.metadata.labels

    def free(self, resource: str) -> int:
        """What is left of one resource. Pods count against `pods`."""
        used = len(self.pods) if resource == "pods" else self.requested.get(resource, 0)
        return self.allocatable.get(resource, 0) - used

    def with_node(self, node: Node) -> NodeInfo:
        """The same pods on a newer version of the node."""
        return replace(self, node=node, allocatable=amounts(node.status.allocatable))

    def with_pod(self, pod: PodInfo) -> NodeInfo:
        """The node once this pod is on it; replaces an older version of the same pod."""
        known = self.pods.get(pod.key)
        if known is not None and known.requests is pod.requests and known.usual is pod.usual:
            fussy = {**self.fussy, pod.key: pod} if pod.is_fussy else self.fussy
            return replace(self, pods={**self.pods, pod.key: pod}, fussy=fussy)
        base = self.without_pod(pod.key)
        return replace(
            base,
            pods={**base.pods, pod.key: pod},
            requested=add(base.requested, pod.requests),
            usual=add(base.usual, pod.usual),
            siblings=_counted(base.siblings, pod.siblings, 1),
            fussy={**base.fussy, pod.key: pod} if pod.is_fussy else base.fussy,
        )

    def without_pod(self, key: str) -> NodeInfo:
        """The node once this pod has left it."""
        pod = self.pods.get(key)
        if pod is None:
            return self
        return replace(
            self,
            pods={other: info for other, info in self.pods.items() if other != key},
            requested=_minus(self.requested, pod.requests),
            usual=_minus(self.usual, pod.usual),
            siblings=_counted(self.siblings, pod.siblings, -1),
            fussy={other: info for other, info in self.fussy.items() if other != key} if self.fussy else self.fussy,
        )


def node_info(node: Node, pods: Iterable[PodInfo] = ()) -> NodeInfo:
    """A node with these pods on it."""
    info = NodeInfo(node, amounts(node.status.allocatable))
    for pod in pods:
        info = info.with_pod(pod)
    return info


def _minus(left: Amounts, right: Amounts) -> dict[str, int]:
    return {name: left[name] - right.get(name, 0) for name in left}


def _counted(counts: Mapping[tuple[str, ...], int], key: tuple[str, ...], change: int) -> Mapping:
    if not key:
        return counts
    counter = Counter(counts)
    counter[key] += change
    return {name: count for name, count in counter.items() if count > 0}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every node at one moment, in a fixed order."""

    nodes: tuple[NodeInfo, ...] = ()

    def with_pod(self, node_name: str, pod: PodInfo) -> Snapshot:
        """The same moment with one pod more."""
        return Snapshot(tuple(n.with_pod(pod) if n.name == node_name else n for n in self.nodes))
