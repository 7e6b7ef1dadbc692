"""What a Deployment says of itself: counts, Available, Progressing, ReplicaFailure.

Pure. In Kubernetes: pkg/controller/deployment/{progress,sync}.go. The order of conditions is theirs too: a condition
that changed moves to the end, and `kubectl describe` shows it there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controllers.rollout import Rollout, max_unavailable, total
from machinery.api.apps.v1 import Deployment, DeploymentCondition, DeploymentStatus

Conditions = tuple[DeploymentCondition, ...]


def get(conditions: Conditions, type_: str) -> DeploymentCondition | None:
    """The condition of this type."""
    return next((c for c in conditions if c.type == type_), None)


def put(conditions: Conditions, new: DeploymentCondition) -> Conditions:
    """Replace the condition of the same type; the same status and reason again is no news."""
    old = get(conditions, new.type)
    if old and (old.status, old.reason) == (new.status, new.reason):
        return conditions
    if old and old.status == new.status:
        new = new.replace(last_transition_time=old.last_transition_time)
    return (*without(conditions, new.type), new)


def without(conditions: Conditions, type_: str) -> Conditions:
    """The others."""
    return tuple(c for c in conditions if c.type != type_)


def has_deadline(deployment: Deployment) -> bool:
    """Without progressDeadlineSeconds (or with the largest number) progress is not judged."""
    return deployment.spec.progress_deadline_seconds not in (None, 2**31 - 1)


def counted(rollout: Rollout, now: datetime) -> DeploymentStatus:
    """Numbers, and whether enough is available."""
    deployment, sets = rollout.deployment, rollout.sets
    ready = sum(rs.status.available_replicas for rs in sets)
    status = deployment.status.replace(
        observed_generation=deployment.metadata.generation,
        replicas=sum(rs.status.replicas for rs in sets),
        updated_replicas=rollout.new.status.replicas if rollout.new else 0,
        ready_replicas=sum(rs.status.ready_replicas for rs in sets),
        available_replicas=ready,
        unavailable_replicas=max(total(sets) - ready, 0),
    )
    enough = ready >= rollout.wanted - max_unavailable(deployment)
    new = _condition("Available", now, *(
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.") if enough else
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")))
    return status.replace(conditions=put(status.conditions, new))


def rolled(rollout: Rollout, now: datetime) -> DeploymentStatus:
    """As `counted`, and how the rollout goes."""
    status = counted(rollout, now)
    conditions = status.conditions
    if not has_deadline(rollout.deployment):
        conditions = without(conditions, "Progressing")
    elif not _finished_before(status):
        conditions = _progress(rollout, status, now)
    return status.replace(conditions=_failures(rollout, conditions))


def paused(rollout: Rollout, now: datetime) -> DeploymentStatus:
    """As `counted`, and that it is paused, or resumed."""
    return with_pause(rollout.deployment, counted(rollout, now), now)


def with_pause(deployment: Deployment, status: DeploymentStatus, now: datetime) -> DeploymentStatus:
    """Note a pause or its end in the Progressing condition."""
    current = get(status.conditions, "Progressing")
    noted = bool(current and current.reason == "DeploymentPaused")
    late = bool(current and current.reason == "ProgressDeadlineExceeded")
    if not has_deadline(deployment) or late or noted == deployment.spec.paused:
        return status
    new = _condition("Progressing", now, *(
        ("Unknown", "DeploymentPaused", "Deployment is paused") if deployment.spec.paused else
        ("Unknown", "DeploymentResumed", "Deployment is resumed")))
    return status.replace(conditions=put(status.conditions, new))


def with_set(deployment: Deployment, status: DeploymentStatus, reason: str, message: str, *, now: datetime
             ) -> DeploymentStatus:
    """Note that the new replica set was made, found, or could not be made."""
    if not has_deadline(deployment):
        return status
    verdict = "False" if reason == "ReplicaSetCreateError" else "True"
    new = _condition("Progressing", now, verdict, reason, message)
    return status.replace(conditions=put(status.conditions, new))


def is_complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Everything is new, nothing is old, all of it is available."""
    wanted = 1 if deployment.spec.replicas is None else deployment.spec.replicas
    return (
        status.updated_replicas == status.replicas == status.available_replicas == wanted
        and status.observed_generation >= deployment.metadata.generation
    )


