"""PodDisruptionBudget: how many pods of a kind must stay. Real Kubernetes: pkg/registry/policy/poddisruptionbudget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.field_checks import amount_errors, condition_errors, not_negative, one_of
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Strategy, columns
from machinery.api.errors import FieldError
from machinery.api.policy.v1 import PodDisruptionBudget

_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_COUNTS = ("disruptions_allowed", "current_healthy", "desired_healthy", "expected_pods")


class PodDisruptionBudgetStrategy(Strategy):
    """See the module."""

    api_version = "policy/v1"
    kind = "PodDisruptionBudget"
    has_status = True
    has_generation = True
    allow_unconditional_update = False
    columns = columns(
        "Name, Min Available, Max Unavailable, Allowed Disruptions, Age", allowed_disruptions="integer"
    )

    def validate(self, obj: PodDisruptionBudget) -> list[FieldError]:
        spec, found = obj.spec, []
        if spec.min_available is not None and spec.max_unavailable is not None:
            why = "minAvailable and maxUnavailable cannot be both set"
            found.append(FieldError.invalid("spec", spec, why))
        found += amount_errors("spec.minAvailable", spec.min_available)
        found += amount_errors("spec.maxUnavailable", spec.max_unavailable)
        found += label_selector_errors(spec.selector, "spec.selector")
        if spec.unhealthy_pod_eviction_policy is not None:
            found += one_of("spec.unhealthyPodEvictionPolicy", spec.unhealthy_pod_eviction_policy, _POLICIES)
        return found

    def validate_status_update(self, obj: PodDisruptionBudget, old: PodDisruptionBudget) -> list[FieldError]:
        return [
            *condition_errors("status.conditions", obj.status.conditions),
            *not_negative("status", obj.status, *_COUNTS),
        ]

    def row(self, obj: PodDisruptionBudget, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            _amount_cell(obj.spec.min_available),
            _amount_cell(obj.spec.max_unavailable),
            obj.status.disruptions_allowed,
            age(obj.metadata.creation_timestamp, now),
        ]


def _amount_cell(amount: int | str | None) -> str:
    return "N/A" if amount is None else str(amount)
