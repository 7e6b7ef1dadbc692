"""StatefulSet: pods with names and storage that last. Real Kubernetes: pkg/registry/apps/statefulset.

As there, the pods of the template are not checked until one is made: their volumes may come from claim templates.
Left out: maxUnavailable (alpha in 1.32, so dropped).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import container_cells
from apiserver.registry.core.claim_defaults import default_claim
from apiserver.registry.core.template_validation import lasting_errors, mismatch_errors, template_metadata_errors
from apiserver.registry.field_checks import not_above, not_decremented, not_negative, one_of
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.apps.v1 import StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.errors import FieldError

_COUNTS = (
    "replicas", "ready_replicas", "current_replicas", "updated_replicas", "available_replicas", "observed_generation",
    "collision_count",
)  # fmt: skip
_CHANGEABLE = (
    "replicas", "template", "update_strategy", "min_ready_seconds", "ordinals",
    "persistent_volume_claim_retention_policy",
)  # fmt: skip
_MAY_CHANGE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


class StatefulSetStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "StatefulSet"
    has_status = True
    has_generation = True
    columns = columns("Name, Ready, Age", "Containers, Images")

    def name_errors(self, name: str) -> list[str]:
        return names.dns_label(name)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec["podManagementPolicy"] = spec.get("podManagementPolicy") or "OrderedReady"
        strategy = spec.setdefault("updateStrategy", {})
        strategy["type"] = strategy.get("type") or "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
        policy = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
        for when in ("whenDeleted", "whenScaled"):
            policy[when] = policy.get(when) or "Retain"
        spec.setdefault("replicas", 1)
        spec.setdefault("revisionHistoryLimit", 10)
        default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))
        for claim in spec.get("volumeClaimTemplates", []):
            default_claim(claim)
            claim.setdefault("status", {}).setdefault("phase", "Pending")

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        _drop_alpha(obj)

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        _drop_alpha(obj)
        super().prepare_for_update(obj, old)

    def validate(self, obj: StatefulSet) -> list[FieldError]:
        spec = obj.spec
        found = []
        if spec.pod_management_policy not in ("OrderedReady", "Parallel"):
            why = "must be 'OrderedReady' or 'Parallel'"
            found.append(FieldError.invalid("spec.podManagementPolicy", spec.pod_management_policy, why))
        found += _strategy_errors(spec.update_strategy)
        found += _retention_errors(spec)
        found += not_negative("spec", spec, "replicas", "min_ready_seconds", "revision_history_limit")
        if spec.ordinals is not None:
            found += not_negative("spec.ordinals", spec.ordinals, "start")
        return [*found, *_selector_errors(spec), *_template_errors(spec)]

    def validate_update(self, obj: StatefulSet, old: StatefulSet) -> list[FieldError]:
        rest = obj.spec.replace(**{name: getattr(old.spec, name) for name in _CHANGEABLE})
        found = self.validate(obj)
        return found if rest == old.spec else [*found, FieldError.forbidden("spec", _MAY_CHANGE)]

    def validate_status_update(self, obj: StatefulSet, old: StatefulSet) -> list[FieldError]:
        status = obj.status
        parts = ("ready_replicas", "current_replicas", "updated_replicas", "available_replicas")
        return [
            *not_negative("status", status, *_COUNTS),
            *not_above("status", status, "replicas", *parts),
            *not_above("status", status, "ready_replicas", "available_replicas"),
            *not_decremented("status.collisionCount", status.collision_count, old.status.collision_count),
        ]

    def row(self, obj: StatefulSet, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            f"{obj.status.ready_replicas}/{obj.spec.replicas or 0}",
            age(obj.metadata.creation_timestamp, now),
            *container_cells(obj.spec.template),
        ]


def _drop_alpha(obj: Doc) -> None:
    obj["spec"].get("updateStrategy", {}).get("rollingUpdate", {}).pop("maxUnavailable", None)


def _strategy_errors(strategy: StatefulSetUpdateStrategy) -> list[FieldError]:
    path, rolling = "spec.updateStrategy", strategy.rolling_update
    if strategy.type == "OnDelete" and rolling is not None:
        why = "only allowed for updateStrategy 'RollingUpdate'"
        return [FieldError.invalid(f"{path}.rollingUpdate", rolling, why)]
    if strategy.type not in ("OnDelete", "RollingUpdate"):
        return [FieldError.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
    return not_negative(f"{path}.rollingUpdate", rolling, "partition") if rolling is not None else []


def _retention_errors(spec: StatefulSetSpec) -> list[FieldError]:
    policy, path = spec.persistent_volume_claim_retention_policy, "spec.persistentVolumeClaimRetentionPolicy"
    if policy is None:
        return []
    choices = ("Retain", "Delete")
    return [
        *one_of(f"{path}.whenDeleted", policy.when_deleted, choices),
        *one_of(f"{path}.whenScaled", policy.when_scaled, choices),
    ]


def _selector_errors(spec: StatefulSetSpec) -> list[FieldError]:
    if spec.selector is None:
        return [FieldError.required("spec.selector")]
    found = label_selector_errors(spec.selector, "spec.selector")
    if not (spec.selector.match_labels or spec.selector.match_expressions):
        found.append(FieldError.invalid("spec.selector", spec.selector, "empty selector is invalid for statefulset"))
    return found


def _template_errors(spec: StatefulSetSpec) -> list[FieldError]:
    path = "spec.template"
    return [
        *(mismatch_errors(spec.selector, spec.template, path) if spec.selector is not None else ()),
        *template_metadata_errors(spec.template, path),
        *lasting_errors(spec.template, path, kind="StatefulSet"),
    ]
