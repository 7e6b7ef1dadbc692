"""The four stages of a pod on this node, one transition function, one line of log for each step.

    syncing -> terminating -> terminated -> finished

* syncing: make it so. terminating: its containers are being stopped. terminated: nothing runs, the ends are
  still readable (status, logs). finished: nothing is left, the worker goes home.
* A pod never goes back: a pod that ended is not started again under the same UID.
Real Kubernetes: pod_workers.go (podSyncStatus).
"""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)


class Stage(enum.Enum):
    SYNCING = "syncing"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FINISHED = "finished"


@dataclass(frozen=True)
class Facts:
    """What the transition looks at."""

    gone: bool = False
    """The API no longer has the pod."""
    deleted: bool = False
    """deletionTimestamp is set."""
    grace: int = 30
    over: str = ""
    """Why the pod has had its time although nobody deleted it, if so."""
    stopped: bool = False
    """No container of it runs."""
    cleaned: bool = False
    """Nothing of it is left on the node."""


def _ending(facts: Facts) -> str:
    if facts.gone:
        return "gone from the API"
    if facts.deleted:
        return f"deletionTimestamp set, grace {facts.grace}s"
    return facts.over


def transition(stage: Stage, facts: Facts) -> tuple[Stage, str]:
    """The next stage and why; the same stage and no reason where nothing changes."""
    if stage is Stage.SYNCING and (why := _ending(facts)):
        return Stage.TERMINATING, why
    if stage is Stage.TERMINATING and facts.stopped:
        return Stage.TERMINATED, "no container runs"
    if stage is Stage.TERMINATED and facts.cleaned:
        return Stage.FINISHED, "nothing is left on the node"
    return stage, ""


def log_transition(key: str, before: Stage, after: Stage, why: str) -> None:
    log.info("pod %s %s -> %s: %s", key, before.value, after.value, why)
