"""Rollouts: which replica set should have how many replicas, now.

Pure. A Rollout is a Deployment with its replica sets sorted out; every function answers with a newer Rollout in
which replica sets were changed. deployment.py writes the differences.
In Kubernetes: pkg/controller/deployment/{rolling,recreate,sync}.go and util/deployment_util.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from controllers.ownership import owned_by
from controllers.template_hash import LABEL, same_template, template_hash
from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.intstr import scaled_value
from machinery.api.meta.v1 import ObjectMeta

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = (
    "kubectl.kubernetes.io/last-applied-configuration", REVISION, REVISION_HISTORY, DESIRED, MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
)


@dataclass(frozen=True, slots=True)
class Rollout:
    """new: the replica set of the current template, if there is one. old: the others, oldest first."""

    deployment: Deployment
    new: ReplicaSet | None
    old: tuple[ReplicaSet, ...]

    @property
    def sets(self) -> tuple[ReplicaSet, ...]:
        """All of them."""
        return (*self.old, self.new) if self.new else self.old

    @property
    def wanted(self) -> int:
        """`spec.replicas` of the deployment."""
        return wanted_of(self.deployment)

    def changed(self, *sets: ReplicaSet) -> Rollout:
        """The same rollout with newer versions of some replica sets."""
        newer = {rs.metadata.uid: rs for rs in sets}
        new = self.new and newer.get(self.new.metadata.uid, self.new)
        return replace(self, new=new, old=tuple(newer.get(rs.metadata.uid, rs) for rs in self.old))


def sort_out(deployment: Deployment, sets: Iterable[ReplicaSet]) -> Rollout:
    """The new one is the oldest whose template is the deployment's: so going back finds the set of that time."""
    by_age = sorted(sets, key=age)
    new = next((rs for rs in by_age if same_template(rs.spec.template, deployment.spec.template)), None)
    return Rollout(deployment, new, tuple(rs for rs in by_age if rs is not new))


def age(rs: ReplicaSet) -> tuple:
    """Sorts oldest first; names decide between sets of one second."""
    created = rs.metadata.creation_timestamp
    return (created.timestamp() if created else 0.0, rs.metadata.name)


# Sizes and limits.


def wanted_of(deployment: Deployment) -> int:
    """How many pods the deployment wants; one by default."""
    return 1 if deployment.spec.replicas is None else deployment.spec.replicas


def size(rs: ReplicaSet) -> int:
    """How many pods the replica set was told to have."""
    return 1 if rs.spec.replicas is None else rs.spec.replicas


def total(sets: Iterable[ReplicaSet]) -> int:
    """Pods that the sets were told to have together."""
    return sum(size(rs) for rs in sets)


def staying(sets: Iterable[ReplicaSet]) -> int:
    """Available pods that were not given up: a set that was told to shrink still counts those that it has to delete."""
    return sum(min(rs.status.available_replicas, size(rs)) for rs in sets)


