"""Affinity, taints, tolerations, spreading: what decides where a pod may run."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector
from machinery.api.model import Int32, Int64, Model, Time, field


class NodeSelectorRequirement(Model):
    """One expression about a node's labels or fields."""

    key: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class NodeSelectorTerm(Model):
    """Expressions about a node, all of which must hold."""

    atomic: ClassVar[bool] = True
    match_expressions: tuple[NodeSelectorRequirement, ...] = field(1, (), list_type="atomic")
    match_fields: tuple[NodeSelectorRequirement, ...] = field(2, (), list_type="atomic")


class NodeSelector(Model):
    """Terms about nodes, of which one must hold."""

    atomic: ClassVar[bool] = True
    node_selector_terms: tuple[NodeSelectorTerm, ...] = field(1, (), required=True, list_type="atomic")


class PreferredSchedulingTerm(Model):
    """A wish about nodes and its weight."""

    weight: Int32 = field(1, 0, required=True)
    preference: NodeSelectorTerm = field(2, NodeSelectorTerm, required=True)


class NodeAffinity(Model):
    """Which nodes a pod must or would like to run on."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = field(1, None)
    preferred_during_scheduling_ignored_during_execution: tuple[PreferredSchedulingTerm, ...] = field(
        2, (), list_type="atomic"
    )


class PodAffinityTerm(Model):
    """Pods, and how near is near."""

    label_selector: LabelSelector | None = field(1, None)
    namespaces: tuple[str, ...] = field(2, (), list_type="atomic")
    topology_key: str = field(3, "", required=True)
    namespace_selector: LabelSelector | None = field(4, None)
    match_label_keys: tuple[str, ...] = field(5, (), list_type="atomic")
    mismatch_label_keys: tuple[str, ...] = field(6, (), list_type="atomic")


class WeightedPodAffinityTerm(Model):
    """A wish about other pods and its weight."""

    weight: Int32 = field(1, 0, required=True)
    pod_affinity_term: PodAffinityTerm = field(2, PodAffinityTerm, required=True)


class PodAffinity(Model):
    """Which pods a pod wants to be near."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = field(1, (), list_type="atomic")
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = field(
        2, (), list_type="atomic"
    )


class PodAntiAffinity(Model):
    """Which pods a pod wants to be far from."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = field(1, (), list_type="atomic")
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = field(
        2, (), list_type="atomic"
    )


class Affinity(Model):
    """Rules that draw a pod towards nodes or other pods, or keep it away."""

    node_affinity: NodeAffinity | None = field(1, None)
    pod_affinity: PodAffinity | None = field(2, None)
    pod_anti_affinity: PodAntiAffinity | None = field(3, None)


class Taint(Model):
    """What keeps pods away from a node, unless they tolerate it."""

    key: str = field(1, "", required=True)
    value: str = field(2, "")
    effect: str = field(3, "", required=True)
    time_added: Time | None = field(4, None)


class Toleration(Model):
    """Which taints a pod tolerates, and for how long."""

    key: str = field(1, "")
    operator: str = field(2, "")
    value: str = field(3, "")
    effect: str = field(4, "")
    toleration_seconds: Int64 | None = field(5, None)


class TopologySelectorLabelRequirement(Model):
    """One label that a volume's place must have."""

    key: str = field(1, "", required=True)
    values: tuple[str, ...] = field(2, (), required=True, list_type="atomic")


class TopologySelectorTerm(Model):
    """Where a volume may be made."""

    atomic: ClassVar[bool] = True
    match_label_expressions: tuple[TopologySelectorLabelRequirement, ...] = field(1, (), list_type="atomic")


class TopologySpreadConstraint(Model):
    """How evenly pods shall be spread over zones or nodes."""

    max_skew: Int32 = field(1, 0, required=True)
    topology_key: str = field(2, "", required=True)
    when_unsatisfiable: str = field(3, "", required=True)
    label_selector: LabelSelector | None = field(4, None)
    min_domains: Int32 | None = field(5, None)
    node_affinity_policy: str | None = field(6, None)
    node_taints_policy: str | None = field(7, None)
    match_label_keys: tuple[str, ...] = field(8, (), list_type="atomic")
