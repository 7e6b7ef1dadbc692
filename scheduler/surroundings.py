"""What is around: the pods that a pod wants near it, or far from it, or spread evenly, seen from every node at once.

Pure. `survey` counts once per decision; the filters and scores then only look up the node's own domain.
In Kubernetes: the PreFilter and PreScore parts of plugins/{interpodaffinity,podtopologyspread}.
Left out: namespaceSelector with labels in it (an empty one, meaning all namespaces, works), matchLabelKeys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from machinery.api.core.node_affinity import matches_required
from machinery.api.core.v1 import Affinity, Pod, PodAffinityTerm, TopologySpreadConstraint
from machinery.api.labels import Selector, from_label_selector
from scheduler.snapshot import NodeInfo, PodInfo, Snapshot

Domain = tuple[str, str]
"""(topology key, value): the nodes that share it are one domain."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One topologySpreadConstraint. counts: matching pods by the key's value; fewest: in the emptiest domain."""

    key: str
    max_skew: int
    hard: bool
    counts: Mapping[str, int]
    fewest: int
    own: int

    def skew(self, value: str) -> int:
        """How uneven it would be with the pod in this domain."""
        return self.counts.get(value, 0) + self.own - self.fewest


@dataclass(frozen=True, slots=True)
class Surroundings:
    """near, far: for each required term its key and the domains with matching pods. refused: domains whose pods
    do not want this one. liked: the weights of preferred terms by domain. first: nobody to be near to, but itself.
    """

    near: tuple[tuple[str, frozenset[str]], ...] = ()
    far: tuple[tuple[str, frozenset[str]], ...] = ()
    refused: frozenset[Domain] = frozenset()
    first: bool = False
    liked: Mapping[Domain, int] = field(default_factory=dict)
    spreads: tuple[Spread, ...] = ()


def surveyed(pod: PodInfo, snapshot: Snapshot) -> PodInfo:
    """The pod with what is around it, if anything there matters to it or it to anything there."""
    spec = pod.pod.spec
    pairwise = spec.affinity and (spec.affinity.pod_affinity or spec.affinity.pod_anti_affinity)
    if not (pairwise or spec.topology_spread_constraints or any(node.fussy for node in snapshot.nodes)):
        return pod
    return replace(pod, around=survey(pod.pod, snapshot))


def survey(pod: Pod, snapshot: Snapshot) -> Surroundings:
    """Look at every pod once for each of this pod's terms."""
    wanted = _required(pod.spec.affinity, "pod_affinity")
    everyone = [(node, other.pod) for node in snapshot.nodes for other in node.pods.values()] if _looks(pod) else []
    friends = [(node, other) for node, other in everyone if wanted and all(_applies(t, pod, other) for t in wanted)]
    return Surroundings(
        near=tuple((term.topology_key, _values(term.topology_key, (n for n, _ in friends))) for term in wanted),
        far=tuple(_far(term, pod, everyone) for term in _required(pod.spec.affinity, "pod_anti_affinity")),
        refused=frozenset(_refused(pod, snapshot)),
        first=not friends and all(_applies(term, pod, pod) for term in wanted),
        liked=_liked(pod, everyone),
        spreads=tuple(_spread(c, pod, snapshot) for c in pod.spec.topology_spread_constraints),
    )


def _looks(pod: Pod) -> bool:
    affinity = pod.spec.affinity
    return bool(affinity and (affinity.pod_affinity or affinity.pod_anti_affinity))


def _required(affinity: Affinity | None, which: str) -> tuple[PodAffinityTerm, ...]:
    rules = affinity and getattr(affinity, which)
    return rules.required_during_scheduling_ignored_during_execution if rules else ()


def _applies(term: PodAffinityTerm, owner: Pod, other: Pod) -> bool:
    """Whether a term of `owner` speaks of `other`."""
    namespaces = term.namespaces or (() if term.namespace_selector else (owner.metadata.namespace,))
    anywhere = term.namespace_selector is not None and from_label_selector(term.namespace_selector).empty
    if not anywhere and other.metadata.namespace not in namespaces:
        return False
    return from_label_selector(term.label_selector).matches(other.metadata.labels)


def _values(key: str, nodes: Iterable[NodeInfo]) -> frozenset[str]:
    return frozenset(node.labels[key] for node in nodes if key in node.labels)


def _far(term: PodAffinityTerm, pod: Pod, everyone: list[tuple[NodeInfo, Pod]]) -> tuple[str, frozenset[str]]:
    return term.topology_key, _values(term.topology_key, (n for n, other in everyone if _applies(term, pod, other)))


def _refused(pod: Pod, snapshot: Snapshot) -> Iterable[Domain]:
    """Anti-affinity is mutual: a pod that wants to be alone keeps others out."""
    for node in snapshot.nodes:
        for other in node.fussy.values():
            for term in _required(other.pod.spec.affinity, "pod_anti_affinity"):
                if term.topology_key in node.labels and _applies(term, other.pod, pod):
                    yield term.topology_key, node.labels[term.topology_key]


def _liked(pod: Pod, everyone: list[tuple[NodeInfo, Pod]]) -> dict[Domain, int]:
    """Preferred affinity adds its weight to a domain for each matching pod, anti-affinity takes it away."""
    liked: Counter[Domain] = Counter()
    for which, sign in (("pod_affinity", 1), ("pod_anti_affinity", -1)):
        rules = pod.spec.affinity and getattr(pod.spec.affinity, which)
        for preferred in rules.preferred_during_scheduling_ignored_during_execution if rules else ():
            term = preferred.pod_affinity_term
            for node, other in everyone:
                if term.topology_key in node.labels and _applies(term, pod, other):
                    liked[term.topology_key, node.labels[term.topology_key]] += sign * preferred.weight
    return dict(liked)


def _spread(constraint: TopologySpreadConstraint, pod: Pod, snapshot: Snapshot) -> Spread:
    key, selector = constraint.topology_key, from_label_selector(constraint.label_selector)
    honoured = constraint.node_affinity_policy != "Ignore"
    counts: Counter[str] = Counter()
    for node in snapshot.nodes:
        if key in node.labels and (not honoured or matches_required(pod, node.node)):
            counts[node.labels[key]] += sum(_counts(selector, pod, other.pod) for other in node.pods.values())
    too_few = len(counts) < (constraint.min_domains or 1)
    return Spread(
        key=key, max_skew=constraint.max_skew, hard=constraint.when_unsatisfiable != "ScheduleAnyway",
        counts=dict(counts), fewest=0 if too_few else min(counts.values(), default=0),
        own=int(selector.matches(pod.metadata.labels)),
    )


def _counts(selector: Selector, pod: Pod, other: Pod) -> bool:
    meta = other.metadata
    return meta.namespace == pod.metadata.namespace and not meta.deletion_timestamp and selector.matches(meta.labels)