def active(sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Those that should have pods."""
    return [rs for rs in sets if size(rs) > 0]


def is_rolling(deployment: Deployment) -> bool:
    """RollingUpdate is the default strategy."""
    return deployment.spec.strategy.type != "Recreate"


def fenceposts(deployment: Deployment) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) as numbers: percentages round up and down; both zero would never move."""
    rolling = deployment.spec.strategy.rolling_update
    given_surge = "25%" if rolling is None or rolling.max_surge is None else rolling.max_surge
    given_unavailable = "25%" if rolling is None or rolling.max_unavailable is None else rolling.max_unavailable
    surge = scaled_value(given_surge, wanted_of(deployment), True)
    unavailable = scaled_value(given_unavailable, wanted_of(deployment), False)
    return (surge, unavailable) if surge or unavailable else (0, 1)


def max_surge(deployment: Deployment) -> int:
    """How many pods more than wanted there may be."""
    return fenceposts(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Deployment) -> int:
    """How many pods fewer than wanted may be available."""
    if not is_rolling(deployment):
        return 0
    return min(fenceposts(deployment)[1], wanted_of(deployment))


# Changes to replica sets.


def with_size(rs: ReplicaSet, replicas: int, deployment: Deployment) -> ReplicaSet:
    """The set told to have so many pods, remembering of how many that is a share."""
    notes = {DESIRED: str(wanted_of(deployment)), MAX_REPLICAS: str(wanted_of(deployment) + max_surge(deployment))}
    annotations = rs.metadata.annotations | notes
    return rs.replace(
        metadata=rs.metadata.replace(annotations=annotations), spec=rs.spec.replace(replicas=replicas))


def new_set(rollout: Rollout) -> ReplicaSet:
    """The replica set that the current template asks for."""
    deployment = rollout.deployment
    spec = deployment.spec
    hashed = {LABEL: template_hash(spec.template, deployment.status.collision_count)}
    template_meta = spec.template.metadata
    labels = template_meta.labels | hashed
    selector = spec.selector.replace(match_labels=spec.selector.match_labels | hashed)
    template = spec.template.replace(metadata=template_meta.replace(labels=labels))
    rs = ReplicaSet(
        metadata=ObjectMeta(
            name=f"{deployment.metadata.name}-{hashed[LABEL]}", namespace=deployment.metadata.namespace,
            labels=labels, annotations=copied_annotations(deployment) | {REVISION: next_revision(rollout)},
            owner_references=(owned_by(deployment),),
        ),
        spec=ReplicaSet().spec.replace(
            replicas=0, min_ready_seconds=spec.min_ready_seconds, selector=selector, template=template),
    )
    return with_size(rs, room_for_new(rollout), deployment)


def refreshed(rollout: Rollout) -> Rollout:
    """The existing new set with the annotations, minReadySeconds and revision that it should have."""
    rs = rollout.new
    if rs is None:
        return rollout
    annotations = rs.metadata.annotations | copied_annotations(rollout.deployment)
    revision, before = next_revision(rollout), annotations.get(REVISION, "")
    if revision_number(rs) < int(revision):
        annotations[REVISION] = revision
        if before:
            history = annotations.get(REVISION_HISTORY, "")
            annotations[REVISION_HISTORY] = f"{history},{before}" if history else before
    spec = rs.spec.replace(min_ready_seconds=rollout.deployment.spec.min_ready_seconds)
    return rollout.changed(rs.replace(metadata=rs.metadata.replace(annotations=annotations), spec=spec))


def copied_annotations(deployment: Deployment) -> dict[str, str]:
    """What the deployment's annotations tell its replica sets too, such as the cause of the change."""
    return {name: value for name, value in deployment.metadata.annotations.items() if name not in NOT_COPIED}


def revision_number(rs: ReplicaSet) -> int:
    """The revision that a set was last the newest of; 0 where none is written."""
    text = rs.metadata.annotations.get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def next_revision(rollout: Rollout) -> str:
    """One more than any old set has."""
    return str(max(map(revision_number, rollout.old), default=0) + 1)


def room_for_new(rollout: Rollout) -> int:
    """How large the new set may be now: what is wanted, within maxSurge of all sets together."""
    have = size(rollout.new) if rollout.new else 0
    if not is_rolling(rollout.deployment):
        return rollout.wanted
    room = rollout.wanted + max_surge(rollout.deployment) - total(rollout.sets)
    return have if room <= 0 else have + min(room, rollout.wanted - have)


# The strategies: each takes the next step that is due, or none.


def recreate(rollout: Rollout, *, old_pods_running: bool) -> Rollout:
    """All old ones away, and only when they are really gone, the new one up."""
    if active(rollout.old):
        return _old_to_zero(rollout)
    if old_pods_running or rollout.new is None or size(rollout.new) == rollout.wanted:
        return rollout
    return rollout.changed(with_size(rollout.new, rollout.wanted, rollout.deployment))


def rolling_update(rollout: Rollout) -> Rollout:
    """The new one up as far as the surge allows; else the old ones down as far as availability allows."""
    grown = _grow_new(rollout)
    return grown if grown != rollout else _shrink_old(rollout)


def _grow_new(rollout: Rollout) -> Rollout:
    new, wanted = rollout.new, rollout.wanted
    if new is None or size(new) == wanted:
        return rollout
    target = wanted if size(new) > wanted else room_for_new(rollout)
    return rollout if target == size(new) else rollout.changed(with_size(new, target, rollout.deployment))


def _shrink_old(rollout: Rollout) -> Rollout:
    """First pods that serve nobody anyway, then available ones while enough others are."""
    minimum = rollout.wanted - max_unavailable(rollout.deployment)
    new_unavailable = size(rollout.new) - staying([rollout.new]) if rollout.new else 0
    budget = total(rollout.sets) - minimum - new_unavailable
    if budget <= 0 or not active(rollout.old):
        return rollout
    rollout = _take(rollout, budget, lambda rs: size(rs) - staying([rs]))
    return _take(rollout, staying(rollout.sets) - minimum, size)


def _take(rollout: Rollout, budget: int, takeable: Callable[[ReplicaSet], int]) -> Rollout:
    """Take up to `budget` pods from old sets, oldest first."""
    for rs in rollout.old:
        count = min(budget, takeable(rs))
        if count > 0 and size(rs) > 0:
            rollout = rollout.changed(with_size(rs, size(rs) - count, rollout.deployment))
            budget -= count
    return rollout


def _old_to_zero(rollout: Rollout) -> Rollout:
    return rollout.changed(*(with_size(rs, 0, rollout.deployment) for rs in active(rollout.old)))


# Scaling, which is not a rollout.


def is_scaling(rollout: Rollout) -> bool:
    """Whether the wanted number changed since the sets were last sized."""
    notes = (rs.metadata.annotations.get(DESIRED) for rs in active(rollout.sets))
    return any(note is not None and note != str(rollout.wanted) for note in notes)


def scale(rollout: Rollout) -> Rollout:
    """Give the only set all; end a finished rollout; else share the difference in proportion to the sizes."""
    only = _only_set(rollout)
    if only is not None:
        return rollout.changed(with_size(only, rollout.wanted, rollout.deployment))
    if _saturated(rollout):
        return _old_to_zero(rollout)
    return _proportionally(rollout) if is_rolling(rollout.deployment) else rollout


def _only_set(rollout: Rollout) -> ReplicaSet | None:
    """The one set with pods; with none at all, the newest."""
    alive = active(rollout.sets)
    if not alive and rollout.sets:
        return rollout.sets[-1]
    return alive[0] if len(alive) == 1 else None


def _saturated(rollout: Rollout) -> bool:
    """The new set is complete by itself."""
    new, wanted = rollout.new, rollout.wanted
    if new is None:
        return False
    noted = new.metadata.annotations.get(DESIRED)
    return size(new) == wanted == new.status.available_replicas and noted == str(wanted)


def _proportionally(rollout: Rollout) -> Rollout:
    deployment = rollout.deployment
    allowed = rollout.wanted + max_surge(deployment) if rollout.wanted else 0
    alive = active(rollout.sets)
    to_add = allowed - total(alive)
    newest_first = sorted(alive, key=age, reverse=True)
    # The larger set changes more; among equals the newer grows and the older shrinks.
    order = sorted(newest_first if to_add > 0 else newest_first[::-1], key=size, reverse=True)
    sizes, added = {}, 0
    for rs in order:
        share = _share(rs, rollout, to_add - added) if to_add else 0
        sizes[rs.metadata.uid] = size(rs) + share
        added += share
    if order and to_add:
        first = order[0].metadata.uid
        sizes[first] = max(sizes[first] + to_add - added, 0)
    return rollout.changed(*(with_size(rs, sizes[rs.metadata.uid], deployment) for rs in order))


def _share(rs: ReplicaSet, rollout: Rollout, allowed: int) -> int:
    """The part of the change that is this set's due, never past what is left to share."""
    due = _fraction(rs, rollout)
    return min(due, allowed) if allowed > 0 else max(due, allowed)


def _fraction(rs: ReplicaSet, rollout: Rollout) -> int:
    deployment = rollout.deployment
    if rollout.wanted == 0:
        return -size(rs)
    noted = rs.metadata.annotations.get(MAX_REPLICAS, "")
    before = int(noted) if noted.isdigit() else deployment.status.replicas
    if not before:
        return 0
    after = rollout.wanted + max_surge(deployment)
    return int(size(rs) * after / before + 0.5) - size(rs)
