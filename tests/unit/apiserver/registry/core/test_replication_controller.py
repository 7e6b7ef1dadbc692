"""ReplicationController and PodTemplate."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.endpoints.scale import scale_of
from apiserver.registry.core.pod_template import PodTemplateStrategy
from apiserver.registry.core.replication_controller import ReplicationControllerStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = ReplicationControllerStrategy()
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
GOOD: dict[str, Any] = {"spec": {"template": TEMPLATE}}


def test_defaults_come_from_the_template() -> None:
    obj = created(STRATEGY, GOOD)
    assert obj["spec"]["replicas"] == 1 and obj["metadata"]["generation"] == 1
    assert obj["spec"]["selector"] == {"a": "b"} == obj["metadata"]["labels"]
    assert obj["status"] == {"replicas": 0}
    own = created(STRATEGY, {"metadata": {"labels": {"x": "y"}}, "spec": {**GOOD["spec"], "selector": {"a": "b"}}})
    assert own["metadata"]["labels"] == {"x": "y"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.template.metadata.labels", None, ["spec.selector: Required value"]),
        ("spec.template", None, ["spec.selector: Required value", "spec.template: Required value"]),
        ("spec.replicas", -1, ["spec.replicas: Invalid value: -1"]),
        ("spec.minReadySeconds", -1, ["spec.minReadySeconds: Invalid value: -1"]),
        ("spec.selector", {"x": "y"}, ["spec.template.metadata.labels: Invalid value"]),
        ("spec.template.spec.restartPolicy", "Never", ["spec.template.spec.restartPolicy: Unsupported value"]),
        ("spec.template.spec.activeDeadlineSeconds", 1, ["spec.template.spec.activeDeadlineSeconds: Forbidden"]),
    ],
)
def test_mistakes(path: str, value: Any, expected: list[str]) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert [error[: len(start)] for error, start in zip(found, expected, strict=True)] == expected


def test_status_row_and_fields() -> None:
    old = created(STRATEGY, GOOD)
    bad = {**old, "status": {"replicas": 1, "readyReplicas": 2}}
    assert update_errors_of(STRATEGY, old, bad, "status") == [
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"
    ]
    obj = updated(STRATEGY, old, {**old, "status": {"replicas": 2, "readyReplicas": 1}}, "status")
    assert row_of(STRATEGY, obj) == ["x", 1, 2, 1, "2m34s", "c", "i:1", "a=b"]
    assert STRATEGY.selectable(obj) == {"status.replicas": "2"}
    assert scale_of(obj)["status"] == {"replicas": 2, "selector": "a=b"}


def test_pod_template() -> None:
    strategy = PodTemplateStrategy()
    obj = created(strategy, {"template": TEMPLATE})
    assert obj["template"]["spec"]["dnsPolicy"] == "ClusterFirst" and obj["metadata"]["generation"] == 1
    assert errors_of(strategy, {"template": {}}) == ["template.spec.containers: Required value"]
    assert updated(strategy, obj, changed(obj, "template.spec.nodeName", "n"))["metadata"]["generation"] == 2
    assert row_of(strategy, obj) == ["x", "c", "i:1", "a=b"]
