"""Every keyword of structural schemas, in Kubernetes' words; and agreement with PyPI's jsonschema where both speak."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiserver.apiextensions import list_types
from apiserver.apiextensions.structural import structural
from apiserver.apiextensions.validation import compiled
from apiserver.registry.apiextensions.schema_validation import schema_errors
from machinery.api.apiextensions.v1 import JSONSchemaProps

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
LIST, MAP = {"type": "array", "items": TEXT}, {"type": "object", "additionalProperties": WHOLE}


def field(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with `spec.x`."""
    inside = {"type": "object", "properties": {"x": schema}}
    whole = compiled({"type": "object", "properties": {"spec": inside}})
    return [str(error) for error in whole.errors({"spec": {"x": value}})]


FITTING = [
    (TEXT, "a"), (WHOLE, 1), (WHOLE, 1.0), (NUMBER, 1), (NUMBER, 1.5), ({"type": "boolean"}, True), (LIST, ["a"]),
    (MAP, {"a": 1}), (TEXT | {"nullable": True}, None), ({"x-kubernetes-int-or-string": True}, "50%"),
    ({"x-kubernetes-int-or-string": True}, 3), (TEXT | {"enum": ["a", "b"]}, "b"), (WHOLE | {"enum": [1]}, 1),
    (TEXT | {"enum": ["a"], "nullable": True}, None), (WHOLE | {"maximum": 3}, 3), (WHOLE | {"minimum": 0}, 0),
    (NUMBER | {"multipleOf": 0.1}, 0.3), (TEXT | {"maxLength": 2}, "äö"), (TEXT | {"minLength": 2}, "äö"),
    (TEXT | {"pattern": "^a+$"}, "aa"), (TEXT | {"pattern": "b"}, "abc"), (LIST | {"maxItems": 1}, ["a"]),
    (LIST | {"minItems": 1}, ["a"]), (MAP | {"maxProperties": 1}, {"a": 1}), (TEXT | {"format": "nonsense"}, "x"),
    ({"x-kubernetes-preserve-unknown-fields": True}, {"a": [1]}), (WHOLE | {"maxLength": 1}, 100),
    (TEXT | {"not": {"enum": ["b"]}}, "a"), (WHOLE | {"oneOf": [{"maximum": 3}, {"minimum": 3}]}, 4),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value"), FITTING)
def test_fits(schema: dict[str, Any], value: Any) -> None:
    assert field(schema, value) == []


IN = "spec.x in body"
WRONG = [
    (WHOLE, "3", f'spec.x: Invalid value: "string": {IN} must be of type integer: "string"'),
    (WHOLE, 1.5, f'spec.x: Invalid value: "number": {IN} must be of type integer: "number"'),
    (TEXT, None, f'spec.x: Invalid value: "null": {IN} must be of type string: "null"'),
    (TEXT, True, f'spec.x: Invalid value: "boolean": {IN} must be of type string: "boolean"'),
    (LIST, {}, f'spec.x: Invalid value: "object": {IN} must be of type array: "object"'),
    (MAP, [], f'spec.x: Invalid value: "array": {IN} must be of type object: "array"'),
    ({"x-kubernetes-int-or-string": True}, 1.5,
     f'spec.x: Invalid value: "number": {IN} must be of type integer,string: "number"'),
    (LIST, ["a", 1], 'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'),
    (MAP, {"a": "b"}, 'spec.x.a: Invalid value: "string": spec.x.a in body must be of type integer: "string"'),
    (TEXT | {"enum": ["a", "b"]}, "c", 'spec.x: Unsupported value: "c": supported values: "a", "b"'),
    (WHOLE | {"maximum": 3}, 4, f"spec.x: Invalid value: 4: {IN} should be less than or equal to 3"),
    (WHOLE | {"maximum": 3, "exclusiveMaximum": True}, 3, f"spec.x: Invalid value: 3: {IN} should be less than 3"),
    (WHOLE | {"minimum": 1}, 0, f"spec.x: Invalid value: 0: {IN} should be greater than or equal to 1"),
    (WHOLE | {"maximum": 0}, 1, f"spec.x: Invalid value: 1: {IN} should be less than or equal to 0"),
    (NUMBER | {"minimum": 0.5, "exclusiveMinimum": True}, 0.5,
     f"spec.x: Invalid value: 0.5: {IN} should be greater than 0.5"),
    (WHOLE | {"multipleOf": 5}, 7, f"spec.x: Invalid value: 7: {IN} should be a multiple of 5"),
    (TEXT | {"maxLength": 2}, "abc", "spec.x: Too long: may not be more than 2 bytes"),
    (TEXT | {"minLength": 2}, "a", f'spec.x: Invalid value: "a": {IN} should be at least 2 chars long'),
    (TEXT | {"pattern": "^a+$"}, "b", f"spec.x: Invalid value: \"b\": {IN} should match '^a+$'"),
    (TEXT | {"format": "date-time"}, "now", f'spec.x: Invalid value: "now": {IN} must be of type date-time: "now"'),
    (LIST | {"maxItems": 1}, ["a", "b"], "spec.x: Too many: 2: must have at most 1 item"),
    (LIST | {"minItems": 1}, [], f"spec.x: Invalid value: []: {IN} should have at least 1 items"),
    (LIST | {"uniqueItems": True}, ["a", "a"], f'spec.x: Invalid value: ["a","a"]: {IN} shouldn\'t contain duplicates'),
    (MAP | {"maxProperties": 1}, {"a": 1, "b": 2}, "spec.x: Too many: 2: must have at most 1 item"),
    (MAP | {"minProperties": 1}, {}, f"spec.x: Invalid value: {{}}: {IN} should have at least 1 properties"),
    ({"type": "object", "required": ["a"]}, {}, "spec.x.a: Required value"),
    (WHOLE | {"not": {"minimum": 3}}, 4, '<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'),
    (WHOLE | {"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3,
     '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives'),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "told"), WRONG)
def test_what_is_wrong(schema: dict[str, Any], value: Any, told: str) -> None:
    assert field(schema, value) == [told]


def test_junctors_tell_the_nearest_branch() -> None:
    branches = [{"required": ["a"]}, {"required": ["b", "c"]}]
    none = field({"type": "object", "oneOf": branches}, {})
    assert none[0].endswith("(oneOf). Found none valid")
    assert none[1:] == ["spec.x.a: Required value"]
    assert field({"type": "object", "anyOf": branches}, {})[0].endswith("must validate at least one schema (anyOf)")
    every = field({"type": "object", "allOf": branches}, {"a": 1})
    assert [each for each in every if "(allOf)" in each] == [
        '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)'
    ]


FORMATS = [
    ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7"), ("ipv4", "10.0.0.1", "10.0.0.256"),
    ("ipv6", "fe80::1", "10.0.0.1"), ("cidr", "10.0.0.0/8", "10.0.0.0"), ("mac", "01:23:45:67:89:ab", "01:23"),
    ("date", "2024-02-29", "2023-02-29"), ("date-time", "2024-01-01T00:00:00Z", "2024-01-01"),
    ("duration", "1h30m", "soon"), ("email", "a@example.com", "a@"), ("hostname", "a.example", "-a"),
    ("uri", "https://example.com/a", "example"), ("byte", "YWJj", "a"), ("hexcolor", "#fff", "#ff"),
    ("rgbcolor", "rgb(1,2,3)", "rgb(1,2)"), ("creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112"),
    ("ssn", "123-45-6789", "12-3"), ("isbn", "978-0-306-40615-7", "978-0-306-40615-8"),
    ("isbn10", "0-306-40615-2", "0-306-40615-3"), ("bsonobjectid", "507f1f77bcf86cd799439011", "507f"),
    ("uuid4", "57b73598-8764-4ad0-a76a-679bb6640eb1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad"), FORMATS)
def test_formats(name: str, good: str, bad: str) -> None:
    assert field(TEXT | {"format": name}, good) == []
    assert len(field(TEXT | {"format": name}, bad)) == 1


def test_integers_have_formats_too() -> None:
    assert field(WHOLE | {"format": "int32"}, 2**31 - 1) == []
    assert "format int32" in field(WHOLE | {"format": "int32"}, 2**31)[0]


def test_a_malicious_pattern_does_not_hang() -> None:
    assert len(field(TEXT | {"pattern": "^(a+)+$"}, "a" * 50_000 + "b")) == 1


def duplicates(schema: dict[str, Any], value: Any) -> list[str]:
    return [str(error) for error in list_types.errors(value, structural(schema), "spec")]


def test_sets_and_maps_hold_nothing_twice() -> None:
    one_of_each = LIST | {"x-kubernetes-list-type": "set"}
    assert duplicates(one_of_each, ["a", "b"]) == []
    assert duplicates(one_of_each, ["a", "b", "a", "a"]) == ['spec[2]: Duplicate value: "a"']
    keyed = {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map",
             "x-kubernetes-list-map-keys": ["name"]}  # fmt: skip
    assert duplicates(keyed, [{"name": "a", "x": 1}, {"name": "a", "x": 2}]) == [
        'spec[1]: Duplicate value: {"name":"a"}'
    ]
    assert duplicates(keyed, ["a"]) == [
        'spec[0]: Invalid value: "a": must be an object for an array of list-type map'
    ]


TENTHS = st.floats(-5, 5).map(lambda number: round(number, 1))
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | TENTHS | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
RESTRICTIONS = st.fixed_dictionaries({}, optional={
    "maximum": st.integers(-3, 3), "minimum": st.integers(-3, 3), "maxLength": st.integers(0, 2),
    "minLength": st.integers(1, 2), "maxItems": st.integers(0, 2), "minItems": st.integers(1, 2),
    "maxProperties": st.integers(0, 2), "minProperties": st.integers(1, 2), "multipleOf": st.integers(1, 3),
    "required": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True),
})  # fmt: skip
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])


