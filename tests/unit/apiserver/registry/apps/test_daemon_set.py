"""DaemonSet: defaults, every mistake, what may change, its row."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.apps.daemon_set import GENERATION, DaemonSetStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = DaemonSetStrategy()
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
GOOD: dict[str, Any] = {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}}


def test_defaults() -> None:
    obj = created(STRATEGY, {**GOOD, "status": {"numberReady": 4}})
    assert obj["spec"]["updateStrategy"] == {
        "type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }  # fmt: skip
    assert obj["spec"]["revisionHistoryLimit"] == 10
    assert obj["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert obj["metadata"]["generation"] == 1 and obj["metadata"]["annotations"] == {GENERATION: "1"}
    assert obj["status"]["numberReady"] == 0
    on_delete = created(STRATEGY, changed(GOOD, "spec.updateStrategy", {"type": "OnDelete"}))
    assert on_delete["spec"]["updateStrategy"] == {"type": "OnDelete"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.selector", None, "spec.template.metadata.labels: Invalid value"),
        ("spec.selector", {}, "spec.selector: Invalid value: {}: empty selector is invalid for daemonset"),
        ("spec.selector.matchLabels", {"x": "y"}, "`selector` does not match template `labels`"),
        ("spec.template.spec.containers", [], "spec.template.spec.containers: Required value"),
        ("spec.template.spec.restartPolicy", "Never", "spec.template.spec.restartPolicy: Unsupported value"),
        ("spec.template.spec.activeDeadlineSeconds", 9, "activeDeadlineSeconds in DaemonSet is not Supported"),
        ("spec.minReadySeconds", -1, "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"),
        ("spec.revisionHistoryLimit", -1, "spec.revisionHistoryLimit: Invalid value: -1"),
        ("spec.updateStrategy.type", "Slowly", "spec.updateStrategy: Unsupported value"),
        ("spec.updateStrategy.rollingUpdate.maxUnavailable", 0, "cannot be 0 when maxSurge is 0"),
        ("spec.updateStrategy.rollingUpdate.maxSurge", 1, "may not be set when maxUnavailable is non-zero"),
        ("spec.updateStrategy.rollingUpdate.maxUnavailable", "101%", "must not be greater than 100%"),
        ("spec.updateStrategy.rollingUpdate.maxUnavailable", "many", "a valid percent string must be"),
    ],
)
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_updates() -> None:
    old = created(STRATEGY, GOOD)
    assert errors_of(STRATEGY, GOOD) == [] == update_errors_of(STRATEGY, old, old)
    other = changed(changed(old, "spec.selector.matchLabels", {"x": "y"}), "spec.template.metadata.labels", {"x": "y"})
    assert update_errors_of(STRATEGY, old, other) == [
        'spec.selector: Invalid value: {"matchLabels":{"x":"y"}}: field is immutable'
    ]
    newer = updated(STRATEGY, old, changed(old, "spec.template.spec.containers.0.image", "i:2"))
    assert (newer["metadata"]["annotations"][GENERATION], newer["metadata"]["generation"]) == ("2", 2)
    longer = updated(STRATEGY, newer, changed(newer, "spec.minReadySeconds", 5))
    assert (longer["metadata"]["annotations"][GENERATION], longer["metadata"]["generation"]) == ("2", 3)


def test_status() -> None:
    old = updated(STRATEGY, created(STRATEGY, GOOD), changed(GOOD, "status.collisionCount", 3), "status")
    assert old["status"]["collisionCount"] == 3 and old["metadata"]["generation"] == 1
    bad = changed(changed(old, "status.numberReady", -1), "status.collisionCount", 2)
    assert update_errors_of(STRATEGY, old, bad, "status") == [
        "status.numberReady: Invalid value: -1: must be greater than or equal to 0",
        "status.collisionCount: Invalid value: 2: cannot be decremented",
    ]


def test_row() -> None:
    status = {
        "desiredNumberScheduled": 5, "currentNumberScheduled": 4, "numberReady": 3, "updatedNumberScheduled": 2,
        "numberAvailable": 1,
    }  # fmt: skip
    obj = changed({**GOOD, "status": status}, "spec.template.spec.nodeSelector", {"disk": "ssd", "arch": "arm"})
    assert row_of(STRATEGY, obj) == ["x", 5, 4, 3, 2, 1, "arch=arm,disk=ssd", "2m34s", "c", "i:1", "a=b"]
    assert row_of(STRATEGY, GOOD)[6] == "<none>"
    assert [column.type for column in STRATEGY.columns[1:6]] == ["integer"] * 5
