"""HorizontalPodAutoscaler v2: defaults, every mistake, its row."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.autoscaling.horizontal_pod_autoscaler import HorizontalPodAutoscalerStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

STRATEGY = HorizontalPodAutoscalerStrategy()
TARGET = {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}
GOOD: dict[str, Any] = {"spec": {"scaleTargetRef": TARGET, "maxReplicas": 5}}


def metric(kind: str, **source: Any) -> dict[str, Any]:
    return {"type": kind, kind[0].lower() + kind[1:]: source}


def share(percent: int) -> dict[str, Any]:
    return {"type": "Utilization", "averageUtilization": percent}


def each(amount: str) -> dict[str, Any]:
    return {"type": "AverageValue", "averageValue": amount}


def total(amount: str) -> dict[str, Any]:
    return {"type": "Value", "value": amount}


HITS = {"name": "hits"}
CPU = metric("Resource", name="cpu", target=share(50))
METRICS = [
    CPU,
    metric("ContainerResource", name="memory", container="app", target=each("1Gi")),
    metric("Pods", metric=HITS, target=each("100")),
    metric("Object", metric=HITS, describedObject={"kind": "Ingress", "name": "i"}, target=total("2k")),
    metric("External", metric=HITS, target=each("30")),
]


def test_defaults() -> None:
    obj = created(STRATEGY, GOOD)
    assert obj["spec"]["minReplicas"] == 1 and "behavior" not in obj["spec"] and "generation" not in obj["metadata"]
    assert obj["spec"]["metrics"] == [metric("Resource", name="cpu", target=share(80))]
    slower = created(STRATEGY, changed(GOOD, "spec.behavior.scaleDown.stabilizationWindowSeconds", 60))
    behavior = slower["spec"]["behavior"]
    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0 and len(behavior["scaleUp"]["policies"]) == 2
    assert behavior["scaleDown"] == {
        "stabilizationWindowSeconds": 60, "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    }  # fmt: skip


@pytest.mark.parametrize("good", METRICS, ids=lambda each: each["type"])
def test_good_metrics(good: dict[str, Any]) -> None:
    assert errors_of(STRATEGY, changed(GOOD, "spec.metrics", [good])) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.minReplicas", 0, "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"),
        ("spec.maxReplicas", 0, "spec.maxReplicas: Invalid value: 0: must be greater than 0"),
        ("spec.minReplicas", 7, "must be greater than or equal to `minReplicas`"),
        ("spec.scaleTargetRef.kind", "", "spec.scaleTargetRef.kind: Required value"),
        ("spec.scaleTargetRef.name", "a/b", "spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'"),
        ("spec.behavior.scaleUp.stabilizationWindowSeconds", -1, "must be greater than or equal to zero"),
        ("spec.behavior.scaleUp.stabilizationWindowSeconds", 3601, "must be less than or equal to 3600"),
        ("spec.behavior.scaleUp.selectPolicy", "Any", 'supported values: "Disabled", "Max", "Min"'),
        ("spec.behavior.scaleUp.policies", [{"type": "Odd", "value": 1, "periodSeconds": 1}], "type: Unsupp"),
        ("spec.behavior.scaleUp.policies", [{"type": "Pods", "periodSeconds": 1}], "value: Invalid value: 0: must be"),
        ("spec.behavior.scaleUp.policies", [{"type": "Pods", "value": 1}], "periodSeconds: Invalid value: 0"),
        ("spec.behavior.scaleUp.policies", [{"type": "Pods", "value": 1, "periodSeconds": 1801}],
         "must be less than or equal to 1800"),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert any(expected in error for error in found), found


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ({}, ["type: Required value: must specify a metric source type", "type: Unsupported value"]),
        ({"type": "Pods"}, ["pods: Required value: must populate information for the given metric source"]),
        ({**CPU, "pods": METRICS[2]["pods"]}, ["pods: Forbidden: must populate the given metric source only"]),
        (metric("Resource", name="", target=share(5)), ["resource.name: Required value: must specify a resource name"]),
        (metric("Resource", name="cpu", target={}), ["specify a metric target type", "must be either Utilization"]),
        (metric("Resource", name="cpu", target=share(0)), ["Invalid value: 0: must be greater than 0"]),
        (metric("Resource", name="cpu", target=each("0")), ["averageValue: Invalid value: \"0\": must be positive"]),
        (metric("Resource", name="cpu", target=total("1")), ["set either a target raw value or a target utilization"]),
        (
            metric("Resource", name="cpu", target={**share(5), "averageValue": "1"}),
            ["resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization"],
        ),
        (
            metric("ContainerResource", name="odd", target=share(5)),
            ["must be a standard resource", "container: Required value: must specify a container"],
        ),
        (metric("Pods", metric={"name": "a/b"}, target=each("1")), ["pods.metric.name: Invalid value"]),
        (metric("Pods", metric={}, target=each("1")), ["pods.metric.name: Required value: must specify a metric name"]),
        (metric("Pods", metric=HITS, target=total("1")), ["must specify a positive target averageValue"]),
        (
            metric("Object", metric=HITS, target=share(5)),
            ["describedObject.kind: ", "describedObject.name: ", "either a target value or averageValue"],
        ),
        (metric("External", metric=HITS, target=share(5)), ["must set either a target value for metric or a per-pod"]),
        (
            metric("External", metric=HITS, target={**each("1"), "value": "1"}),
            ["external.target.value: Forbidden: may not set both a target value for metric and a per-pod target"],
        ),
    ],
)
def test_mistakes_in_a_metric(bad: dict[str, Any], expected: list[str]) -> None:
    found = errors_of(STRATEGY, changed(GOOD, "spec.metrics", [bad]))
    assert found and all(any(text in error for error in found) for text in expected), found


def test_scaling_to_zero_stays_where_it_was() -> None:
    old = changed(created(STRATEGY, GOOD), "spec.minReplicas", 0)
    (found,) = update_errors_of(STRATEGY, old, old)
    why = "must specify at least one Object or External metric to support scaling to zero replicas"
    assert found == f"spec.metrics: Forbidden: {why}"
    assert update_errors_of(STRATEGY, old, changed(old, "spec.metrics", [METRICS[4]])) == []


def test_status() -> None:
    old = created(STRATEGY, GOOD)
    bad = {**old, "status": {"currentReplicas": -1, "desiredReplicas": 2}}
    assert update_errors_of(STRATEGY, old, bad, "status") == [
        "status.currentReplicas: Invalid value: -1: must be greater than or equal to 0"
    ]


def current(index: int, **values: Any) -> dict[str, Any]:
    kind = METRICS[index]["type"]
    return metric(kind, current=values)


@pytest.mark.parametrize(
    ("index", "status", "expected"),
    [
        (0, None, "cpu: <unknown>/50%"),
        (0, current(0, averageUtilization=31, averageValue="5m"), "cpu: 31%/50%"),
        (1, current(1, averageValue="512Mi"), "memory: 512Mi/1Gi"),
        (2, None, "<unknown>/100"),
        (2, current(2, averageValue="90"), "90/100"),
        (3, current(3, value="1k"), "1k/2k"),
        (4, current(4, averageValue="7"), "7/30 (avg)"),
        (4, None, "<unknown>/30 (avg)"),
    ],
)
def test_targets(index: int, status: Any, expected: str) -> None:
    obj = changed(GOOD, "spec.metrics", [METRICS[index]])
    obj["status"] = {"currentMetrics": [status] if status else []}
    assert row_of(STRATEGY, obj)[2] == expected


def test_row() -> None:
    obj = changed(GOOD, "spec.metrics", METRICS)
    obj["status"] = {"currentReplicas": 2}
    assert row_of(STRATEGY, obj) == [
        "x", "Deployment/web", "cpu: <unknown>/50%, memory: <unknown>/1Gi + 3 more...", "<unset>", 5, 2, "2m34s",
    ]  # fmt: skip
    assert row_of(STRATEGY, GOOD)[2] == "<none>"
