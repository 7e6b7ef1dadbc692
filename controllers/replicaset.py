"""The ReplicaSet controller: as many pods as `spec.replicas` says, whatever happens to them.

Watches ReplicaSets and Pods; writes Pods (create, delete, ownerReferences), ReplicaSet status, Events.
In Kubernetes: pkg/controller/replicaset. Here the ReplicationController is served by the same code
(replication_controller.py); there too. Left out: terminatingReplicas (a feature gate of 1.33).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controllers.batches import slow_start
from controllers.expectations import EXPIRY_SECONDS, Expectations
from controllers.own_writes import OwnWrites
from controllers.ownership import Claimer, candidates, claim, controller_of, index_by_owner, owned_by
from controllers.pods import available_at, is_active, is_available, is_ready
from controllers.terminating import is_ending
from machinery.api.apps.v1 import ReplicaSet, ReplicaSetCondition, ReplicaSetStatus
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError, Conflict, NotFound
from machinery.api.labels import Selector, from_label_selector
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.controller import Context, Controller, key_of, own_key, owner_key, split_key

log = logging.getLogger(__name__)

BURST = 500
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
PHASE_RANK = {"Pending": 0, "Unknown": 1, "Running": 2}


# The decision.


@dataclass(frozen=True, slots=True)
class Plan:
    """How many pods to make, and which ones to delete (never both)."""

    create: int = 0
    delete: tuple[Pod, ...] = ()


def plan(wanted: int, pods: Sequence[Pod], now: datetime, *, related: Iterable[Pod] = ()) -> Plan:
    """Compare the active pods with the number that is wanted. related: pods of sibling sets, for spreading."""
    surplus = len(pods) - wanted
    if surplus <= 0:
        return Plan(create=min(-surplus, BURST))
    crowds = Counter(pod.spec.node_name for pod in (*pods, *related) if is_active(pod) and pod.spec.node_name)
    ranked = sorted(pods, key=lambda pod: deletion_rank(pod, crowds[pod.spec.node_name], now))
    return Plan(delete=tuple(ranked[: min(surplus, BURST)]))


def deletion_rank(pod: Pod, crowd: int, now: datetime) -> tuple:
    """The smaller, the sooner it goes: not assigned, not started, not ready, cheap, crowded, young ones first.

    Ages count by orders of magnitude, so that pods of about one age are chosen without favour (by uid).
    """
    ready_since = available_at(pod, 0) if is_ready(pod) else None
    restarts = max((status.restart_count for status in pod.status.container_statuses), default=0)
    return (
        bool(pod.spec.node_name),
        PHASE_RANK.get(pod.status.phase, 0),
        is_ready(pod),
        deletion_cost(pod),
        -crowd,
        _magnitude(ready_since, now),
        -restarts,
        _magnitude(pod.metadata.creation_timestamp, now),
        pod.metadata.uid,
    )


def deletion_cost(pod: Pod) -> int:
    """What the user says about the price of losing this pod."""
    try:
        return int(pod.metadata.annotations.get(DELETION_COST, "0"))
    except ValueError:
        return 0


def _magnitude(moment: datetime | None, now: datetime) -> int:
    """The age in powers of two of seconds; unknown ages count as youngest."""
    return max(int((now - moment).total_seconds()), 0).bit_length() if moment else -1


def status_of(owner: ReplicaSet, pods: Sequence[Pod], *, now: datetime, failure: ApiError | None,
              condition: type = ReplicaSetCondition) -> ReplicaSetStatus:
    """Count the pods that it has. condition: the class in which the owner's kind says trouble."""
    spec = owner.spec
    template_labels = spec.template.metadata.labels.items()
    return owner.status.replace(
        replicas=len(pods),
        fully_labeled_replicas=sum(template_labels <= pod.metadata.labels.items() for pod in pods),
        ready_replicas=sum(is_ready(pod) for pod in pods),
        available_replicas=sum(is_available(pod, spec.min_ready_seconds, now) for pod in pods),
        observed_generation=owner.metadata.generation,
        conditions=_conditions(owner, None if failure is None else condition(
            type="ReplicaFailure", status="True", last_transition_time=now, message=str(failure),
            reason="FailedCreate" if len(pods) < wanted_of(owner) else "FailedDelete")),
    )


def _conditions(owner: ReplicaSet, trouble: ReplicaSetCondition | None) -> tuple[ReplicaSetCondition, ...]:
    """Only one is known: ReplicaFailure, there while pods cannot be made or deleted."""
    old = next((c for c in owner.status.conditions if c.type == "ReplicaFailure"), None)
    if trouble and old and old.reason == trouble.reason:
        return owner.status.conditions
    others = tuple(c for c in owner.status.conditions if c is not old)
    return (*others, trouble) if trouble else others


def wanted_of(owner: ReplicaSet) -> int:
    """`spec.replicas`, which defaults to one."""
    return 1 if owner.spec.replicas is None else owner.spec.replicas


def seconds_to_available(pods: Iterable[Pod], min_ready_seconds: int, now: datetime) -> float | None:
    """When the next ready pod becomes available: nobody will tell us then."""
    moments = (available_at(pod, min_ready_seconds) for pod in pods)
    waits = [(moment - now).total_seconds() for moment in moments if moment and moment > now]
    return min(waits) + 0.001 if waits else None