def seconds_to_deadline(deployment: Deployment, status: DeploymentStatus, now: datetime) -> float | None:
    """When to look again, if nothing happens before, because then the rollout is late."""
    current = get(status.conditions, "Progressing")
    if not has_deadline(deployment) or not current or deployment.spec.paused or is_complete(deployment, status):
        return None
    if current.reason in ("ProgressDeadlineExceeded", "NewReplicaSetAvailable"):
        return None
    return max((_deadline(deployment, current) - now).total_seconds(), 0) + 1


def _progress(rollout: Rollout, status: DeploymentStatus, now: datetime) -> Conditions:
    deployment, current = rollout.deployment, get(status.conditions, "Progressing")
    name = f'ReplicaSet "{rollout.new.metadata.name}"' if rollout.new else f'Deployment "{deployment.metadata.name}"'
    if is_complete(deployment, status):
        message = f"{name} has successfully progressed."
        return put(status.conditions, _condition("Progressing", now, "True", "NewReplicaSetAvailable", message))
    if _has_moved(deployment.status, status):
        new = _condition("Progressing", now, "True", "ReplicaSetUpdated", f"{name} is progressing.")
        if current and current.status == "True":
            new = new.replace(last_transition_time=current.last_transition_time)
        return (*without(status.conditions, "Progressing"), new)
    if current and _is_late(deployment, current, now):
        message = f"{name} has timed out progressing."
        return put(status.conditions, _condition("Progressing", now, "False", "ProgressDeadlineExceeded", message))
    return status.conditions


def _finished_before(status: DeploymentStatus) -> bool:
    """Once it was complete, losing pods is not a failure to progress."""
    current = get(status.conditions, "Progressing")
    return bool(
        current and current.reason == "NewReplicaSetAvailable" and status.replicas == status.updated_replicas)


def _has_moved(old: DeploymentStatus, new: DeploymentStatus) -> bool:
    return (
        new.updated_replicas > old.updated_replicas
        or new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        or new.ready_replicas > old.ready_replicas
        or new.available_replicas > old.available_replicas
    )


def _is_late(deployment: Deployment, current: DeploymentCondition, now: datetime) -> bool:
    if current.reason == "NewReplicaSetAvailable":
        return False
    return current.reason == "ProgressDeadlineExceeded" or _deadline(deployment, current) < now


def _deadline(deployment: Deployment, current: DeploymentCondition) -> datetime:
    since = current.last_update_time or current.last_transition_time or deployment.metadata.creation_timestamp
    return since + timedelta(seconds=deployment.spec.progress_deadline_seconds)


def _failures(rollout: Rollout, conditions: Conditions) -> Conditions:
    """The first trouble that a replica set (the new one before all) has with its pods."""
    sets = (rollout.new, *rollout.old) if rollout.new else rollout.old
    failure = next((c for rs in sets for c in rs.status.conditions if c.type == "ReplicaFailure"), None)
    if failure is None:
        return without(conditions, "ReplicaFailure")
    return put(conditions, DeploymentCondition(
        type="ReplicaFailure", status=failure.status, reason=failure.reason, message=failure.message,
        last_update_time=failure.last_transition_time, last_transition_time=failure.last_transition_time))


def _condition(type_: str, now: datetime, *said: str) -> DeploymentCondition:
    status, reason, message = said
    return DeploymentCondition(
        type=type_, status=status, reason=reason, message=message, last_update_time=now, last_transition_time=now)