def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.fixed_dictionaries({"type": TYPES}, optional={
        "properties": st.dictionaries(st.sampled_from("ab"), inner, min_size=1, max_size=2), "items": inner,
        "additionalProperties": inner, "anyOf": st.lists(RESTRICTIONS, min_size=1, max_size=2),
        "oneOf": st.lists(RESTRICTIONS, min_size=1, max_size=2), "not": RESTRICTIONS,
    })  # fmt: skip
    return st.tuples(parts, RESTRICTIONS).map(lambda pair: pair[0] | pair[1])


SCHEMAS = st.recursive(TYPES.map(lambda kind: {"type": kind}), deeper, max_leaves=6)


@given(SCHEMAS, VALUES)
@settings(max_examples=300, deadline=None)
def test_agrees_with_jsonschema(schema: dict[str, Any], value: Any) -> None:
    ours = next(compiled(schema).errors(value), None) is None
    theirs = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert ours == theirs


GO_PATTERNS = [(r"^a\z", True), ("(?P<x>a)", True), (r"(a)\1", False), ("a(?=b)", False)]


@pytest.mark.parametrize(("pattern", "legal"), GO_PATTERNS)
def test_patterns_are_gos_own(pattern: str, legal: bool) -> None:
    schema = JSONSchemaProps.from_dict({"type": "object", "properties": {"x": TEXT | {"pattern": pattern}}})
    assert (schema_errors(schema, "schema") == []) is legal


