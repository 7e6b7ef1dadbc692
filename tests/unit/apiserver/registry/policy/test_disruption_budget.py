"""PodDisruptionBudget: every mistake, what may change, its row."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.policy.disruption_budget import PodDisruptionBudgetStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = PodDisruptionBudgetStrategy()
GOOD: dict[str, Any] = {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}}
CONDITION = {
    "type": "DisruptionAllowed", "status": "True", "reason": "SufficientPods", "message": "",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_nothing_is_filled_in() -> None:
    obj = created(STRATEGY, GOOD)
    assert obj["spec"] == GOOD["spec"] and obj["metadata"]["generation"] == 1
    assert obj["status"] == {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
    assert errors_of(STRATEGY, GOOD) == [] == errors_of(STRATEGY, {"spec": {}})


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.maxUnavailable", 1, "minAvailable and maxUnavailable cannot be both set"),
        ("spec.minAvailable", -1, "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"),
        ("spec.minAvailable", "101%", 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'),
        ("spec.minAvailable", "half", "a valid percent string must be a numeric string"),
        ("spec.selector.matchLabels", {"a b": "c"}, "spec.selector.matchLabels: Invalid value"),
        ("spec.unhealthyPodEvictionPolicy", "Never", 'supported values: "AlwaysAllow", "IfHealthyBudget"'),
    ],
)
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_updates_and_status() -> None:
    old = created(STRATEGY, GOOD)
    newer = updated(STRATEGY, old, changed(old, "spec.minAvailable", "50%"))
    assert newer["metadata"]["generation"] == 2 and update_errors_of(STRATEGY, old, newer) == []
    good = {"disruptionsAllowed": 1, "conditions": [CONDITION]}
    assert update_errors_of(STRATEGY, old, {**old, "status": good}, "status") == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"disruptionsAllowed": -1}, "status.disruptionsAllowed: Invalid value: -1"),
        ({"expectedPods": -1}, "status.expectedPods: Invalid value: -1"),
        ({"conditions": [CONDITION, CONDITION]}, "status.conditions[1].type: Duplicate value"),
        ({"conditions": [{**CONDITION, "type": "a b"}]}, "status.conditions[0].type: Invalid value"),
        ({"conditions": [{**CONDITION, "status": "Maybe"}]}, 'status: Unsupported value: "Maybe"'),
        ({"conditions": [{**CONDITION, "reason": ""}]}, "reason: Required value: must be set"),
        ({"conditions": [{**CONDITION, "reason": "a b"}]}, "a condition reason must start with alphabetic character"),
        ({"conditions": [{**CONDITION, "lastTransitionTime": None}]}, "lastTransitionTime: Required value"),
        ({"conditions": [{**CONDITION, "observedGeneration": -1}]}, "must be greater than or equal to zero"),
        ({"conditions": [{**CONDITION, "message": "x" * 40_000}]}, "Too long: may not be more than 32768 bytes"),
    ],
)
def test_mistakes_in_the_status(status: dict[str, Any], expected: str) -> None:
    old = created(STRATEGY, GOOD)
    found = update_errors_of(STRATEGY, old, {**old, "status": status}, "status")
    assert len(found) == 1 and expected in found[0], found


def test_row() -> None:
    assert row_of(STRATEGY, {**GOOD, "status": {"disruptionsAllowed": 2}}) == ["x", "1", "N/A", 2, "2m34s"]
    assert row_of(STRATEGY, {"spec": {"maxUnavailable": "25%"}})[1:3] == ["N/A", "25%"]
