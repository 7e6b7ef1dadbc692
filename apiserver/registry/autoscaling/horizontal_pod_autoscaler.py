"""HorizontalPodAutoscaler of autoscaling/v2, the form that is stored.

Real Kubernetes: pkg/registry/autoscaling/horizontalpodautoscaler, pkg/apis/autoscaling/v2/defaults.go and
formatHPAMetrics of the printers. Left out: scaling to zero for new objects (alpha there).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.autoscaling.validation import autoscaler_errors
from apiserver.registry.cells import NONE, UNSET
from apiserver.registry.field_checks import not_negative
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.autoscaling.v2 import (
    HorizontalPodAutoscaler,
    MetricSpec,
    MetricStatus,
    MetricTarget,
    MetricValueStatus,
)
from machinery.api.errors import FieldError

CPU_SHARE = 80
_UNKNOWN, _SHOWN = "<unknown>", 2
_PERIOD = 15


class HorizontalPodAutoscalerStrategy(Strategy):
    """See the module."""

    api_version = "autoscaling/v2"
    kind = "HorizontalPodAutoscaler"
    has_status = True
    columns = columns("Name, Reference, Targets, MinPods, MaxPods, Replicas, Age")

    def default(self, obj: Doc) -> None:
        default_autoscaler(obj)

    def validate(self, obj: HorizontalPodAutoscaler) -> list[FieldError]:
        return autoscaler_errors(obj.spec, least=1)

    def validate_update(self, obj: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[FieldError]:
        return autoscaler_errors(obj.spec, least=0 if old.spec.min_replicas == 0 else 1)

    def validate_status_update(self, obj: Any, old: Any) -> list[FieldError]:
        return not_negative("status", obj.status, "current_replicas", "desired_replicas")

    def row(self, obj: HorizontalPodAutoscaler, now: datetime) -> list[Any]:
        spec = obj.spec
        return [
            obj.metadata.name,
            f"{spec.scale_target_ref.kind}/{spec.scale_target_ref.name}",
            targets_cell(spec.metrics, obj.status.current_metrics),
            UNSET if spec.min_replicas is None else str(spec.min_replicas),
            spec.max_replicas,
            obj.status.current_replicas,
            age(obj.metadata.creation_timestamp, now),
        ]


def default_autoscaler(obj: Doc) -> None:
    """Fill what the author left out."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [cpu_metric(CPU_SHARE)]
    if "behavior" in spec:
        behavior = spec["behavior"]
        behavior["scaleUp"] = _upwards() | behavior.get("scaleUp", {})
        behavior["scaleDown"] = _downwards() | behavior.get("scaleDown", {})


def cpu_metric(share: int) -> Doc:
    """Scale by how much of the requested processor time is used."""
    return {"type": "Resource", "resource": {"name": "cpu", "target": _utilization(share)}}


def _utilization(share: int) -> Doc:
    return {"type": "Utilization", "averageUtilization": share}


def _upwards() -> Doc:
    """At once, by four pods or to the double within 15 seconds, whichever is more."""
    policies = [_policy("Pods", 4), _policy("Percent", 100)]
    return {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": policies}


def _downwards() -> Doc:
    """How long to wait is the controller's own setting."""
    return {"selectPolicy": "Max", "policies": [_policy("Percent", 100)]}


def _policy(kind: str, value: int) -> Doc:
    return {"type": kind, "value": value, "periodSeconds": _PERIOD}


# --- the TARGETS cell ---


def targets_cell(specs: tuple[MetricSpec, ...], statuses: tuple[MetricStatus, ...]) -> str:
    """What is and what shall be, of the first two metrics."""
    if not specs:
        return NONE
    cells = [
        _target_cell(spec, statuses[index] if index < len(statuses) else None) for index, spec in enumerate(specs)
    ]
    more = len(cells) - _SHOWN
    return ", ".join(cells[:_SHOWN]) + (f" + {more} more..." if more > 0 else "")


def _target_cell(spec: MetricSpec, status: MetricStatus | None) -> str:
    attribute, cell = _CELLS.get(spec.type, ("", None))
    source = getattr(spec, attribute, None)
    if source is None or cell is None:
        return "<unknown type>"
    observed = getattr(status, attribute, None)
    return cell(source, source.target, observed.current if observed is not None else MetricValueStatus())


def _amount_cell(source: Any, target: MetricTarget, current: MetricValueStatus) -> str:
    """Of an object or from outside: in all, or for each pod."""
    if target.average_value is not None:
        return f"{current.average_value or _UNKNOWN}/{target.average_value} (avg)"
    return f"{current.value or _UNKNOWN}/{target.value}"


def _pods_cell(source: Any, target: MetricTarget, current: MetricValueStatus) -> str:
    return f"{current.average_value or _UNKNOWN}/{target.average_value}"


def _resource_cell(source: Any, target: MetricTarget, current: MetricValueStatus) -> str:
    if target.average_value is not None:
        return f"{source.name}: {current.average_value or _UNKNOWN}/{target.average_value}"
    used, wanted = current.average_utilization, target.average_utilization
    shown = _UNKNOWN if used is None else f"{used}%"
    return f"{source.name}: {shown}/{'<auto>' if wanted is None else f'{wanted}%'}"


_CELLS: dict[str, tuple[str, Callable[[Any, MetricTarget, MetricValueStatus], str]]] = {
    "External": ("external", _amount_cell),
    "Object": ("object", _amount_cell),
    "Pods": ("pods", _pods_cell),
    "Resource": ("resource", _resource_cell),
    "ContainerResource": ("container_resource", _resource_cell),
}
