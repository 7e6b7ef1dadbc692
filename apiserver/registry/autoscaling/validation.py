"""What can be wrong with an autoscaler's spec. Pure. Real Kubernetes: pkg/apis/autoscaling/validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiserver.registry.core.resource_names import container_resource_errors
from apiserver.registry.field_checks import one_of
from machinery.api import names, quantity
from machinery.api.autoscaling.v2 import (
    ContainerResourceMetricSource,
    CrossVersionObjectReference,
    ExternalMetricSource,
    HorizontalPodAutoscalerSpec,
    HPAScalingPolicy,
    HPAScalingRules,
    MetricIdentifier,
    MetricSpec,
    MetricTarget,
    ObjectMetricSource,
    PodsMetricSource,
    ResourceMetricSource,
)
from machinery.api.errors import FieldError

_TARGET_TYPES = ("Utilization", "Value", "AverageValue")
_SELECT_POLICIES, _POLICY_TYPES = ("Disabled", "Max", "Min"), ("Percent", "Pods")
_MAX_WINDOW, _MAX_PERIOD = 3600, 1800
_POSITIVE = "must be greater than zero"
_EITHER = "must set either a target raw value or a target utilization"
_NOT_BOTH = "may not set both a target raw value and a target utilization"


def autoscaler_errors(spec: HorizontalPodAutoscalerSpec, *, least: int) -> list[FieldError]:
    """All errors of a spec; `least` is how few replicas it may ask for."""
    found, low, high = [], spec.min_replicas, spec.max_replicas
    if low is not None and low < least:
        found.append(FieldError.invalid("spec.minReplicas", low, f"must be greater than or equal to {least}"))
    if high < 1:
        found.append(FieldError.invalid("spec.maxReplicas", high, "must be greater than 0"))
    if low is not None and high < low:
        found.append(FieldError.invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`"))
    found += _reference_errors(spec.scale_target_ref, "spec.scaleTargetRef")
    for index, metric in enumerate(spec.metrics):
        found += _metric_errors(metric, f"spec.metrics[{index}]")
    if low == 0 and not any(metric.type in ("Object", "External") for metric in spec.metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        found.append(FieldError.forbidden("spec.metrics", why))
    if spec.behavior is not None:
        found += _rules_errors(spec.behavior.scale_up, "spec.behavior.scaleUp")
        found += _rules_errors(spec.behavior.scale_down, "spec.behavior.scaleDown")
    return found


def _segment_errors(value: str, path: str, why: str = "") -> list[FieldError]:
    if not value:
        return [FieldError.required(path, why)]
    return [FieldError.invalid(path, value, bad) for bad in names.path_segment(value)]


def _reference_errors(target: CrossVersionObjectReference, path: str) -> list[FieldError]:
    return [*_segment_errors(target.kind, f"{path}.kind"), *_segment_errors(target.name, f"{path}.name")]


# --- how fast ---


def _rules_errors(rules: HPAScalingRules | None, path: str) -> list[FieldError]:
    if rules is None:
        return []
    window, where, found = rules.stabilization_window_seconds, f"{path}.stabilizationWindowSeconds", []
    if window is not None and window < 0:
        found.append(FieldError.invalid(where, window, "must be greater than or equal to zero"))
    if window is not None and window > _MAX_WINDOW:
        found.append(FieldError.invalid(where, window, f"must be less than or equal to {_MAX_WINDOW}"))
    if rules.select_policy is not None:
        found += one_of(f"{path}.selectPolicy", rules.select_policy, _SELECT_POLICIES)
    if not rules.policies:
        found.append(FieldError.required(f"{path}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(rules.policies):
        found += _policy_errors(policy, f"{path}.policies[{index}]")
    return found


def _policy_errors(policy: HPAScalingPolicy, path: str) -> list[FieldError]:
    found, period = one_of(f"{path}.type", policy.type, _POLICY_TYPES), policy.period_seconds
    if policy.value <= 0:
        found.append(FieldError.invalid(f"{path}.value", policy.value, _POSITIVE))
    if period <= 0:
        found.append(FieldError.invalid(f"{path}.periodSeconds", period, _POSITIVE))
    if period > _MAX_PERIOD:
        why = f"must be less than or equal to {_MAX_PERIOD}"
        found.append(FieldError.invalid(f"{path}.periodSeconds", period, why))
    return found


# --- by what ---


def _metric_errors(metric: MetricSpec, path: str) -> list[FieldError]:
    """The type says which one source there is."""
    given = [wire for wire in _SOURCES if getattr(metric, _ATTRIBUTES[wire]) is not None]
    found = []
    if not metric.type:
        found.append(FieldError.required(f"{path}.type", "must specify a metric source type"))
    if metric.type not in _WIRE:
        found.append(FieldError.not_supported(f"{path}.type", metric.type, sorted(_WIRE)))
    if given:
        found += _SOURCES[given[0]](getattr(metric, _ATTRIBUTES[given[0]]), f"{path}.{given[0]}")
    expected = _WIRE.get(metric.type, "")
    if expected and expected not in given:
        why = "must populate information for the given metric source"
        found.append(FieldError.required(f"{path}.{expected}", why))
    if len(given) > 1:
        why = "must populate the given metric source only"
        found += [FieldError.forbidden(f"{path}.{wire}", why) for wire in given if wire != expected]
    return found


def _target_errors(target: MetricTarget, path: str) -> list[FieldError]:
    found = [] if target.type else [FieldError.required(f"{path}.type", "must specify a metric target type")]
    if target.type not in _TARGET_TYPES:
        why = "must be either Utilization, Value, or AverageValue"
        found.append(FieldError.invalid(f"{path}.type", target.type, why))
    for wire, amount in (("value", target.value), ("averageValue", target.average_value)):
        if amount is not None and quantity.parse(amount) <= 0:
            found.append(FieldError.invalid(f"{path}.{wire}", amount, "must be positive"))
    share = target.average_utilization
    if share is not None and share < 1:
        found.append(FieldError.invalid(f"{path}.averageUtilization", share, "must be greater than 0"))
    return found


def _identifier_errors(metric: MetricIdentifier, path: str) -> list[FieldError]:
    return _segment_errors(metric.name, f"{path}.name", "must specify a metric name")


def _object_errors(source: ObjectMetricSource, path: str) -> list[FieldError]:
    found = _reference_errors(source.described_object, f"{path}.describedObject")
    found += _identifier_errors(source.metric, f"{path}.metric") + _target_errors(source.target, f"{path}.target")
    if source.target.value is None and source.target.average_value is None:
        why = "must set either a target value or averageValue"
        found.append(FieldError.required(f"{path}.target.averageValue", why))
    return found


def _external_errors(source: ExternalMetricSource, path: str) -> list[FieldError]:
    value, each = source.target.value, source.target.average_value
    found = _identifier_errors(source.metric, f"{path}.metric") + _target_errors(source.target, f"{path}.target")
    if value is None and each is None:
        why = "must set either a target value for metric or a per-pod target"
        found.append(FieldError.required(f"{path}.target.averageValue", why))
    if value is not None and each is not None:
        why = "may not set both a target value for metric and a per-pod target"
        found.append(FieldError.forbidden(f"{path}.target.value", why))
    return found


def _pods_errors(source: PodsMetricSource, path: str) -> list[FieldError]:
    found = _identifier_errors(source.metric, f"{path}.metric") + _target_errors(source.target, f"{path}.target")
    if source.target.average_value is None:
        why = "must specify a positive target averageValue"
        found.append(FieldError.required(f"{path}.target.averageValue", why))
    return found


def _resource_errors(source: ResourceMetricSource, path: str) -> list[FieldError]:
    found = [] if source.name else [FieldError.required(f"{path}.name", "must specify a resource name")]
    return found + _share_errors(source.target, f"{path}.target")


def _container_errors(source: ContainerResourceMetricSource, path: str) -> list[FieldError]:
    if source.name:
        found = container_resource_errors(source.name, f"{path}.name")
    else:
        found = [FieldError.required(f"{path}.name", "must specify a resource name")]
    if source.container:
        bad = names.dns_label(source.container)
        found += [FieldError.invalid(f"{path}.container", source.container, why) for why in bad]
    else:
        found.append(FieldError.required(f"{path}.container", "must specify a container"))
    return found + _share_errors(source.target, f"{path}.target")


def _share_errors(target: MetricTarget, path: str) -> list[FieldError]:
    """A share of what is requested, or an amount."""
    found = _target_errors(target, path)
    if target.average_utilization is None and target.average_value is None:
        found.append(FieldError.required(f"{path}.averageUtilization", _EITHER))
    if target.average_utilization is not None and target.average_value is not None:
        found.append(FieldError.forbidden(f"{path}.averageValue", _NOT_BOTH))
    return found


_SOURCES: dict[str, Callable[[Any, str], list[FieldError]]] = {
    "object": _object_errors,
    "external": _external_errors,
    "pods": _pods_errors,
    "resource": _resource_errors,
    "containerResource": _container_errors,
}
_ATTRIBUTES = {wire: wire.replace("containerResource", "container_resource") for wire in _SOURCES}
_WIRE = {wire[0].upper() + wire[1:]: wire for wire in _SOURCES}
"""Which field each type of metric fills."""
