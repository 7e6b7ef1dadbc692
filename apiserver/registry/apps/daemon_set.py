"""DaemonSet: one pod on each node. Real Kubernetes: pkg/registry/apps/daemonset, ValidateDaemonSet.

The count of the template's versions lives in an annotation, as `apps/v1` shows it. Left out: nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import container_cells, label_cell, selector_cell
from apiserver.registry.core.template_validation import lasting_errors, mismatch_errors, template_errors
from apiserver.registry.field_checks import amount_errors, is_zero, not_decremented, not_negative, unchanged
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.apps.v1 import DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.errors import FieldError

GENERATION = "deprecated.daemonset.template.generation"
_COUNTS = (
    "current_number_scheduled", "number_misscheduled", "desired_number_scheduled", "number_ready",
    "observed_generation", "updated_number_scheduled", "number_available", "number_unavailable", "collision_count",
)  # fmt: skip


class DaemonSetStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "DaemonSet"
    has_status = True
    has_generation = True
    columns = columns(
        "Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age", "Containers, Images, Selector",
        **dict.fromkeys(("desired", "current", "ready", "up-to-date", "available"), "integer"),
    )  # fmt: skip

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("revisionHistoryLimit", 10)
        strategy = spec.setdefault("updateStrategy", {})
        strategy["type"] = strategy.get("type") or "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", 1)
            rolling.setdefault("maxSurge", 0)
        default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        _set_template_generation(obj, max(_template_generation(obj), 1))

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        changed = obj["spec"].get("template") != old["spec"].get("template")
        _set_template_generation(obj, _template_generation(old) + changed)

    def validate(self, obj: DaemonSet) -> list[FieldError]:
        spec, found = obj.spec, label_selector_errors(obj.spec.selector, "spec.selector")
        found += mismatch_errors(spec.selector, spec.template, "spec.template")
        if spec.selector is not None and not (spec.selector.match_labels or spec.selector.match_expressions):
            found.append(FieldError.invalid("spec.selector", spec.selector, "empty selector is invalid for daemonset"))
        return [
            *found,
            *template_errors(spec.template, "spec.template"),
            *lasting_errors(spec.template, "spec.template", kind="DaemonSet"),
            *not_negative("spec", spec, "min_ready_seconds", "revision_history_limit"),
            *_strategy_errors(spec.update_strategy),
        ]

    def validate_update(self, obj: DaemonSet, old: DaemonSet) -> list[FieldError]:
        return [*self.validate(obj), *unchanged("spec.selector", obj.spec.selector, old.spec.selector)]

    def validate_status_update(self, obj: DaemonSet, old: DaemonSet) -> list[FieldError]:
        counts = (obj.status.collision_count, old.status.collision_count)
        return [*not_negative("status", obj.status, *_COUNTS), *not_decremented("status.collisionCount", *counts)]

    def row(self, obj: DaemonSet, now: datetime) -> list[Any]:
        status, template = obj.status, obj.spec.template
        return [
            obj.metadata.name,
            status.desired_number_scheduled,
            status.current_number_scheduled,
            status.number_ready,
            status.updated_number_scheduled,
            status.number_available,
            label_cell(template.spec.node_selector),
            age(obj.metadata.creation_timestamp, now),
            *container_cells(template),
            selector_cell(obj.spec.selector),
        ]


def _template_generation(obj: Doc) -> int:
    text = obj["metadata"].get("annotations", {}).get(GENERATION, "")
    return int(text) if text.isdecimal() else 0


def _set_template_generation(obj: Doc, value: int) -> None:
    meta = obj["metadata"]
    meta["annotations"] = {**meta.get("annotations", {}), GENERATION: str(value)}


def _strategy_errors(strategy: DaemonSetUpdateStrategy) -> list[FieldError]:
    path, types = "spec.updateStrategy", ("RollingUpdate", "OnDelete")
    if strategy.type not in types:
        return [FieldError.not_supported(path, strategy, types)]
    if strategy.type == "OnDelete":
        return []
    if strategy.rolling_update is None:
        return [FieldError.required(f"{path}.rollingUpdate")]
    return _rolling_errors(strategy.rolling_update, f"{path}.rollingUpdate")


def _rolling_errors(rolling: RollingUpdateDaemonSet, path: str) -> list[FieldError]:
    """Either old pods go first, or new ones come first; never both, never neither."""
    found = amount_errors(f"{path}.maxUnavailable", rolling.max_unavailable)
    found += amount_errors(f"{path}.maxSurge", rolling.max_surge)
    down, up = not is_zero(rolling.max_unavailable), not is_zero(rolling.max_surge)
    if down and up:
        why = "may not be set when maxUnavailable is non-zero"
        found.append(FieldError.invalid(f"{path}.maxSurge", rolling.max_surge, why))
    if not (down or up):
        found.append(FieldError.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return found
