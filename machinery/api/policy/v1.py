"""Eviction and PodDisruptionBudget (k8s.io/api `policy/v1`)."""

from machinery.api.meta.v1 import Condition, DeleteOptions, LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, IntOrString, Model, Object, Time, field


class Eviction(Object):
    """A request to delete a pod that disruption budgets may refuse."""

    api_version: str = field(None, "policy/v1", required=True)
    kind: str = field(None, "Eviction", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    delete_options: DeleteOptions | None = field(2, None)


class PodDisruptionBudgetSpec(Model):
    """Which pods, and how many of them may go."""

    min_available: IntOrString | None = field(1, None)
    selector: LabelSelector | None = field(2, None, merge="replace")
    max_unavailable: IntOrString | None = field(3, None)
    unhealthy_pod_eviction_policy: str | None = field(4, None)


class PodDisruptionBudgetStatus(Model):
    """How many evictions are allowed at the moment."""

    observed_generation: Int64 = field(1, 0)
    disrupted_pods: dict[str, Time] = field(2, {})
    disruptions_allowed: Int32 = field(3, 0, required=True)
    current_healthy: Int32 = field(4, 0, required=True)
    desired_healthy: Int32 = field(5, 0, required=True)
    expected_pods: Int32 = field(6, 0, required=True)
    conditions: tuple[Condition, ...] = field(
        7, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class PodDisruptionBudget(Object):
    """How many pods of a kind must stay when pods are evicted."""

    api_version: str = field(None, "policy/v1", required=True)
    kind: str = field(None, "PodDisruptionBudget", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PodDisruptionBudgetSpec = field(2, PodDisruptionBudgetSpec)
    status: PodDisruptionBudgetStatus = field(3, PodDisruptionBudgetStatus)
