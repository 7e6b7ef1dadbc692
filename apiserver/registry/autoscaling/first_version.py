"""autoscaling/v1 beside v2: what v1 has no fields for travels in its annotations, there and back. Pure.

Which field of a metric is which is a table. Real Kubernetes: pkg/apis/autoscaling/v1/conversion.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from apiserver.registry.autoscaling.horizontal_pod_autoscaler import CPU_SHARE, cpu_metric, default_autoscaler
from machinery.api.errors import BadRequest

Doc = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT_METRICS = f"{PREFIX}metrics", f"{PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{PREFIX}conditions", f"{PREFIX}behavior"
OF_STATUS = (CURRENT_METRICS, CONDITIONS)
_PERCENT = "targetCPUUtilizationPercentage"
_CURRENT_PERCENT = "currentCPUUtilizationPercentage"

_SHARE: Pairs = (
    ("name", "name"), ("container", "container"), ("targetAverageUtilization", "target.averageUtilization"),
    ("targetAverageValue", "target.averageValue"),
)  # fmt: skip
_SPEC: dict[str, Pairs] = {
    "resource": _SHARE,
    "containerResource": _SHARE,
    "pods": (
        ("metricName", "metric.name"), ("selector", "metric.selector"), ("targetAverageValue", "target.averageValue"),
    ),
    "object": (
        ("target", "describedObject"), ("metricName", "metric.name"), ("selector", "metric.selector"),
        ("targetValue", "target.value"), ("averageValue", "target.averageValue"),
    ),
    "external": (
        ("metricName", "metric.name"), ("metricSelector", "metric.selector"), ("targetValue", "target.value"),
        ("targetAverageValue", "target.averageValue"),
    ),
}  # fmt: skip
_USED: Pairs = (
    ("name", "name"), ("container", "container"), ("currentAverageUtilization", "current.averageUtilization"),
    ("currentAverageValue", "current.averageValue"),
)  # fmt: skip
_STATUS: dict[str, Pairs] = {
    "resource": _USED,
    "containerResource": _USED,
    "pods": (
        ("metricName", "metric.name"), ("selector", "metric.selector"), ("currentAverageValue", "current.averageValue"),
    ),
    "object": (
        ("target", "describedObject"), ("metricName", "metric.name"), ("selector", "metric.selector"),
        ("currentValue", "current.value"), ("averageValue", "current.averageValue"),
    ),
    "external": (
        ("metricName", "metric.name"), ("metricSelector", "metric.selector"), ("currentValue", "current.value"),
        ("currentAverageValue", "current.averageValue"),
    ),
}  # fmt: skip
_NEVER_ABSENT = {"object": "targetValue"}
"""Amounts that v1 always writes, though there may be none: as 0."""


# --- v2 -> v1 ---


def from_second(obj: Doc) -> Doc:
    """An object of autoscaling/v2 as v1 shows it."""
    spec, status = dict(obj.get("spec", {})), dict(obj.get("status", {}))
    metrics, behavior = spec.pop("metrics", []), spec.pop("behavior", None)
    current, conditions = status.pop("currentMetrics", None) or [], status.pop("conditions", [])
    shares = [metric for metric in metrics if _is_cpu_share(metric)]
    if shares:
        spec[_PERCENT] = shares[0]["resource"]["target"]["averageUtilization"]
    used = [_cpu_use(metric) for metric in current if _cpu_use(metric) is not None]
    if used:
        status[_CURRENT_PERCENT] = used[-1]
    notes = {
        METRICS: [_older(metric, _SPEC) for metric in metrics if not _is_cpu_share(metric)],
        CURRENT_METRICS: [_older(metric, _STATUS) for metric in current],
        CONDITIONS: conditions,
        BEHAVIOR: behavior and _recased(behavior, str.upper),
    }
    return {**obj, "metadata": _annotated(obj["metadata"], notes), "spec": spec, "status": status}


def _annotated(meta: Doc, notes: Doc) -> Doc:
    texts = {key: orjson.dumps(value).decode() for key, value in notes.items() if value}
    return {**meta, "annotations": {**meta.get("annotations", {}), **texts}} if texts else meta


def _is_cpu_share(metric: Doc) -> bool:
    source = metric.get("resource", {})
    share = source.get("target", {}).get("averageUtilization")
    return metric.get("type") == "Resource" and source.get("name") == "cpu" and share is not None


def _cpu_use(metric: Doc) -> int | None:
    source = metric.get("resource", {})
    is_cpu = metric.get("type") == "Resource" and source.get("name") == "cpu"
    return source.get("current", {}).get("averageUtilization") if is_cpu else None


def _older(metric: Doc, table: dict[str, Pairs]) -> Doc:
    found: Doc = {"type": metric.get("type", "")}
    for wire, pairs in table.items():
        if wire in metric:
            found[wire] = _moved(metric[wire], [(new, old) for old, new in pairs])
            if table is _SPEC and wire in _NEVER_ABSENT:
                found[wire].setdefault(_NEVER_ABSENT[wire], "0")
    return found


def _moved(source: Doc, pairs: Any) -> Doc:
    """The values at the first paths, put at the second ones."""
    found: Doc = {}
    for origin, target in pairs:
        value: Any = source
        for step in origin.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            continue
        *parents, last = target.split(".")
        place = found
        for step in parents:
            place = place.setdefault(step, {})
        place[last] = value
    return found


# --- v1 -> v2 ---


def to_second(obj: Doc) -> Doc:
    """An object of autoscaling/v1 as v2 says it."""
    meta, spec, status = dict(obj["metadata"]), dict(obj.get("spec", {})), dict(obj.get("status", {}))
    notes = _notes(meta)
    share, used = spec.pop(_PERCENT, None), status.pop(_CURRENT_PERCENT, None)
    metrics = [_newer(metric, _SPEC) for metric in notes.get(METRICS, [])]
    metrics += [cpu_metric(share)] if share is not None else []
    spec["metrics"] = metrics or [cpu_metric(CPU_SHARE)]
    if BEHAVIOR in notes:
        spec["behavior"] = _recased(notes[BEHAVIOR], str.lower)
    if CURRENT_METRICS in notes:
        status["currentMetrics"] = [_newer(metric, _STATUS) for metric in notes[CURRENT_METRICS]]
    elif used is not None:
        source = {"name": "cpu", "current": {"averageUtilization": used}}
        status["currentMetrics"] = [{"type": "Resource", "resource": source}]
    if CONDITIONS in notes:
        status["conditions"] = notes[CONDITIONS]
    found = {**obj, "metadata": meta, "spec": spec, "status": status}
    default_autoscaler(found)
    return found


def _notes(meta: Doc) -> Doc:
    """What the annotations say; they leave the metadata."""
    texts = meta.pop("annotations", {})
    rest = {key: text for key, text in texts.items() if key not in (METRICS, *OF_STATUS, BEHAVIOR)}
    if rest:
        meta["annotations"] = rest
    return {key: _parsed(key, texts[key]) for key in texts if key not in rest}


def _parsed(key: str, text: str) -> Any:
    """A list, or for the behaviour an object; what it says inside is for validation."""
    try:
        value = orjson.loads(text)
    except ValueError as error:
        raise BadRequest(f"unable to convert annotation {key}: {error}") from None
    good = isinstance(value, dict) if key == BEHAVIOR else _is_list_of_objects(value)
    if not good:
        raise BadRequest(f"unable to convert annotation {key}: unexpected JSON")
    return value


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _newer(metric: Doc, table: dict[str, Pairs]) -> Doc:
    found: Doc = {"type": metric.get("type", "")}
    for wire, pairs in table.items():
        if isinstance(metric.get(wire), dict):
            found[wire] = _moved(metric[wire], pairs)
            if table is _SPEC:
                found[wire]["target"] = _typed(found[wire].get("target", {}))
    return found


def _typed(target: Doc) -> Doc:
    """v1 does not say what kind of target it is: the fields that are there tell."""
    if "averageUtilization" in target:
        return {"type": "Utilization", **target}
    if "averageValue" not in target:
        return {"type": "Value", **target}
    return {"type": "AverageValue", **{key: value for key, value in target.items() if (key, value) != ("value", "0")}}


def _recased(value: Any, change: Callable[[str], str]) -> Any:
    """The behaviour's field names begin with a capital in the annotation."""
    if isinstance(value, list):
        return [_recased(each, change) for each in value]
    if isinstance(value, dict):
        return {change(key[:1]) + key[1:]: _recased(each, change) for key, each in value.items()}
    return value
