"""The scores: each says how much a pod would like a node that passed the filters. More is better.

Pure. `SCORES` is the list with its weights; every score is brought to 0..100 before it is weighted.
In Kubernetes: pkg/scheduler/framework/plugins/{noderesources,podtopologyspread,tainttoleration,nodeaffinity}, with
the same weights. Left out: image locality, and preferences of the pods that are already there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from machinery.api.core.node_affinity import preferred_weight
from machinery.api.tolerations import PREFER_NO_SCHEDULE, tolerates
from scheduler.filters import chooses_nodes, everybody, has_surroundings
from scheduler.snapshot import NodeInfo, PodInfo

MAX = 100


class Scale(Enum):
    """How raw numbers become 0..100: they already are, the largest becomes 100, or the largest becomes 0."""

    AS_IS = "as is"
    LARGEST_BEST = "largest best"
    LARGEST_WORST = "largest worst"


@dataclass(frozen=True, slots=True)
class Score:
    """One entry of the list. concerns: to a pod that it does not concern all nodes are equal, and none is asked."""

    name: str
    weight: int
    raw: Callable[[PodInfo, NodeInfo], int]
    scale: Scale = Scale.AS_IS
    concerns: Callable[[PodInfo], object] = everybody

    def points(self, raw: Sequence[int]) -> list[int]:
        """What the raw number of each node counts beside the other scores."""
        return [self.weight * points for points in scaled(raw, self.scale)]


def scaled(raw: Sequence[int], scale: Scale) -> Sequence[int]:
    """Bring raw numbers to 0..100; where all are 0 nobody is better."""
    if min(raw, default=0) < 0:
        raw = [number - min(raw) for number in raw]
    largest = max(raw, default=0)
    match scale:
        case Scale.AS_IS:
            return raw
        case Scale.LARGEST_BEST:
            return [MAX * number // largest if largest else 0 for number in raw]
        case Scale.LARGEST_WORST:
            return [MAX - MAX * number // largest if largest else MAX for number in raw]


def least_allocated(pod: PodInfo, node: NodeInfo) -> int:
    """The share of CPU and memory that stays free once the pod is there."""
    shares = [max(0, 1 - used) for used in _used_shares(pod, node)]
    return int(MAX * sum(shares) / len(shares)) if shares else 0


def balanced_allocation(pod: PodInfo, node: NodeInfo) -> int:
    """CPU and memory should fill up together: half the distance between their shares is lost."""
    shares = [min(1.0, used) for used in _used_shares(pod, node)]
    return int(MAX * (1 - abs(shares[0] - shares[1]) / 2)) if len(shares) == 2 else MAX


def spread(pod: PodInfo, node: NodeInfo) -> int:
    """How many siblings the node already has."""
    return node.siblings.get(pod.siblings, 0)


def taints_to_avoid(pod: PodInfo, node: NodeInfo) -> int:
    """How many PreferNoSchedule taints the pod does not tolerate."""
    if not node.node.spec.taints:
        return 0
    soft = (taint for taint in node.node.spec.taints if taint.effect == PREFER_NO_SCHEDULE)
    return sum(not any(tolerates(t, taint) for t in pod.pod.spec.tolerations) for taint in soft)


def preferred_nodes(pod: PodInfo, node: NodeInfo) -> int:
    """The weights of the preferred nodeAffinity terms that hold."""
    return preferred_weight(pod.pod, node.node)


def uneven(pod: PodInfo, node: NodeInfo) -> int:
    """How many pods of the same spread constraints (those that are only wishes) its domains already have."""
    soft = (spread for spread in pod.around.spreads if not spread.hard) if pod.around else ()
    return sum(spread.counts.get(node.labels.get(spread.key, ""), 0) for spread in soft)


def liked_company(pod: PodInfo, node: NodeInfo) -> int:
    """The weights of preferred pod affinity, less those of anti-affinity, in the node's domains."""
    liked = pod.around.liked.items() if pod.around else ()
    return sum(weight for (key, value), weight in liked if node.labels.get(key) == value)


def _used_shares(pod: PodInfo, node: NodeInfo) -> list[float]:
    return [
        (node.usual.get(resource, 0) + pod.usual.get(resource, 0)) / node.allocatable[resource]
        for resource in ("cpu", "memory")
        if node.allocatable.get(resource, 0) > 0
    ]


SCORES: tuple[Score, ...] = (
    Score("TaintToleration", 3, taints_to_avoid, Scale.LARGEST_WORST),
    Score("NodeAffinity", 2, preferred_nodes, Scale.LARGEST_BEST, chooses_nodes),
    Score("PodSpread", 2, spread, Scale.LARGEST_WORST, lambda pod: pod.siblings),
    Score("PodTopologySpread", 2, uneven, Scale.LARGEST_WORST, has_surroundings),
    Score("InterPodAffinity", 2, liked_company, Scale.LARGEST_BEST, has_surroundings),
    Score("LeastAllocated", 1, least_allocated),
    Score("BalancedAllocation", 1, balanced_allocation),
)
