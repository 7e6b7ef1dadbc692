"""StatefulSet and ControllerRevision: defaults, every mistake, what may change, their rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.apps.controller_revision import ControllerRevisionStrategy
from apiserver.registry.apps.stateful_set import StatefulSetStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = StatefulSetStrategy()
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
CLAIM = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
GOOD: dict[str, Any] = {
    "spec": {
        "serviceName": "db",
        "selector": {"matchLabels": {"a": "b"}},
        "template": TEMPLATE,
        "volumeClaimTemplates": [CLAIM],
    }
}


def test_defaults() -> None:
    spec = created(STRATEGY, changed(GOOD, "spec.updateStrategy", {"rollingUpdate": {"maxUnavailable": 2}}))["spec"]
    assert spec["replicas"] == 1 and spec["revisionHistoryLimit"] == 10
    assert spec["podManagementPolicy"] == "OrderedReady"
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    claim = spec["volumeClaimTemplates"][0]
    assert claim["spec"]["volumeMode"] == "Filesystem" and claim["status"] == {"phase": "Pending"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.selector", None, "spec.selector: Required value"),
        ("spec.selector", {}, "spec.selector: Invalid value: {}: empty selector is invalid for statefulset"),
        ("spec.selector.matchLabels", {"x": "y"}, "`selector` does not match template `labels`"),
        ("spec.replicas", -1, "spec.replicas: Invalid value: -1"),
        ("spec.minReadySeconds", -1, "spec.minReadySeconds: Invalid value: -1"),
        ("spec.ordinals.start", -1, "spec.ordinals.start: Invalid value: -1"),
        ("spec.podManagementPolicy", "Any", "must be 'OrderedReady' or 'Parallel'"),
        ("spec.updateStrategy.type", "Any", "must be 'RollingUpdate' or 'OnDelete'"),
        ("spec.updateStrategy", {"type": "OnDelete", "rollingUpdate": {}}, "only allowed for updateStrategy"),
        ("spec.updateStrategy.rollingUpdate.partition", -1, "rollingUpdate.partition: Invalid value: -1"),
        ("spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Keep", "whenScaled: Unsupported value"),
        ("spec.template.spec.restartPolicy", "Never", "spec.template.spec.restartPolicy: Unsupported value"),
        ("spec.template.spec.activeDeadlineSeconds", 9, "activeDeadlineSeconds in StatefulSet is not Supported"),
    ],
)
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_the_name_becomes_a_host_name() -> None:
    assert STRATEGY.name_errors("db") == [] and STRATEGY.name_errors("my.db") != []


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("spec.replicas", 3, True),
        ("spec.template.spec.containers.0.image", "i:2", True),
        ("spec.updateStrategy", {"type": "OnDelete"}, True),
        ("spec.minReadySeconds", 3, True),
        ("spec.ordinals", {"start": 2}, True),
        ("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete", True),
        ("spec.serviceName", "other", False),
        ("spec.podManagementPolicy", "Parallel", False),
        ("spec.volumeClaimTemplates.0.metadata.name", "other", False),
        ("spec.revisionHistoryLimit", 2, False),
    ],
)
def test_what_may_change(path: str, value: Any, allowed: bool) -> None:
    old = created(STRATEGY, GOOD)
    found = update_errors_of(STRATEGY, old, changed(old, path, value))
    assert found == [] if allowed else "updates to statefulset spec for fields other than 'replicas'" in found[0]
    assert updated(STRATEGY, old, changed(old, path, value))["metadata"]["generation"] == 2


def test_status() -> None:
    old = created(STRATEGY, GOOD)
    good = {"replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "currentReplicas": 3, "updatedReplicas": 3}
    assert update_errors_of(STRATEGY, old, {**old, "status": good}, "status") == []
    bad = {"replicas": 1, "readyReplicas": 2, "availableReplicas": 3, "currentReplicas": -1}
    assert update_errors_of(STRATEGY, old, {**old, "status": bad}, "status") == [
        "status.currentReplicas: Invalid value: -1: must be greater than or equal to 0",
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas",
    ]


def test_row() -> None:
    obj = changed({**GOOD, "status": {"readyReplicas": 1, "replicas": 2}}, "spec.replicas", 2)
    assert row_of(STRATEGY, obj) == ["x", "1/2", "2m34s", "c", "i:1"]


def test_controller_revision() -> None:
    strategy = ControllerRevisionStrategy()
    assert errors_of(strategy, {"revision": -1}) == [
        "data: Required value: data is mandatory",
        "revision: Invalid value: -1: must be greater than or equal to 0",
    ]
    old = created(strategy, {"revision": 1, "data": {"spec": {}}})
    assert update_errors_of(strategy, old, {**old, "revision": 2}) == []
    assert "data: Invalid value" in update_errors_of(strategy, old, {**old, "data": {"x": 1}})[0]
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "web", "uid": "u", "controller": True}
    owned = {**old, "metadata": {"ownerReferences": [owner]}}
    assert row_of(strategy, owned) == ["x", "daemonset.apps/web", 1, "2m34s"]
    assert row_of(strategy, {"revision": 7})[1:3] == ["<none>", 7]