SHARE = {"type": "object", "properties": {"name": TEXT, "n": WHOLE | {"maximum": 3}}}
KEYED = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}


@pytest.mark.parametrize(("schema", "before", "after", "left"), [
    (WHOLE | {"maximum": 3}, 9, 9, 0), (WHOLE | {"maximum": 3}, 9, 8, 1), (WHOLE | {"maximum": 0}, True, 1, 1),
    (MAP | {"additionalProperties": WHOLE | {"maximum": 3}}, {"a": 9}, {"a": 9, "b": 1}, 0),
    (MAP | {"additionalProperties": WHOLE | {"maximum": 3}}, {"a": 9}, {"b": 9}, 1),
    (SHARE | {"required": ["x"]}, {"n": 1}, {"n": 1}, 0), (SHARE | {"required": ["x"]}, {"n": 1}, {"n": 2}, 1),
    ({"type": "array", "items": SHARE}, [{"n": 9}], [{"n": 9}, {"n": 1}], 0),
    ({"type": "array", "items": SHARE}, [{"n": 9}], [{"n": 1}, {"n": 9}], 1),
    ({"type": "array", "items": SHARE, "x-kubernetes-list-type": "atomic"}, [{"n": 9}], [{"n": 9}, {"n": 1}], 1),
    ({"type": "array", "items": SHARE, "x-kubernetes-list-type": "atomic"}, [{"n": 9}], [{"n": 9}], 0),
    ({"type": "array", "items": SHARE} | KEYED, [{"name": "a", "n": 9}], [{"name": "b"}, {"name": "a", "n": 9}], 0),
    ({"type": "array", "items": SHARE} | KEYED, [{"name": "a", "n": 9}], [{"name": "b", "n": 9}], 1),
])  # fmt: skip
def test_what_was_wrong_and_is_as_it_was_may_stay(
    schema: dict[str, Any], before: Any, after: Any, left: int
) -> None:
    whole = compiled({"type": "object", "properties": {"x": schema, "other": TEXT}})
    found = list(whole.errors({"x": after, "other": "new"}, "", {"x": before, "other": "old"}))
    assert len(found) == left, [str(each) for each in found]
