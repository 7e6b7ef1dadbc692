"""The Deployment controller: a replica set for each template, and a rolling change from one to the next.

Watches Deployments, ReplicaSets, Pods (for Recreate); writes ReplicaSets, Deployment status and revision, Events.
The decision is `plan`, made of rollout.py (sizes) and deployment_status.py (conditions).
In Kubernetes: pkg/controller/deployment. Left out: the rollback field that extensions/v1beta1 had.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from controllers import deployment_status as said
from controllers import rollout as ro
from controllers.expectations import EXPIRY_SECONDS, Expectations
from controllers.own_writes import OwnWrites
from controllers.ownership import CONTROLLED_BY, Claimer, candidates, claim, controller_of, index_by_owner
from controllers.pods import is_finished
from controllers.template_hash import same_template
from controllers.terminating import is_ending
from machinery.api.apps.v1 import Deployment, DeploymentStatus, ReplicaSet
from machinery.api.core.v1 import Pod
from machinery.api.errors import AlreadyExists, ApiError, NotFound
from machinery.api.labels import from_label_selector
from machinery.client.controller import Context, Controller, key_of, own_key, owner_key, split_key

log = logging.getLogger(__name__)


# The decision.


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: a new set, newer versions of sets (before, after), sets to delete, the deployment's own state."""

    status: DeploymentStatus
    create: ReplicaSet | None = None
    update: tuple[tuple[ReplicaSet, ReplicaSet], ...] = ()
    delete: tuple[ReplicaSet, ...] = ()
    revision: str = ""


def plan(deployment: Deployment, sets: Iterable[ReplicaSet], *, now: datetime, old_pods_running: bool = False) -> Plan:
    """The next step of this deployment."""
    seen = ro.sort_out(_pause_noted(deployment, now), sets)
    if deployment.metadata.deletion_timestamp:
        return Plan(status=said.counted(seen, now))
    rollout = ro.refreshed(seen)
    if deployment.spec.paused or ro.is_scaling(rollout):
        after = ro.scale(rollout)
        return _written(seen, after, said.counted(after, now), deployment)
    rollout = _new_found(rollout, now)
    if rollout.new is None and _new_may_start(rollout, old_pods_running=old_pods_running):
        return _with_new_set(rollout, now)
    after = (
        ro.rolling_update(rollout) if ro.is_rolling(deployment) else
        ro.recreate(rollout, old_pods_running=old_pods_running))
    return _written(seen, after, said.rolled(after, now), deployment)


def cleanable(rollout: ro.Rollout) -> tuple[ReplicaSet, ...]:
    """Old sets beyond revisionHistoryLimit, lowest revisions first, as far as they are empty and settled."""
    limit = rollout.deployment.spec.revision_history_limit
    alive = sorted((rs for rs in rollout.old if not rs.metadata.deletion_timestamp), key=ro.revision_number)
    if limit is None or len(alive) <= limit:
        return ()
    return tuple(rs for rs in alive[: len(alive) - limit] if _is_empty(rs))


def _written(seen: ro.Rollout, after: ro.Rollout, status: DeploymentStatus, deployment: Deployment) -> Plan:
    before = {rs.metadata.uid: rs for rs in seen.sets}
    changes = tuple((before[rs.metadata.uid], rs) for rs in after.sets if rs != before[rs.metadata.uid])
    settled = deployment.spec.paused or said.is_complete(deployment, deployment.status)
    return Plan(
        status=status,
        update=changes,
        delete=cleanable(after) if settled else (),
        revision=after.new.metadata.annotations.get(ro.REVISION, "") if after.new else "",
    )


def _with_new_set(rollout: ro.Rollout, now: datetime) -> Plan:
    new = ro.new_set(rollout)
    text = f'Created new replica set "{new.metadata.name}"'
    noted = _noted(rollout, "NewReplicaSetCreated", text, now)
    status = said.rolled(replace(noted, new=new), now)
    return Plan(status=status, create=new, revision=new.metadata.annotations[ro.REVISION])


