"""The disruption controller: how many pods of a PodDisruptionBudget may be evicted at the moment.

Watches PodDisruptionBudgets, Pods, ReplicaSets, Deployments; writes the status of PodDisruptionBudgets, and Events. The
eviction endpoint of the API server takes from `disruptionsAllowed`; here it is filled up again.
In Kubernetes: pkg/controller/disruption. Left out: taking back a DisruptionTarget condition whose eviction failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from controllers.own_writes import OwnWrites
from controllers.ownership import controller_of, resource_of
from controllers.pods import is_ready
from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError, NotFound
from machinery.api.intstr import IntOrStringError, is_percent, scaled_value
from machinery.api.labels import from_label_selector
from machinery.api.meta.v1 import Condition, OwnerReference
from machinery.api.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus
from machinery.api.scheme import NotRegistered
from machinery.client.controller import Context, Controller, key_of, own_key, split_key

DELETION_PATIENCE = timedelta(minutes=2)
"""How long an eviction that was allowed may take until the pod's deletion is seen."""
_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the "
    "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these "
    'pods please set ".spec.minAvailable" field of the PDB to an integer value.'
)


class Uncountable(Exception):
    """Why it is not known how many pods there should be."""


# The decision.


@dataclass(frozen=True, slots=True)
class Expected:
    """pods: how many there should be. healthy: how many of them must stay healthy."""

    pods: int
    healthy: int


def expected(spec: PodDisruptionBudgetSpec, selected: int, scales: Iterable[int]) -> Expected:
    """selected: pods that the selector finds. scales: what the controllers of these pods want, one number for each."""
    try:
        if spec.max_unavailable is not None:
            total = sum(scales)
            return Expected(total, max(total - scaled_value(spec.max_unavailable, total, True), 0))
        if spec.min_available is None:
            return Expected(selected, 0)
        total = sum(scales) if is_relative(spec) else selected
        return Expected(total, scaled_value(spec.min_available, total, True))
    except IntOrStringError as error:
        raise Uncountable(str(error)) from None


def is_relative(spec: PodDisruptionBudgetSpec) -> bool:
    """Whether it takes the controllers' word for how many pods there should be."""
    return spec.max_unavailable is not None or (spec.min_available is not None and is_percent(spec.min_available))


def pending(disrupted: Mapping[str, datetime], pods: Iterable[Pod], now: datetime) -> dict[str, datetime]:
    """Evictions that were allowed and whose pods have not begun to end; those that take too long are forgotten."""
    living = {pod.metadata.name for pod in pods if pod.metadata.deletion_timestamp is None}
    return {name: since for name, since in disrupted.items() if name in living and now <= since + DELETION_PATIENCE}


def status_of(
    budget: PodDisruptionBudget, pods: Sequence[Pod], wanted: Expected, now: datetime
) -> PodDisruptionBudgetStatus:
    """What may go: the healthy pods beyond those that must stay."""
    waiting = pending(budget.status.disrupted_pods, pods, now)
    healthy = sum(_is_healthy(pod) and pod.metadata.name not in waiting for pod in pods)
    allowed = max(healthy - wanted.healthy, 0) if wanted.pods > 0 else 0
    status = budget.status.replace(
        current_healthy=healthy, desired_healthy=wanted.healthy, expected_pods=wanted.pods,
        disruptions_allowed=allowed, disrupted_pods=waiting, observed_generation=budget.metadata.generation)
    verdict = ("True", "SufficientPods", "") if allowed else ("False", "InsufficientPods", "")
    return _with_condition(status, verdict, now)


def refused(budget: PodDisruptionBudget, why: str, now: datetime) -> PodDisruptionBudgetStatus:
    """Where nothing can be counted, nothing may go."""
    status = budget.status.replace(disruptions_allowed=0, observed_generation=budget.metadata.generation)
    return _with_condition(status, ("False", "SyncFailed", why), now)


def _is_healthy(pod: Pod) -> bool:
    return pod.metadata.deletion_timestamp is None and is_ready(pod)


def _with_condition(
    status: PodDisruptionBudgetStatus, verdict: tuple[str, str, str], now: datetime
) -> PodDisruptionBudgetStatus:
    kind, (value, reason, message) = "DisruptionAllowed", verdict
    old = next((c for c in status.conditions if c.type == kind), None)
    since = old.last_transition_time if old and old.status == value else now
    condition = Condition(
        type=kind, status=value, reason=reason, message=message, last_transition_time=since,
        observed_generation=status.observed_generation)
    return status.replace(conditions=(*(c for c in status.conditions if c is not old), condition))


# The effect.


