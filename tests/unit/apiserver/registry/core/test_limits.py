"""LimitRange and ResourceQuota: defaults, every mistake, what may change, their rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.core.limit_range import LimitRangeStrategy
from apiserver.registry.core.resource_quota import ResourceQuotaStrategy
from tests.support.registry import BORN, created, errors_of, row_of, update_errors_of

RANGE, QUOTA = LimitRangeStrategy(), ResourceQuotaStrategy()


def limits(*items: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"limits": list(items)}}


def container(**bounds: dict[str, str]) -> dict[str, Any]:
    return {"type": "Container", **bounds}


def test_a_container_limit_fills_its_gaps() -> None:
    item = created(RANGE, limits(container(max={"cpu": "2"}, min={"memory": "1Gi"})))["spec"]["limits"][0]
    assert item["default"] == {"cpu": "2"} and item["defaultRequest"] == {"cpu": "2", "memory": "1Gi"}
    pod = created(RANGE, limits({"type": "Pod", "max": {"cpu": "2"}}))["spec"]["limits"][0]
    assert "default" not in pod and "defaultRequest" not in pod


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "Thing"}, 'type: Invalid value: "Thing": must be a standard limit type or fully qualified'),
        ({"type": "a b"}, "spec.limits[0].type: Invalid value"),
        (container(max={"pods": "1"}, default={"pods": "1"}), "must be a standard resource for containers"),
        (container(max={"a.b": "1"}), "must be a standard resource type or fully qualified"),
        ({"type": "Pod", "default": {"cpu": "1"}}, "may not be specified when `type` is 'Pod'"),
        ({"type": "Pod", "defaultRequest": {"cpu": "1"}}, "may not be specified when `type` is 'Pod'"),
        ({"type": "PersistentVolumeClaim"}, "either minimum or maximum storage value is required"),
        ({"type": "Pod", "min": {"cpu": "2"}, "max": {"cpu": "1"}}, "min value 2 is greater than max value 1"),
        (
            container(min={"cpu": "2"}, default={"cpu": "3"}, defaultRequest={"cpu": "1"}),
            "min value 2 is greater than default request value 1",
        ),
        (
            container(default={"cpu": "1"}, defaultRequest={"cpu": "2"}),
            "default request value 2 is greater than default limit value 1",
        ),
        (
            container(max={"cpu": "1"}, default={"cpu": "2"}, defaultRequest={"cpu": "1"}),
            'default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
        ),
        ({"type": "Pod", "maxLimitRequestRatio": {"cpu": "500m"}}, "ratio 500m is less than 1"),
        (
            {"type": "Pod", "min": {"cpu": "1"}, "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "3"}},
            "ratio 3 is greater than max/min = 2.000000",
        ),
        (
            container(default={"hugepages-2Mi": "4Mi"}, defaultRequest={"hugepages-2Mi": "2Mi"}),
            "default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi",
        ),
    ],
)
def test_mistakes_in_a_limit_range(item: dict[str, Any], expected: str) -> None:
    found = errors_of(RANGE, limits(item))
    assert found and all(expected in error or "must be a standard" in error for error in found), found
    assert any(expected in error for error in found)


def test_each_type_once() -> None:
    pod = {"type": "Pod", "max": {"cpu": "1"}}
    assert errors_of(RANGE, limits(pod, pod)) == ['spec.limits[1].type: Duplicate value: "Pod"']


def test_limit_range_row() -> None:
    assert row_of(RANGE, {}) == ["x", BORN]
    assert [(column.name, column.type) for column in RANGE.columns] == [("Name", "string"), ("Created At", "date")]


def quota(hard: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {"spec": {"hard": hard or {}, **spec}}


def selector(scope: str, operator: str, *values: str) -> dict[str, Any]:
    row = {"scopeName": scope, "operator": operator, "values": list(values)}
    return {"scopeSelector": {"matchExpressions": [row]}}


def test_a_good_quota() -> None:
    hard = {
        "cpu": "1500m", "requests.memory": "1Gi", "limits.cpu": "4", "pods": "10", "requests.nvidia.com/gpu": "4",
        "count/deployments.apps": "3", "gold.storageclass.storage.k8s.io/requests.storage": "5Gi",
        "services.nodeports": "0", "hugepages-2Mi": "4Mi",
    }  # fmt: skip
    assert errors_of(QUOTA, quota(hard)) == []
    assert errors_of(QUOTA, quota({"pods": "1"}, **selector("PriorityClass", "In", "high"))) == []
    assert errors_of(QUOTA, quota({"pods": "1"}, scopes=["BestEffort", "NotTerminating"])) == []


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (quota({"colour": "1"}), "must be a standard resource type or fully qualified"),
        (quota({"storage": "1"}), 'Invalid value: "storage": must be a standard resource for quota'),
        (quota({"pods": "-1"}), "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0"),
        (quota({"pods": "1500m"}), "spec.hard[pods]: Invalid value: \"1500m\": must be an integer"),
        (quota(scopes=["Near"]), 'spec.scopes: Invalid value: ["Near"]: unsupported scope'),
        (quota({"cpu": "1"}, scopes=["BestEffort"]), "unsupported scope applied to resource"),
        (quota(scopes=["Terminating", "NotTerminating"]), "conflicting scopes"),
        (quota(**selector("Near", "Exists")), "matchExpressions.scopeName: Invalid value: \"Near\": unsupported scope"),
        (quota(**selector("BestEffort", "In", "x")), "must be 'Exist' only operator when scope is any of"),
        (quota(**selector("PriorityClass", "In")), "must be at least one value when `operator` is 'In' or 'NotIn'"),
        (quota(**selector("PriorityClass", "Exists", "x")), "must be no value when `operator` is 'Exist'"),
        (quota(**selector("PriorityClass", "Near")), "not a valid selector operator"),
        (quota({"services": "1"}, **selector("PriorityClass", "Exists")), "unsupported scope applied to resource"),
    ],
)
def test_mistakes_in_a_quota(obj: dict[str, Any], expected: str) -> None:
    found = errors_of(QUOTA, obj)
    assert any(expected in error for error in found), found


def test_scopes_stay() -> None:
    old = created(QUOTA, quota({"pods": "1"}, scopes=["BestEffort"]))
    assert update_errors_of(QUOTA, old, quota({"pods": "2"}, scopes=["BestEffort"])) == []
    assert update_errors_of(QUOTA, old, quota({"pods": "2"}, scopes=["Terminating"])) == [
        'spec.scopes: Invalid value: ["Terminating"]: field is immutable'
    ]


def test_quota_status_and_row() -> None:
    old = created(QUOTA, quota({"pods": "1"}))
    bad = {**old, "status": {"hard": {"pods": "-1"}, "used": {"colour": "1"}}}
    assert len(update_errors_of(QUOTA, old, bad, "status")) == 3
    status = {
        "hard": {"limits.memory": "2Gi", "pods": "10", "cpu": "4", "limits.cpu": "8"},
        "used": {"pods": "3", "limits.cpu": "1500m"},
    }
    assert row_of(QUOTA, {"status": status}) == [
        "x", "2m34s", "cpu: 0/4, pods: 3/10", "limits.cpu: 1500m/8, limits.memory: 0/2Gi",
    ]  # fmt: skip
