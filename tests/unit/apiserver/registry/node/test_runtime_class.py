"""RuntimeClass: mistakes, what cannot change, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.node.runtime_class import RuntimeClassStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

STRATEGY = RuntimeClassStrategy()


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        ({"handler": ""}, 'handler: Invalid value: "": a lowercase RFC 1123 label must consist of'),
        ({"handler": "Run"}, 'handler: Invalid value: "Run"'),
        ({"overhead": {"podFixed": {"cpu": "-1"}}}, 'overhead.limits[cpu]: Invalid value: "-1": must be greater than'),
        ({"scheduling": {"nodeSelector": {"a b": ""}}}, 'scheduling.nodeSelector: Invalid value: "a b"'),
        (
            {"scheduling": {"tolerations": [{"key": "a", "operator": "Odd"}]}},
            'scheduling.tolerations[0].operator: Unsupported value: "Odd"',
        ),
    ],
)  # fmt: skip
def test_mistakes(obj: dict[str, Any], expected: str) -> None:
    assert errors_of(STRATEGY, {"handler": "runc"}) == []
    assert any(error.startswith(expected) for error in errors_of(STRATEGY, {"handler": "runc", **obj}))


def test_the_handler_stays() -> None:
    old = created(STRATEGY, {"handler": "runc"})
    assert update_errors_of(STRATEGY, old, changed(old, "handler", "kata")) == [
        'handler: Invalid value: "kata": field is immutable'
    ]
    assert row_of(STRATEGY, old) == ["x", "runc", "2m34s"]
