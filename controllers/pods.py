"""What a controller wants to know of a pod: is it ready, is it available, does it still count?

Pure. In Kubernetes: pkg/api/v1/pod and pkg/controller/controller_utils.go.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from machinery.api.core.v1 import Pod, PodCondition

FINISHED = ("Succeeded", "Failed")


def condition(pod: Pod, type_: str) -> PodCondition | None:
    """The pod's condition of this type."""
    return next((c for c in pod.status.conditions if c.type == type_), None)


def is_ready(pod: Pod) -> bool:
    """The kubelet says that it can serve."""
    ready = condition(pod, "Ready")
    return bool(ready and ready.status == "True")


def is_finished(pod: Pod) -> bool:
    """All its containers have ended for good."""
    return pod.status.phase in FINISHED


def is_active(pod: Pod) -> bool:
    """It runs, or will: neither finished nor on its way out."""
    return not is_finished(pod) and pod.metadata.deletion_timestamp is None


def available_at(pod: Pod, min_ready_seconds: int) -> datetime | None:
    """Since when, or from when on, a ready pod counts as available; None while it is not ready."""
    ready = condition(pod, "Ready")
    if not ready or ready.status != "True":
        return None
    since = ready.last_transition_time or pod.metadata.creation_timestamp
    return since + timedelta(seconds=min_ready_seconds) if since else None


def is_available(pod: Pod, min_ready_seconds: int, now: datetime) -> bool:
    """Ready, and has been for long enough."""
    if not min_ready_seconds:
        return is_ready(pod)
    since = available_at(pod, min_ready_seconds)
    return since is not None and since <= now
