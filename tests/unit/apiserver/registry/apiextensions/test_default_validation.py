"""Defaults that do not satisfy their own schema are refused with the definition."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.apiextensions.schema_validation import schema_errors
from machinery.api.apiextensions.v1 import JSONSchemaProps

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
INSIDE = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
PART = {"type": "object", "properties": {"n": WHOLE | {"minimum": 1}}}
FEW = {"x-kubernetes-validations": [{"rule": "self.n < 5", "message": "few"}]}


def errors(part: dict[str, Any]) -> list[str]:
    schema = {"type": "object", "properties": {"x": part}}
    return [str(error) for error in schema_errors(JSONSchemaProps.from_dict(schema), "schema")]


@pytest.mark.parametrize("part", [
    TEXT | {"default": "a"}, PART | FEW | {"default": {"n": 4}},
    {"type": "array", "items": PART, "default": [{"n": 1}]},
    INSIDE | {"default": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}},
    {"x-kubernetes-preserve-unknown-fields": True, "default": {"any": [1]}}, WHOLE | {"nullable": True},
])  # fmt: skip
def test_sound(part: dict[str, Any]) -> None:
    assert errors(part) == []


@pytest.mark.parametrize(("part", "why"), [
    (WHOLE | {"default": "a"}, 'default: Invalid value: "string":  in body must be of type integer: "string"'),
    (PART | {"default": {"n": 0}}, "default.n: Invalid value: 0: n in body should be greater than or equal to 1"),
    (PART | {"default": {"m": 1}}, 'default: Invalid value: {"m":1}: must not have unknown fields'),
    (PART | FEW | {"default": {"n": 5}}, 'default: Invalid value: "object": few'),
    ({"type": "array", "items": PART, "default": [{"n": 0}]},
     "default[0].n: Invalid value: 0: [0].n in body should be greater than or equal to 1"),
    (INSIDE | {"default": {"kind": "Pod"}}, "default.apiVersion: Required value: must not be empty"),
    (TEXT | {"enum": ["a"], "default": "b"}, 'default: Unsupported value: "b": supported values: "a"'),
])  # fmt: skip
def test_unsound(part: dict[str, Any], why: str) -> None:
    assert errors(part) == [f"schema.properties[x].{why}"]
