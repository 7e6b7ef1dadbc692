"""PriorityClass: defaults, what is the system's, what cannot change, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.scheduling.priority_class import PriorityClassStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

STRATEGY = PriorityClassStrategy()
RESERVED = (
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
)
NODE = "system-node-critical"


def test_defaults() -> None:
    made = created(STRATEGY, {"value": 1})
    assert made["preemptionPolicy"] == "PreemptLowerPriority" and made["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("name", "obj", "expected"),
    [
        ("high", {"value": 1_000_000_000}, []),
        (
            "high", {"value": 1_000_000_001},
            ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
        ),
        ("high", {"preemptionPolicy": ""}, ["preemptionPolicy: Required value"]),
        (
            "high", {"preemptionPolicy": "Odd"},
            ['preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"'],
        ),
        ("system-node-critical", {"value": 2000001000}, []),
        ("system-x", {}, [RESERVED + "system-x is not a known system priority class"]),
        (NODE, {"value": 1}, [RESERVED + "value of system-node-critical PriorityClass must be 2000001000"]),
        (
            "system-node-critical", {"value": 2000001000, "globalDefault": True},
            [RESERVED + "globalDefault of system-node-critical PriorityClass must be false"],
        ),
    ],
)  # fmt: skip
def test_mistakes(name: str, obj: dict[str, Any], expected: list[str]) -> None:
    assert errors_of(STRATEGY, {"metadata": {"name": name}, **obj}) == expected


def test_what_stays() -> None:
    old = created(STRATEGY, {"value": 1})
    assert update_errors_of(STRATEGY, old, changed(old, "value", 2)) == [
        "value: Forbidden: may not be changed in an update."
    ]
    assert update_errors_of(STRATEGY, old, changed(old, "preemptionPolicy", "Never")) == [
        'preemptionPolicy: Invalid value: "Never": field is immutable'
    ]


def test_row() -> None:
    assert row_of(STRATEGY, {"value": 5, "preemptionPolicy": "Never"}) == ["x", 5, False, "2m34s", "Never"]
