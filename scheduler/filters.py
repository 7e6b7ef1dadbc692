"""The filters: each says whether a pod can run on a node, and if not, why, in the words that the user reads.

Pure. `FILTERS` is the list, in the order of Kubernetes: the first filter that objects speaks for the node.
In Kubernetes: pkg/scheduler/framework/plugins/{nodeunschedulable,nodename,tainttoleration,nodeaffinity,nodeports,
noderesources,podtopologyspread,interpodaffinity}, where PreFilter says Skip for what does not concern a pod. Left out:
volumes, dynamic resources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from machinery.api.core.node_affinity import matches_required
from machinery.api.core.v1 import Taint
from machinery.api.tolerations import NO_EXECUTE, NO_SCHEDULE, tolerates, untolerated
from scheduler.snapshot import NodeInfo, PodInfo

Reasons = tuple[str, ...]
FITS: Reasons = ()
NOT_NEAR = "node(s) didn't match pod affinity rules"
CORDON = Taint(key="node.kubernetes.io/unschedulable", effect=NO_SCHEDULE)
NO_SPREAD_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)"


class Change(Enum):
    """What can happen in the cluster that may let an unschedulable pod in."""

    NODE_ADDED = "node added"
    ALLOCATABLE = "node allocatable"
    LABELS = "node labels"
    TAINTS = "node taints"
    POD_GONE = "assigned pod deleted"
    POD_PLACED = "pod assigned or relabelled"


def everybody(pod: PodInfo) -> bool:
    """Such a filter looks at the node first."""
    return True


@dataclass(frozen=True, slots=True)
class Filter:
    """One entry of the list.

    woken_by: the changes after which a pod that this filter refused is worth another try. preemptible: whether
    removing other pods from the node could change the answer; not so for the reasons in `for_good`. concerns: whether
    it could object to this pod anywhere; where not, it is asked of no node.
    """

    name: str
    check: Callable[[PodInfo, NodeInfo], Reasons]
    woken_by: frozenset[Change]
    concerns: Callable[[PodInfo], object] = everybody
    preemptible: bool = False
    for_good: frozenset[str] = frozenset()


def node_unschedulable(pod: PodInfo, node: NodeInfo) -> Reasons:
    """Cordoned nodes take only pods that tolerate it."""
    if node.node.spec.unschedulable and not any(tolerates(t, CORDON) for t in pod.pod.spec.tolerations):
        return ("node(s) were unschedulable",)
    return FITS


def node_name(pod: PodInfo, node: NodeInfo) -> Reasons:
    """A pod that names its node is for that node."""
    wanted = pod.pod.spec.node_name
    return ("node(s) didn't match the requested node name",) if wanted not in ("", node.name) else FITS


def taint_toleration(pod: PodInfo, node: NodeInfo) -> Reasons:
    """Taints repel pods that do not tolerate them."""
    taint = untolerated(node.node.spec.taints, pod.pod.spec.tolerations, (NO_SCHEDULE, NO_EXECUTE))
    return (f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}",) if taint else FITS


def node_affinity(pod: PodInfo, node: NodeInfo) -> Reasons:
    """nodeSelector and the required terms of nodeAffinity."""
    if matches_required(pod.pod, node.node):
        return FITS
    return ("node(s) didn't match Pod's node affinity/selector",)


def node_ports(pod: PodInfo, node: NodeInfo) -> Reasons:
    """Two pods cannot have the same port of the node."""
    taken = [port for other in node.pods.values() for port in other.ports] if pod.ports else ()
    if any(mine.conflicts(theirs) for mine in pod.ports for theirs in taken):
        return ("node(s) didn't have free ports for the requested pod ports",)
    return FITS


def node_resources_fit(pod: PodInfo, node: NodeInfo) -> Reasons:
    """Requests, not use, decide: cpu, memory, ephemeral-storage, extended resources, and the number of pods."""
    short = [resource for resource, wanted in pod.requests.items() if wanted > 0 and wanted > node.free(resource)]
    reasons = ["Too many pods"] if node.free("pods") < 1 else []
    return (*reasons, *(f"Insufficient {resource}" for resource in sorted(short)))


def pod_topology_spread(pod: PodInfo, node: NodeInfo) -> Reasons:
    """The domains of a topology key must not differ by more than maxSkew."""
    for spread in pod.around.spreads if pod.around else ():
        if spread.hard and spread.key not in node.labels:
            return (NO_SPREAD_LABEL,)
        if spread.hard and spread.skew(node.labels[spread.key]) > spread.max_skew:
            return ("node(s) didn't match pod topology spread constraints",)
    return FITS


def inter_pod_affinity(pod: PodInfo, node: NodeInfo) -> Reasons:
    """Near to whom it must be, far from whom it must be, and who must be far from it."""
    around, labels = pod.around, node.labels
    if around is None:
        return FITS
    if not all(labels.get(key) in values or (around.first and key in labels) for key, values in around.near):
        return (NOT_NEAR,)
    if any(labels.get(key) in values for key, values in around.far):
        return ("node(s) didn't match pod anti-affinity rules",)
    if any(labels.get(key) == value for key, value in around.refused):
        return ("node(s) didn't satisfy existing pods anti-affinity rules",)
    return FITS


def chooses_nodes(pod: PodInfo) -> bool:
    """It says on which nodes it would like to be, or must be."""
    spec = pod.pod.spec
    return bool(spec.node_selector or (spec.affinity and spec.affinity.node_affinity))


def has_surroundings(pod: PodInfo) -> bool:
    """Other pods matter to it, or it to them."""
    return pod.around is not None


AROUND = frozenset({Change.NODE_ADDED, Change.LABELS, Change.POD_GONE, Change.POD_PLACED})

FILTERS: tuple[Filter, ...] = (
    Filter("NodeUnschedulable", node_unschedulable, frozenset({Change.NODE_ADDED, Change.TAINTS})),
    Filter("NodeName", node_name, frozenset({Change.NODE_ADDED}), lambda pod: pod.pod.spec.node_name),
    Filter("TaintToleration", taint_toleration, frozenset({Change.NODE_ADDED, Change.TAINTS})),
    Filter("NodeAffinity", node_affinity, frozenset({Change.NODE_ADDED, Change.LABELS}), chooses_nodes),
    Filter(
        "NodePorts", node_ports, frozenset({Change.NODE_ADDED, Change.POD_GONE}), lambda pod: pod.ports,
        preemptible=True,
    ),
    Filter(
        "NodeResourcesFit",
        node_resources_fit,
        frozenset({Change.NODE_ADDED, Change.ALLOCATABLE, Change.POD_GONE}),
        preemptible=True,
    ),
    Filter(
        "PodTopologySpread", pod_topology_spread, AROUND, has_surroundings, preemptible=True,
        for_good=frozenset({NO_SPREAD_LABEL}),
    ),
    Filter(
        "InterPodAffinity", inter_pod_affinity, AROUND, has_surroundings, preemptible=True,
        for_good=frozenset({NOT_NEAR}),
    ),
)  # fmt: skip