def _new_may_start(rollout: ro.Rollout, *, old_pods_running: bool) -> bool:
    return ro.is_rolling(rollout.deployment) or not (ro.active(rollout.old) or old_pods_running)


def _new_found(rollout: ro.Rollout, now: datetime) -> ro.Rollout:
    if rollout.new is None or said.get(rollout.deployment.status.conditions, "Progressing"):
        return rollout
    return _noted(rollout, "FoundNewReplicaSet", f'Found new replica set "{rollout.new.metadata.name}"', now)


def _noted(rollout: ro.Rollout, reason: str, message: str, now: datetime) -> ro.Rollout:
    deployment = rollout.deployment
    status = said.with_set(deployment, deployment.status, reason, message, now=now)
    return replace(rollout, deployment=deployment.replace(status=status))


def _pause_noted(deployment: Deployment, now: datetime) -> Deployment:
    return deployment.replace(status=said.with_pause(deployment, deployment.status, now))


def _is_empty(rs: ReplicaSet) -> bool:
    settled = rs.metadata.generation <= rs.status.observed_generation
    return settled and not (rs.status.replicas or ro.size(rs))


# The effect.


class DeploymentController(Controller):
    """Keys are deployments."""

    name = "deployment"
    workers = 5

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.deployments = ctx.informers.informer(Deployment)
        self.sets, self.pods = ctx.informers.informer(ReplicaSet), ctx.informers.informer(Pod)
        index_by_owner(self.sets)
        index_by_owner(self.pods)
        self.claimer = Claimer(ctx.client)
        self.expectations = Expectations(self.sets, ctx.clock)
        self.own, self.own_sets = OwnWrites(ctx.client, self.deployments), OwnWrites(ctx.client, self.sets)
        self._of_owner = owner_key("Deployment")
        self.watches = (
            (self.deployments, own_key), (self.sets, self.keys_of_set), (self.pods, self.keys_of_pod))

    def keys_of_set(self, old: ReplicaSet | None, new: ReplicaSet | None) -> Iterable[str]:
        """The owner; for a set without one, every deployment that might adopt it."""
        keys = list(self._of_owner(old, new))
        if new is not None and controller_of(new) is None:
            keys += [
                key_of(deployment) for deployment in self.deployments.lister.list(new.metadata.namespace)
                if from_label_selector(deployment.spec.selector).matches(new.metadata.labels)
            ]
        return keys

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """Only the end of a pod matters, and only to a deployment that waits for it: one that recreates."""
        if old is None or (new is not None and not is_finished(new)):
            return ()
        ref = controller_of(old)
        rs = self.sets.lister.get(old.metadata.namespace, ref.name) if ref and ref.kind == "ReplicaSet" else None
        return [key for key in self._of_owner(None, rs) if self._recreates(key)] if rs else ()

    def _recreates(self, key: str) -> bool:
        deployment = self.deployments.lister.get(*split_key(key))
        return deployment is not None and not ro.is_rolling(deployment)

    async def reconcile(self, key: str) -> float | None:
        deployment = self.deployments.lister.get(*split_key(key))
        if deployment is None:
            self.expectations.forget(key)
            return None
        if not self.expectations.met(key):
            return EXPIRY_SECONDS
        deployment = self.own.newest(deployment)
        sets = await self._sets_of(deployment)
        now = self.ctx.clock.now()
        decided = plan(deployment, sets, now=now, old_pods_running=self._old_pods_running(deployment, sets))
        await self._carry_out(deployment, decided)
        return said.seconds_to_deadline(deployment, decided.status, now)

    async def _sets_of(self, deployment: Deployment) -> list[ReplicaSet]:
        known = [self.own_sets.newest(rs) for rs in candidates(self.sets, deployment)]
        return await self.claimer.fulfil(
            deployment, claim(deployment, from_label_selector(deployment.spec.selector), known))

    def _old_pods_running(self, deployment: Deployment, sets: list[ReplicaSet]) -> bool:
        old = ro.sort_out(deployment, sets).old
        pods = (pod for rs in old for pod in self.pods.lister.by_index(CONTROLLED_BY, rs.metadata.uid))
        return any(rs.status.replicas for rs in old) or any(not is_finished(pod) for pod in pods)

    async def _carry_out(self, deployment: Deployment, decided: Plan) -> None:
        if decided.create:
            await self._create(deployment, decided.create)
        for before, after in decided.update:
            await self._update(deployment, before, after)
        for rs in decided.delete:
            await self._delete(deployment, rs)
        if decided.revision and decided.revision != deployment.metadata.annotations.get(ro.REVISION):
            deployment = await self._note_revision(deployment, decided.revision)
        await self._write_status(deployment, decided.status)

    async def _create(self, deployment: Deployment, new: ReplicaSet) -> None:
        try:
            made = await self.ctx.client.create(new)
        except AlreadyExists:
            await self._meet(deployment, new)
            return
        except ApiError as error:
            if is_ending(error):
                return
            await self._report_failure(deployment, error)
            raise
        self.expectations.created(key_of(deployment), made)
        if ro.size(new):
            self._record(deployment, f"Scaled up replica set {new.metadata.name} from 0 to {ro.size(new)}")

    async def _meet(self, deployment: Deployment, new: ReplicaSet) -> None:
        """A set of this name exists: ours, which our copy had not shown yet, or one of another template."""
        meta = new.metadata
        known = await self.ctx.client.get(ReplicaSet, meta.name, meta.namespace)
        ref = controller_of(known)
        mine = ref is not None and ref.uid == deployment.metadata.uid
        if mine and same_template(known.spec.template, deployment.spec.template):
            self.expectations.created(key_of(deployment), known)
            return
        count = (deployment.status.collision_count or 0) + 1
        log.info("deployment %s: hash collision with %s: counting %d", key_of(deployment), meta.name, count)
        await self._write_status(deployment, deployment.status.replace(collision_count=count))
        raise AlreadyExists("replicasets", meta.name, group="apps")

    async def _report_failure(self, deployment: Deployment, error: ApiError) -> None:
        text = f'Failed to create new replica set "{deployment.metadata.name}": {error}'
        status = said.with_set(
            deployment, deployment.status, "ReplicaSetCreateError", text, now=self.ctx.clock.now())
        self.ctx.events.record(deployment, "Warning", "ReplicaSetCreateError", text)
        await self._write_status(deployment, status)

    async def _update(self, deployment: Deployment, before: ReplicaSet, after: ReplicaSet) -> None:
        changed = await self.own_sets.patch(before, after)
        old, new = ro.size(before), ro.size(after)
        if changed and old != new:
            direction = "up" if new > old else "down"
            self._record(deployment, f"Scaled {direction} replica set {after.metadata.name} from {old} to {new}")

    async def _delete(self, deployment: Deployment, rs: ReplicaSet) -> None:
        try:
            await self.ctx.client.delete(ReplicaSet, rs.metadata.name, rs.metadata.namespace, uid=rs.metadata.uid)
        except NotFound:
            return
        self.expectations.deleted(key_of(deployment), rs)

    async def _note_revision(self, deployment: Deployment, revision: str) -> Deployment:
        meta = deployment.metadata
        noted = meta.replace(annotations=meta.annotations | {ro.REVISION: revision})
        return await self.own.patch(deployment, deployment.replace(metadata=noted)) or deployment

    async def _write_status(self, deployment: Deployment, status: DeploymentStatus) -> None:
        if status != deployment.status:
            await self.own.patch(deployment, deployment.replace(status=status), subresource="status")

    def _record(self, deployment: Deployment, message: str) -> None:
        log.info("deployment %s: %s", key_of(deployment), message)
        self.ctx.events.record(deployment, "Normal", "ScalingReplicaSet", message)
