"""Affinity, taints, tolerations, spreading: what decides where a pod may run."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector
from machinery.api.model import Int32, Int64, Model, Time, field


class NodeSelectorRequirement(Model):
    """One expression about a node's labels or fields."""

    key: str = field(1, "", required=True)
    """The label's key or the field's path (only metadata.name)."""
    operator: str = field(2, "", required=True)
    """In, NotIn, Exists, DoesNotExist, Gt or Lt."""
    values: tuple[str, ...] = field(3, (), list_type="atomic")
    """For In and NotIn at least one, for Gt and Lt one whole number, else none."""


class NodeSelectorTerm(Model):
    """Expressions about a node, all of which must hold."""

    atomic: ClassVar[bool] = True
    match_expressions: tuple[NodeSelectorRequirement, ...] = field(1, (), list_type="atomic")
    """What must hold of the node's labels."""
    match_fields: tuple[NodeSelectorRequirement, ...] = field(2, (), list_type="atomic")
    """What must hold of the node's fields."""


class NodeSelector(Model):
    """Terms about nodes, of which one must hold."""

    atomic: ClassVar[bool] = True
    node_selector_terms: tuple[NodeSelectorTerm, ...] = field(1, (), required=True, list_type="atomic")
    """The terms: one that holds is enough."""


class PreferredSchedulingTerm(Model):
    """A wish about nodes and its weight."""

    weight: Int32 = field(1, 0, required=True)
    """How many points a node gets for it: 1 to 100."""
    preference: NodeSelectorTerm = field(2, NodeSelectorTerm, required=True)
    """What the node should be like."""


class NodeAffinity(Model):
    """Which nodes a pod must or would like to run on."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = field(1, None)
    """Only such nodes; pods that run already stay if a node changes."""
    preferred_during_scheduling_ignored_during_execution: tuple[PreferredSchedulingTerm, ...] = field(
        2, (), list_type="atomic"
    )
    """Rather such nodes: points are added up, the most points win."""


class PodAffinityTerm(Model):
    """Pods, and how near is near."""

    label_selector: LabelSelector | None = field(1, None)
    """Which pods are meant, by their labels; none if not said."""
    namespaces: tuple[str, ...] = field(2, (), list_type="atomic")
    """The namespaces of those pods; with namespaceSelector not said either, the pod's own."""
    topology_key: str = field(3, "", required=True)
    """The node label that tells what is near: nodes with the same value are one place."""
    namespace_selector: LabelSelector | None = field(4, None)
    """The namespaces of those pods by label, beside those named; {} for all."""
    match_label_keys: tuple[str, ...] = field(5, (), list_type="atomic")
    """Keys of the pod's labels, such as pod-template-hash: only pods with equal values are meant (beta)."""
    mismatch_label_keys: tuple[str, ...] = field(6, (), list_type="atomic")
    """Keys of the pod's labels: only pods with other values are meant (beta)."""


class WeightedPodAffinityTerm(Model):
    """A wish about other pods and its weight."""

    weight: Int32 = field(1, 0, required=True)
    """How many points a node gets for it: 1 to 100."""
    pod_affinity_term: PodAffinityTerm = field(2, PodAffinityTerm, required=True)
    """Which pods it wants to be near, or far from."""


class PodAffinity(Model):
    """Which pods a pod wants to be near."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = field(1, (), list_type="atomic")
    """Only where such pods are near, for every term."""
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = field(
        2, (), list_type="atomic"
    )
    """Rather where such pods are near: the most points win."""


class PodAntiAffinity(Model):
    """Which pods a pod wants to be far from."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = field(1, (), list_type="atomic")
    """Never where such a pod is near, for any term."""
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = field(
        2, (), list_type="atomic"
    )
    """Rather not where such pods are near."""


class Affinity(Model):
    """Rules that draw a pod towards nodes or other pods, or keep it away."""

    node_affinity: NodeAffinity | None = field(1, None)
    """Rules about the nodes themselves."""
    pod_affinity: PodAffinity | None = field(2, None)
    """Rules that draw it near other pods, as to the same zone."""
    pod_anti_affinity: PodAntiAffinity | None = field(3, None)
    """Rules that keep it away from other pods, as on another node."""


class Taint(Model):
    """What keeps pods away from a node, unless they tolerate it."""

    key: str = field(1, "", required=True)
    """The taint's key, such as node-role.kubernetes.io/control-plane."""
    value: str = field(2, "")
    """Its value, if it has one."""
    effect: str = field(3, "", required=True)
    """NoSchedule keeps new pods away, PreferNoSchedule if possible, NoExecute evicts running ones, too."""
    time_added: Time | None = field(4, None)
    """When a NoExecute taint was added."""


class Toleration(Model):
    """Which taints a pod tolerates, and for how long."""

    key: str = field(1, "")
    """The taint's key; empty, with operator Exists, tolerates all."""
    operator: str = field(2, "")
    """Equal (the default) compares the value, Exists takes any."""
    value: str = field(3, "")
    """The taint's value, for Equal."""
    effect: str = field(4, "")
    """NoSchedule, PreferNoSchedule or NoExecute; empty for all."""
    toleration_seconds: Int64 | None = field(5, None)
    """Seconds to stay under a NoExecute taint; forever if not said, 0 or less to leave at once."""


class TopologySelectorLabelRequirement(Model):
    """One label that a volume's place must have."""

    key: str = field(1, "", required=True)
    """The node label's key, such as topology.kubernetes.io/zone."""
    values: tuple[str, ...] = field(2, (), required=True, list_type="atomic")
    """The values that will do."""


class TopologySelectorTerm(Model):
    """Where a volume may be made."""

    atomic: ClassVar[bool] = True
    match_label_expressions: tuple[TopologySelectorLabelRequirement, ...] = field(1, (), list_type="atomic")
    """Labels that must all fit."""


class TopologySpreadConstraint(Model):
    """How evenly pods shall be spread over zones or nodes."""

    max_skew: Int32 = field(1, 0, required=True)
    """By how many pods the fullest place may exceed the emptiest. At least 1."""
    topology_key: str = field(2, "", required=True)
    """The node label that tells places apart, such as topology.kubernetes.io/zone."""
    when_unsatisfiable: str = field(3, "", required=True)
    """DoNotSchedule lets the pod wait; ScheduleAnyway takes it as a wish."""
    label_selector: LabelSelector | None = field(4, None)
    """Which pods are counted."""
    min_domains: Int32 | None = field(5, None)
    """With fewer places than this, the emptiest counts as empty. Default 1; only with DoNotSchedule."""
    node_affinity_policy: str | None = field(6, None)
    """Honor (the default) counts only nodes that the pod's affinity allows, Ignore counts all."""
    node_taints_policy: str | None = field(7, None)
    """Ignore (the default) counts all nodes, Honor only those whose taints the pod tolerates."""
    match_label_keys: tuple[str, ...] = field(8, (), list_type="atomic")
    """Keys of the pod's labels, such as pod-template-hash: only pods with equal values are counted."""
