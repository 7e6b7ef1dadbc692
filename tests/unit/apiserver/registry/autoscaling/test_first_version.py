"""autoscaling/v1 and v2 of one object: nothing is lost on the way there and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apiserver.registry.autoscaling.first_autoscaler import FirstHorizontalPodAutoscalerStrategy
from apiserver.registry.autoscaling.first_version import (
    BEHAVIOR,
    CONDITIONS,
    CURRENT_METRICS,
    METRICS,
    from_second,
    to_second,
)
from machinery.api.autoscaling.v2 import HorizontalPodAutoscaler
from machinery.api.errors import BadRequest
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = FirstHorizontalPodAutoscalerStrategy()
GOOD: dict[str, Any] = {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
CONDITION = {"type": "AbleToScale", "status": "True", "reason": "Ready", "message": "m"}
FULL = HorizontalPodAutoscaler.from_dict(
    {
        "metadata": {"name": "x", "annotations": {"own": "text"}},
        "spec": {
            **GOOD["spec"],
            "minReplicas": 2,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
                },
                {
                    "type": "ContainerResource",
                    "containerResource": {
                        "name": "cpu", "container": "app", "target": {"type": "Utilization", "averageUtilization": 3},
                    },
                },
                {
                    "type": "Pods",
                    "pods": {
                        "metric": {"name": "hits", "selector": {"matchLabels": {"a": "b"}}},
                        "target": {"type": "AverageValue", "averageValue": "100"},
                    },
                },
                {
                    "type": "Object",
                    "object": {
                        "metric": {"name": "hits"}, "describedObject": {"kind": "Ingress", "name": "i"},
                        "target": {"type": "AverageValue", "averageValue": "5"},
                    },
                },
                {"type": "External", "external": {"metric": {"name": "q"}, "target": {"type": "Value", "value": "30"}}},
                CPU,
            ],
            "behavior": {
                way: {
                    "stabilizationWindowSeconds": 9, "selectPolicy": "Min",
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 2}],
                }
                for way in ("scaleUp", "scaleDown")
            },
        },
        "status": {
            "currentReplicas": 1, "desiredReplicas": 2, "conditions": [CONDITION],
            "currentMetrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "current": {"averageUtilization": 60, "averageValue": "6m"}},
                },
                {"type": "Pods", "pods": {"metric": {"name": "hits"}, "current": {"averageValue": "3"}}},
            ],
        },
    }
)  # fmt: skip


def test_there_and_back() -> None:
    first = from_second(FULL.to_dict())
    assert first["spec"] == {**GOOD["spec"], "minReplicas": 2, "targetCPUUtilizationPercentage": 70}
    assert first["status"] == {"currentReplicas": 1, "desiredReplicas": 2, "currentCPUUtilizationPercentage": 60}
    assert set(first["metadata"]["annotations"]) == {"own", METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR}
    assert HorizontalPodAutoscaler.from_dict(to_second(first)) == FULL


def test_the_annotations_are_in_the_old_words() -> None:
    annotations = from_second(FULL.to_dict())["metadata"]["annotations"]
    notes = {key: json.loads(text) for key, text in annotations.items() if key != "own"}
    assert notes[METRICS][0] == {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "1Gi"}}
    assert notes[METRICS][3]["object"] == {
        "target": {"kind": "Ingress", "name": "i"}, "metricName": "hits", "averageValue": "5", "targetValue": "0",
    }  # fmt: skip
    assert notes[CURRENT_METRICS][0]["resource"] == {
        "name": "cpu", "currentAverageUtilization": 60, "currentAverageValue": "6m",
    }  # fmt: skip
    assert notes[CONDITIONS] == [CONDITION]
    assert notes[BEHAVIOR]["ScaleUp"]["Policies"] == [{"Type": "Pods", "Value": 1, "PeriodSeconds": 2}]


def test_without_a_word_about_metrics() -> None:
    second = to_second({"metadata": {}, **GOOD})
    assert second["spec"]["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 80}
    plain = from_second({"metadata": {"name": "x"}, **GOOD})
    assert plain["metadata"] == {"name": "x"}


@pytest.mark.parametrize(
    ("key", "text"), [(METRICS, "{"), (METRICS, "{}"), (METRICS, "[1]"), (BEHAVIOR, "[]"), (CONDITIONS, '"x"')]
)
def test_annotations_that_cannot_be_read(key: str, text: str) -> None:
    with pytest.raises(BadRequest, match="unable to convert annotation"):
        to_second({"metadata": {"annotations": {key: text}}, **GOOD})


def test_an_annotation_of_the_wrong_shape_is_no_crash() -> None:
    odd = {"metadata": {"annotations": {METRICS: '[{"type":"Pods","pods":{"metricName":{"x":1}}}]'}}, **GOOD}
    with pytest.raises(BadRequest, match="unable to convert to autoscaling/v2"):
        errors_of(STRATEGY, odd)


def test_the_view_is_judged_by_the_rules_of_v2() -> None:
    assert created(STRATEGY, GOOD)["spec"]["minReplicas"] == 1
    assert errors_of(STRATEGY, changed(GOOD, "spec.maxReplicas", 0))[0].startswith("spec.maxReplicas: Invalid value: 0")
    found = errors_of(STRATEGY, changed(GOOD, "spec.targetCPUUtilizationPercentage", 0))
    assert found == ["spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0"]
    status = {"currentReplicas": 3, "currentCPUUtilizationPercentage": 20}
    obj = {**changed(GOOD, "spec.targetCPUUtilizationPercentage", 50), "status": status}
    assert row_of(STRATEGY, obj) == ["x", "Deployment/web", "cpu: 20%/50%", "1", 5, 3, "2m34s"]


def test_the_status_keeps_its_annotations() -> None:
    notes = {CONDITIONS: json.dumps([CONDITION]), "own": "text"}
    old = changed(created(STRATEGY, GOOD), "metadata.annotations", notes)
    plain = changed(old, "metadata.annotations", {"new": "text", CONDITIONS: "[]"})
    assert updated(STRATEGY, old, plain)["metadata"]["annotations"] == {"new": "text", CONDITIONS: notes[CONDITIONS]}
    assert updated(STRATEGY, old, plain, "status")["metadata"]["annotations"] == {"new": "text", CONDITIONS: "[]"}
    assert CONDITIONS not in created(STRATEGY, old)["metadata"]["annotations"]
    assert update_errors_of(STRATEGY, old, old, "status") == []