def pod_from(owner: Any) -> Pod:
    """A new pod of the owner's template; the API gives it its name."""
    template = owner.spec.template
    meta = template.metadata
    return Pod(
        metadata=ObjectMeta(
            generate_name=f"{owner.metadata.name}-", namespace=owner.metadata.namespace, labels=meta.labels,
            annotations=meta.annotations, finalizers=meta.finalizers, owner_references=(owned_by(owner),),
        ),
        spec=template.spec,
    )


# The effect.


class ReplicaSetController(Controller):
    """Keys are replica sets."""

    name = "replicaset"
    workers = 5
    kind: type = ReplicaSet
    condition: type = ReplicaSetCondition

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.owners, self.pods = ctx.informers.informer(self.kind), ctx.informers.informer(Pod)
        index_by_owner(self.owners)
        index_by_owner(self.pods)
        self.claimer = Claimer(ctx.client)
        self.expectations = Expectations(self.pods, ctx.clock)
        self.own = OwnWrites(ctx.client, self.owners)
        self._of_owner = owner_key(self.kind.__name__)
        self.watches = ((self.owners, own_key), (self.pods, self.keys_of_pod))

    @staticmethod
    def selector_of(owner: Any) -> Selector:
        """Which pods it may have."""
        return from_label_selector(owner.spec.selector)

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """The owner; for a pod without one, everybody who might adopt it."""
        keys = list(self._of_owner(old, new))
        if new is not None and controller_of(new) is None and (old is None or _relabelled(old, new)):
            keys += [
                key_of(owner) for owner in self.owners.lister.list(new.metadata.namespace)
                if self.selector_of(owner).matches(new.metadata.labels)
            ]
        return keys

    async def reconcile(self, key: str) -> float | None:
        owner = self.owners.lister.get(*split_key(key))
        if owner is None:
            self.expectations.forget(key)
            return None
        owner = self.own.newest(owner)
        found = [pod for pod in candidates(self.pods, owner) if is_active(pod)]
        up_to_date = self.expectations.met(key)
        pods = await self.claimer.fulfil(owner, claim(owner, self.selector_of(owner), found))
        failure = None
        if up_to_date and owner.metadata.deletion_timestamp is None:
            failure = await self._carry_out(key, owner, self._plan(owner, pods))
        await self._write_status(owner, pods, failure)
        if failure:
            raise failure
        soon = seconds_to_available(pods, owner.spec.min_ready_seconds, self.ctx.clock.now())
        return soon if up_to_date else EXPIRY_SECONDS

    def _plan(self, owner: Any, pods: list[Pod]) -> Plan:
        decided = plan(wanted_of(owner), pods, self.ctx.clock.now(), related=self._related(owner))
        if decided != Plan():
            log.info("%s %s: %d of %d pods: create %d, delete %d", self.name, key_of(owner), len(pods),
                     wanted_of(owner), decided.create, len(decided.delete))
        return decided

    def _related(self, owner: Any) -> list[Pod]:
        """Pods of the other sets of the same Deployment."""
        parent = controller_of(owner)
        siblings = self.owners.lister.by_index("controlled-by", parent.uid) if parent else []
        others = (set_ for set_ in siblings if set_.metadata.uid != owner.metadata.uid)
        return [pod for set_ in others for pod in self.pods.lister.by_index("controlled-by", set_.metadata.uid)]

    async def _carry_out(self, key: str, owner: Any, decided: Plan) -> ApiError | None:
        new = pod_from(owner) if decided.create else None
        failure = await slow_start(decided.create, lambda: self._create(key, owner, new))
        results = await asyncio.gather(*(self._delete(key, owner, pod) for pod in decided.delete))
        return failure or next((result for result in results if result), None)

    async def _create(self, key: str, owner: Any, pod: Pod) -> None:
        try:
            made = await self.ctx.client.create(pod)
        except ApiError as error:
            if is_ending(error):
                return
            self.ctx.events.record(owner, "Warning", "FailedCreate", f"Error creating: {error}")
            raise
        self.expectations.created(key, made)
        self.ctx.events.record(owner, "Normal", "SuccessfulCreate", f"Created pod: {made.metadata.name}")

    async def _delete(self, key: str, owner: Any, pod: Pod) -> ApiError | None:
        meta = pod.metadata
        try:
            await self.ctx.client.delete(Pod, meta.name, meta.namespace, uid=meta.uid)
        except (NotFound, Conflict):
            return None
        except ApiError as error:
            self.ctx.events.record(owner, "Warning", "FailedDelete", f"Error deleting: {error}")
            return error
        self.expectations.deleted(key, pod)
        self.ctx.events.record(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {meta.name}")
        return None

    async def _write_status(self, owner: Any, pods: list[Pod], failure: ApiError | None) -> None:
        now = self.ctx.clock.now()
        status = status_of(owner, pods, now=now, failure=failure, condition=self.condition)
        if status != owner.status:
            await self.own.patch(owner, owner.replace(status=status), subresource="status")


def _relabelled(old: Pod, new: Pod) -> bool:
    return old.metadata.labels != new.metadata.labels or controller_of(old) != controller_of(new)