class DisruptionController(Controller):
    """Keys are budgets."""

    name = "disruption"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        informers = ctx.informers
        self.budgets, self.pods = informers.informer(PodDisruptionBudget), informers.informer(Pod)
        self.known = {"ReplicaSet": informers.informer(ReplicaSet), "Deployment": informers.informer(Deployment)}
        self.own = OwnWrites(ctx.client, self.budgets)
        self.watches = ((self.budgets, own_key), (self.pods, self.keys_of_pod))

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """The budgets that the pod counts for, as it was or as it is."""
        pods = [pod for pod in (old, new) if pod is not None]
        return [
            key_of(budget) for budget in self.budgets.lister.list(pods[0].metadata.namespace)
            if any(_selects(budget, pod) for pod in pods)
        ]

    async def reconcile(self, key: str) -> float | None:
        budget = self.budgets.lister.get(*split_key(key))
        if budget is None:
            return None
        budget, now = self.own.newest(budget), self.ctx.clock.now()
        pods = [pod for pod in self.pods.lister.list(budget.metadata.namespace) if _selects(budget, pod)]
        try:
            status = status_of(budget, pods, await self._expected(budget, pods), now)
        except Uncountable as error:
            message = f"Failed to calculate the number of expected pods: {error}"
            self.ctx.events.record(budget, "Warning", "CalculateExpectedPodCountFailed", message)
            status = refused(budget, str(error), now)
        self._tell(budget, pods, status)
        if status != budget.status:
            # By revision: an eviction that was allowed meanwhile must not be forgotten.
            await self.own.update(budget.replace(status=status), status=True)
        return _next_look(status, now)

    def _tell(self, budget: PodDisruptionBudget, pods: Sequence[Pod], status: PodDisruptionBudgetStatus) -> None:
        if not pods:
            self.ctx.events.record(budget, "Normal", "NoPods", "No matching pods found")
        living = {pod.metadata.name: pod for pod in pods if pod.metadata.deletion_timestamp is None}
        for name in budget.status.disrupted_pods.keys() & living.keys() - status.disrupted_pods.keys():
            message = f"Pod was expected by PDB {key_of(budget)} to be deleted but it wasn't"
            self.ctx.events.record(living[name], "Warning", "NotDeleted", message)

    async def _expected(self, budget: PodDisruptionBudget, pods: Sequence[Pod]) -> Expected:
        if not is_relative(budget.spec):
            return expected(budget.spec, len(pods), ())
        managed = {ref.uid: ref for pod in pods if (ref := controller_of(pod)) is not None}
        if any(controller_of(pod) is None for pod in pods):
            message = _UNMANAGED.format(selector=from_label_selector(budget.spec.selector))
            self.ctx.events.record(budget, "Warning", "UnmanagedPods", message)
        scales = dict([await self._scale(ref, budget.metadata.namespace) for ref in managed.values()])
        return expected(budget.spec, len(pods), scales.values())

    async def _scale(self, owner: OwnerReference, namespace: str) -> tuple[str, int]:
        """(uid, replicas) of the topmost controller: the Deployment of a ReplicaSet stands for both."""
        if owner.kind not in self.known:
            return owner.uid, await self._asked_scale(owner, namespace)
        obj = self.known[owner.kind].lister.get(namespace, owner.name)
        if obj is None or obj.metadata.uid != owner.uid:
            raise Uncountable(f"the {owner.kind} {owner.name} of a pod is not known")
        if above := controller_of(obj):
            return await self._scale(above, namespace)
        return owner.uid, 1 if obj.spec.replicas is None else obj.spec.replicas

    async def _asked_scale(self, owner: OwnerReference, namespace: str) -> int:
        """Any kind with a `scale` can have pods of its own."""
        try:
            path = resource_of(owner).path(namespace, owner.name, "scale")
            scale = orjson.loads(await self.ctx.client.request("GET", path))
        except (NotRegistered, NotFound):
            raise Uncountable(f"{owner.kind}.{owner.api_version} does not implement the scale subresource") from None
        except ApiError as error:
            raise Uncountable(str(error)) from None
        return scale["spec"].get("replicas", 0)


def _selects(budget: PodDisruptionBudget, pod: Pod) -> bool:
    """An unreadable selector selects nothing."""
    try:
        return from_label_selector(budget.spec.selector).matches(pod.metadata.labels)
    except ApiError:
        return False


def _next_look(status: PodDisruptionBudgetStatus, now: datetime) -> float | None:
    """When the patience with the oldest pending eviction ends: nobody will tell us then."""
    if not status.disrupted_pods:
        return None
    return (min(status.disrupted_pods.values()) + DELETION_PATIENCE - now).total_seconds() + 0.1
