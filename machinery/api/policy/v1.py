"""Eviction and PodDisruptionBudget (k8s.io/api `policy/v1`)."""

from machinery.api.meta.v1 import Condition, DeleteOptions, LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, IntOrString, Model, Object, Time, field


class Eviction(Object):
    """A request to delete a pod that disruption budgets may refuse."""

    api_version: str = field(None, "policy/v1", required=True)
    kind: str = field(None, "Eviction", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    delete_options: DeleteOptions | None = field(2, None)
    """How to delete the pod, such as its grace period."""


class PodDisruptionBudgetSpec(Model):
    """Which pods, and how many of them may go."""

    min_available: IntOrString | None = field(1, None)
    """How many pods must stay: a number or a percentage. Set this or maxUnavailable."""
    selector: LabelSelector | None = field(2, None, merge="replace")
    """The labels of the pods it protects; {} for all of the namespace, none at all if not said."""
    max_unavailable: IntOrString | None = field(3, None)
    """How many pods may be missing: a number or a percentage. Set this or minAvailable."""
    unhealthy_pod_eviction_policy: str | None = field(4, None)
    """When pods that are not ready may go: IfHealthyBudget (the default) or AlwaysAllow."""


class PodDisruptionBudgetStatus(Model):
    """How many evictions are allowed at the moment."""

    observed_generation: Int64 = field(1, 0)
    """The metadata.generation that the controller last acted on."""
    disrupted_pods: dict[str, Time] = field(2, {})
    """Pods whose eviction was allowed but whose deletion is not yet seen, and when that was."""
    disruptions_allowed: Int32 = field(3, 0, required=True)
    """How many more pods may be evicted now."""
    current_healthy: Int32 = field(4, 0, required=True)
    """How many of the pods are ready."""
    desired_healthy: Int32 = field(5, 0, required=True)
    """How many of them must be ready."""
    expected_pods: Int32 = field(6, 0, required=True)
    """How many pods it reckons with: those there are, or those that their controllers want."""
    conditions: tuple[Condition, ...] = field(
        7, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """DisruptionAllowed tells whether evictions are allowed now, and why not."""


class PodDisruptionBudget(Object):
    """How many pods of a kind must stay when pods are evicted."""

    api_version: str = field(None, "policy/v1", required=True)
    kind: str = field(None, "PodDisruptionBudget", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PodDisruptionBudgetSpec = field(2, PodDisruptionBudgetSpec)
    """What is wanted."""
    status: PodDisruptionBudgetStatus = field(3, PodDisruptionBudgetStatus)
    """What was counted; the server reads it at each eviction."""
