"""JSON paths of printer columns, and their cells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.apiextensions import columns, json_path

DOCUMENT = {
    "metadata": {"annotations": {"example.com/a": "x"}, "creationTimestamp": "2024-01-01T00:00:00Z"},
    "spec": {"n": 3, "f": 1.5, "on": True, "list": [1, 2, 3], "null": None},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
}


@pytest.mark.parametrize(("path", "found"), [
    (".spec.n", [3]), (".spec.list[1]", [2]), (".spec.list[-1]", [3]), (".spec.list[*]", [1, 2, 3]), (".spec.no", []),
    (r".metadata.annotations.example\.com/a", ["x"]), (".metadata.annotations['example.com/a']", ["x"]),
    ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
    (".status.conditions[?(@.type == 'Other')].status", ["False"]), (".spec.n.deeper", []), (".spec.list[9]", []),
])  # fmt: skip
def test_paths(path: str, found: list[Any]) -> None:
    assert json_path.found(json_path.parse(path), DOCUMENT) == found


def test_what_is_no_path() -> None:
    with pytest.raises(ValueError, match="unrecognized"):
        json_path.parse(".spec[")


@pytest.mark.parametrize(("kind", "path", "cell"), [
    ("integer", ".spec.n", 3), ("integer", ".spec.f", 1), ("number", ".spec.f", 1.5), ("boolean", ".spec.on", True),
    ("string", ".spec.n", "3"), ("string", ".spec.list", "[1,2,3]"), ("string", ".spec.no", None),
    ("date", ".metadata.creationTimestamp", "1h"), ("date", ".spec.n", None), ("integer", ".spec.on", None),
    ("date", ".metadata.annotations['example.com/a']", "<invalid>"), ("string", ".spec[", None),
])  # fmt: skip
def test_cells(kind: str, path: str, cell: Any) -> None:
    now = datetime(2024, 1, 1, 1, tzinfo=UTC)
    shown = columns.cells(DOCUMENT, [{"name": "A", "type": kind, "jsonPath": path}], now)[0]
    assert shown == cell or (kind == "date" and cell == "1h" and shown in ("1h", "60m"))
