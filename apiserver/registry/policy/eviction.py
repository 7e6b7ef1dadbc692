"""May this pod be evicted now? A pure decision over the pod and the budgets of its namespace.

`decide(pod, budgets, now)` -> Delete (with a precondition, if the decision holds for this state of the pod only),
Charge (first take one disruption off this budget, then delete) or Refuse (with the answer that the client gets).
Who carries it out retries a Charge from the start when the budget changed meanwhile, and marks the pod first with
DISRUPTION_TARGET. Real Kubernetes: pkg/registry/core/pod/storage/eviction.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from machinery.api import labels
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError, Cause, Forbidden, TooManyRequests
from machinery.api.meta.v1 import Condition
from machinery.api.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetStatus

DISRUPTION_TARGET = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}
"""The condition that says why the pod goes; lastTransitionTime is for its writer."""
_MAX_DISRUPTED = 2000
_WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the pod; resource_version: only if it is still in this state, "" = whatever it is in by then."""

    resource_version: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """Write this status of the budget (it must still be the one that was read), then delete the pod."""

    budget: PodDisruptionBudget
    status: PodDisruptionBudgetStatus


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not now, or never."""

    error: ApiError


Decision = Delete | Charge | Refuse


def decide(pod: Pod, budgets: Iterable[PodDisruptionBudget], now: datetime) -> Decision:
    """What an eviction of the pod comes to."""
    if pod.metadata.deletion_timestamp is not None or pod.status.phase in ("Succeeded", "Failed"):
        return Delete()
    if pod.status.phase == "Pending":
        return Delete(pod.metadata.resource_version)
    own = [budget for budget in budgets if _guards(budget, pod)]
    if len(own) > 1:
        return Refuse(_several())
    if not own:
        return Delete()
    (budget,) = own
    if not _is_ready(pod) and _unready_may_go(budget):
        return Delete(pod.metadata.resource_version)
    return _charge(budget, pod.metadata.name, now)


def still_processed(budget: PodDisruptionBudget, retry_after: int = 10) -> TooManyRequests:
    """The budget does not know yet how things stand; also the answer when a Delete's precondition failed."""
    why = f"The disruption budget {budget.metadata.name} is still being processed by the server."
    return _too_many(why, retry_after)


def _charge(budget: PodDisruptionBudget, pod: str, now: datetime) -> Decision:
    status, name = budget.status, budget.metadata.name
    if status.observed_generation < budget.metadata.generation:
        return Refuse(still_processed(budget))
    if status.disruptions_allowed < 0:
        return Refuse(_forbidden(name, "pdb disruptions allowed is negative"))
    if len(status.disrupted_pods) > _MAX_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        return Refuse(_forbidden(name, why))
    if status.disruptions_allowed == 0:
        need, have = status.desired_healthy, status.current_healthy
        return Refuse(_too_many(f"The disruption budget {name} needs {need} healthy pods and has {have} currently", 0))
    left = status.disruptions_allowed - 1
    charged = status.replace(disruptions_allowed=left, disrupted_pods={**status.disrupted_pods, pod: now})
    return Charge(budget, charged if left else _exhausted(charged, budget, now))


def _exhausted(
    status: PodDisruptionBudgetStatus, budget: PodDisruptionBudget, now: datetime
) -> PodDisruptionBudgetStatus:
    """The condition DisruptionAllowed turns False with the last one."""
    kind = "DisruptionAllowed"
    rest = tuple(condition for condition in status.conditions if condition.type != kind)
    before = next((condition for condition in status.conditions if condition.type == kind), None)
    since = now
    if before is not None and before.status == "False" and before.last_transition_time is not None:
        since = before.last_transition_time
    condition = Condition(
        type=kind,
        status="False",
        reason="InsufficientPods",
        observed_generation=status.observed_generation,
        last_transition_time=since,
    )
    return status.replace(conditions=(*rest, condition))


def _guards(budget: PodDisruptionBudget, pod: Pod) -> bool:
    """An unreadable selector guards nothing."""
    try:
        selector = labels.from_label_selector(budget.spec.selector)
    except ApiError:
        return False
    return budget.metadata.namespace == pod.metadata.namespace and selector.matches(pod.metadata.labels)


def _is_ready(pod: Pod) -> bool:
    return any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions)


def _unready_may_go(budget: PodDisruptionBudget) -> bool:
    """A pod that is not ready does no good: it may go if the budget says so or is not short of pods anyway."""
    if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
        return True
    return budget.status.current_healthy >= budget.status.desired_healthy > 0


def _too_many(why: str, retry_after: int) -> TooManyRequests:
    return TooManyRequests(_WOULD_VIOLATE, retry_after, causes=[Cause("DisruptionBudget", why)])


def _forbidden(name: str, why: str) -> Forbidden:
    return Forbidden("poddisruptionbudget", name, why, group="policy")


def _several() -> ApiError:
    error = ApiError(_SEVERAL)
    error.code, error.reason = 500, ""
    return error
