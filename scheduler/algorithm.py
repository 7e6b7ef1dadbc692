"""The algorithm: filter, score, choose. `schedule` is the whole of it.

Pure: same pod, same snapshot, same turn, same answer. Failure is data and becomes the text that the user reads.
In Kubernetes: pkg/scheduler/schedule_one.go (schedulePod), where plugins stand for our two lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from machinery.api.core.v1 import Pod
from scheduler.filters import FILTERS, Filter
from scheduler.opinions import Opinions
from scheduler.scores import SCORES, Score
from scheduler.snapshot import NodeInfo, PodInfo, Snapshot, pod_info
from scheduler.surroundings import surveyed

LOOK_AT_ALL_BELOW = 100
RawScores = tuple[int, ...]
"""One number of each score that concerns the pod."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The chosen node, and how every candidate scored (for the log and the curious)."""

    node: str
    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one node will not do."""

    filter: Filter
    reasons: tuple[str, ...]

    @property
    def preemptible(self) -> bool:
        """Whether removing other pods from the node might help."""
        return self.filter.preemptible and self.filter.for_good.isdisjoint(self.reasons)


@dataclass(frozen=True, slots=True)
class FitError:
    """No node will do: the reasons by node, and what preemption had to say."""

    total: int
    rejections: Mapping[str, Rejection] = field(default_factory=dict)
    preemption: str = ""

    @property
    def filters(self) -> frozenset[str]:
        """The filters that objected anywhere."""
        return frozenset(rejection.filter.name for rejection in self.rejections.values())

    @property
    def message(self) -> str:
        """`0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.`"""
        if not self.total:
            return "no nodes available to schedule pods"
        reasons = (reason for rejection in self.rejections.values() for reason in rejection.reasons)
        text = unavailable(self.total, reasons)
        return f"{text} {self.preemption}" if self.preemption else text


def schedule(pod: Pod, snapshot: Snapshot, *, turn: int = 0, opinions: Opinions | None = None) -> Placement | FitError:
    """Choose the node for a pod. Among equals the turn decides, so that callers who count turns share fairly.

    opinions: what is remembered of earlier questions; the answer is the same without.
    """
    info = surveyed(pod_info(pod), snapshot)
    known = {} if opinions is None else opinions.about(info)
    filters = tuple(entry for entry in FILTERS if entry.concerns(info))
    scores = tuple(entry for entry in SCORES if entry.concerns(info))
    rejections: dict[str, Rejection] = {}
    feasible: dict[str, RawScores] = {}
    wanted = enough(len(snapshot.nodes))
    for node in rotated(snapshot.nodes, turn * wanted):
        name = node.name
        held = known.get(name)
        if held is None or held[0] is not node:
            held = known[name] = (node, opinion(info, node, filters, scores))
        if isinstance(held[1], Rejection):
            rejections[name] = held[1]
        else:
            feasible[name] = held[1]
            if len(feasible) == wanted:
                break
    if not feasible:
        return FitError(len(snapshot.nodes), rejections)
    totals = total_scores(scores, feasible)
    best = max(totals.values())
    winners = [name for name, total in totals.items() if total == best]
    return Placement(winners[turn % len(winners)], totals)


def opinion(
    pod: PodInfo, node: NodeInfo, filters: tuple[Filter, ...], scores: tuple[Score, ...]
) -> Rejection | RawScores:
    """What one node says to a pod: why not, or how much each score likes it."""
    return first_objection(pod, node, filters) or tuple(entry.raw(pod, node) for entry in scores)


def first_objection(pod: PodInfo, node: NodeInfo, filters: tuple[Filter, ...] = FILTERS) -> Rejection | None:
    """The first filter that objects speaks for the node; the others are not asked."""
    for entry in filters:
        reasons = entry.check(pod, node)
        if reasons:
            return Rejection(entry, reasons)
    return None


def total_scores(scores: tuple[Score, ...], raw: Mapping[str, RawScores]) -> dict[str, int]:
    """Weighted points of these scores, added up per node."""
    columns = [entry.points(column) for entry, column in zip(scores, zip(*raw.values(), strict=True), strict=True)]
    return dict(zip(raw, map(sum, zip(*columns, strict=True)), strict=True))


def enough(nodes: int) -> int:
    """How many feasible nodes to find before choosing: all of a small cluster, a falling share of a large one."""
    if nodes <= LOOK_AT_ALL_BELOW:
        return nodes
    percentage = max(5, 50 - nodes // 125)
    return max(LOOK_AT_ALL_BELOW, nodes * percentage // 100)


def rotated(nodes: tuple[NodeInfo, ...], start: int) -> tuple[NodeInfo, ...]:
    """The same nodes, beginning elsewhere: a large cluster is looked at in windows."""
    start = start % len(nodes) if nodes else 0
    return nodes[start:] + nodes[:start] if start else nodes


def unavailable(total: int, reasons: Iterable[str]) -> str:
    """`0/3 nodes are available: ` and the histogram of reasons, sorted as text."""
    histogram = sorted(f"{count} {reason}" for reason, count in Counter(reasons).items())
    return f"0/{total} nodes are available: {', '.join(histogram)}." if histogram else f"0/{total} nodes are available:"


def with_preemption(error: FitError, text: str) -> FitError:
    """The same failure, with the answer of preemption."""
    return replace(error, preemption=text)
