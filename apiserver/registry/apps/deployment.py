"""Deployment: a ReplicaSet per version of a template, rolled over. Real Kubernetes: pkg/registry/apps/deployment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.cells import container_cells, selector_cell
from apiserver.registry.core.template_validation import (
    lasting_errors,
    mismatch_errors,
    selector_errors,
    template_errors,
)
from apiserver.registry.field_checks import amount_errors, is_zero, not_above, not_decremented, not_negative, unchanged
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.apps.v1 import Deployment, DeploymentSpec
from machinery.api.apps.v1 import DeploymentStrategy as RolloutStrategy
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.errors import FieldError

_TYPES = ("Recreate", "RollingUpdate")
_COUNTS = ("updated_replicas", "ready_replicas", "available_replicas")


class DeploymentStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "Deployment"
    has_status = True
    status_keeps: ClassVar = ("labels",)
    has_generation = True
    columns = columns("Name, Ready, Up-to-date, Available, Age", "Containers, Images, Selector")

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("replicas", 1)
        spec.setdefault("revisionHistoryLimit", 10)
        spec.setdefault("progressDeadlineSeconds", 600)
        strategy = spec.setdefault("strategy", {})
        strategy["type"] = strategy.get("type") or "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", "25%")
            rolling.setdefault("maxSurge", "25%")
        default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))

    def validate(self, obj: Deployment) -> list[FieldError]:
        spec, path = obj.spec, "spec.template"
        return [
            *not_negative("spec", spec, "replicas"),
            *selector_errors(spec.selector, "spec.selector", kind="deployment"),
            *mismatch_errors(spec.selector, spec.template, path),
            *template_errors(spec.template, path),
            *lasting_errors(spec.template, path, kind="ReplicaSet"),
            *_strategy_errors(spec.strategy),
            *not_negative("spec", spec, "min_ready_seconds", "revision_history_limit", "progress_deadline_seconds"),
            *_deadline_errors(spec),
        ]

    def validate_update(self, obj: Deployment, old: Deployment) -> list[FieldError]:
        return [*self.validate(obj), *unchanged("spec.selector", obj.spec.selector, old.spec.selector)]

    def validate_status_update(self, obj: Deployment, old: Deployment) -> list[FieldError]:
        status = obj.status
        return [
            *not_negative("status", status, "observed_generation", "replicas", *_COUNTS, "unavailable_replicas"),
            *not_negative("status", status, "collision_count"),
            *not_above("status", status, "replicas", *_COUNTS),
            *not_above("status", status, "ready_replicas", "available_replicas"),
            *not_decremented("status.collisionCount", status.collision_count, old.status.collision_count),
        ]

    def row(self, obj: Deployment, now: datetime) -> list[Any]:
        status = obj.status
        return [
            obj.metadata.name,
            f"{status.ready_replicas}/{obj.spec.replicas or 0}",
            status.updated_replicas,
            status.available_replicas,
            age(obj.metadata.creation_timestamp, now),
            *container_cells(obj.spec.template),
            selector_cell(obj.spec.selector),
        ]


def _deadline_errors(spec: DeploymentSpec) -> list[FieldError]:
    deadline = spec.progress_deadline_seconds
    if deadline is None or deadline > spec.min_ready_seconds:
        return []
    why = "must be greater than minReadySeconds"
    return [FieldError.invalid("spec.progressDeadlineSeconds", deadline, why)]


def _strategy_errors(strategy: RolloutStrategy) -> list[FieldError]:
    path, rolling = "spec.strategy", strategy.rolling_update
    if strategy.type not in _TYPES:
        return [FieldError.not_supported(f"{path}.type", strategy.type, _TYPES)]
    if strategy.type == "Recreate":
        why = "may not be specified when strategy `type` is 'Recreate'"
        return [FieldError.forbidden(f"{path}.rollingUpdate", why)] if rolling is not None else []
    found = amount_errors(f"{path}.rollingUpdate.maxUnavailable", rolling.max_unavailable)
    found += amount_errors(f"{path}.rollingUpdate.maxSurge", rolling.max_surge, capped=False)
    if not found and is_zero(rolling.max_unavailable) and is_zero(rolling.max_surge):
        why = "may not be 0 when `maxSurge` is 0"
        found.append(FieldError.invalid(f"{path}.rollingUpdate.maxUnavailable", rolling.max_unavailable, why))
    return found
