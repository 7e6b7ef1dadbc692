"""Deployment: a ReplicaSet per version of a template, rolled over. Real Kubernetes: pkg/registry/apps/deployment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.apps import workload
from apiserver.registry.core.pod_defaults import default_pod_spec
from apiserver.registry.core.pod_printer import images_and_names
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import intstr, names
from machinery.api.apps.v1 import Deployment
from machinery.api.errors import FieldError

_TYPES = ("Recreate", "RollingUpdate")


class DeploymentStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "Deployment"
    has_status = True
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
        spec = obj.spec
        found = [
            *workload.not_negative(
                replicas=spec.replicas,
                min_ready_seconds=spec.min_ready_seconds,
                revision_history_limit=spec.revision_history_limit,
                progress_deadline_seconds=spec.progress_deadline_seconds,
            ),
            *workload.selector_errors(spec.selector, spec.template, kind="deployment"),
            *_strategy_errors(spec.strategy),
            *workload.template_errors(spec.template),
        ]
        deadline = spec.progress_deadline_seconds
        if deadline is not None and deadline <= spec.min_ready_seconds:
            why = "must be greater than minReadySeconds"
            found.append(FieldError.invalid("spec.progressDeadlineSeconds", deadline, why))
        return found

    def validate_update(self, obj: Deployment, old: Deployment) -> list[FieldError]:
        found = self.validate(obj)
        if obj.spec.selector != old.spec.selector:
            found.append(FieldError.immutable("spec.selector", obj.spec.selector))
        return found

    def row(self, obj: Deployment, now: datetime) -> list[Any]:
        container_names, images = images_and_names(obj.spec.template.spec.containers)
        status = obj.status
        return [
            obj.metadata.name,
            f"{status.ready_replicas}/{obj.spec.replicas or 0}",
            status.updated_replicas,
            status.available_replicas,
            age(obj.metadata.creation_timestamp, now),
            container_names,
            images,
            workload.selector_cell(obj.spec.selector),
        ]


def _strategy_errors(strategy: Any) -> list[FieldError]:
    path, rolling = "spec.strategy", strategy.rolling_update
    if strategy.type not in _TYPES:
        return [FieldError.not_supported(f"{path}.type", strategy.type, _TYPES)]
    if strategy.type == "Recreate":
        why = "may not be specified when strategy `type` is 'Recreate'"
        return [FieldError.forbidden(f"{path}.rollingUpdate", why)] if rolling is not None else []
    found = []
    amounts = {"maxUnavailable": rolling.max_unavailable, "maxSurge": rolling.max_surge}
    for name, amount in amounts.items():
        found += _amount_errors(amount, f"{path}.rollingUpdate.{name}")
    if not found and all(_is_zero(amount) for amount in amounts.values()):
        why = "may not be 0 when `maxSurge` is 0"
        found.append(FieldError.invalid(f"{path}.rollingUpdate.maxUnavailable", rolling.max_unavailable, why))
    return found


def _is_zero(amount: int | str | None) -> bool:
    return amount is None or intstr.scaled_value(amount, 100, True) == 0


def _amount_errors(amount: int | str | None, path: str) -> list[FieldError]:
    if isinstance(amount, str):
        found = [FieldError.invalid(path, amount, why) for why in names.percent(amount)]
        if not found and path.endswith("maxUnavailable") and int(amount.rstrip("%")) > 100:
            found.append(FieldError.invalid(path, amount, "must not be greater than 100%"))
        return found
    if amount is not None and amount < 0:
        return [FieldError.invalid(path, amount, workload.NOT_NEGATIVE)]
    return []
