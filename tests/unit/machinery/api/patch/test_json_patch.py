"""JSON patch: the examples of RFC 6902, refusals, and that edits undo each other."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.errors import BadRequest, Invalid, RequestEntityTooLarge
from machinery.api.patch import json_patch

GOOD = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["x"]}], {"foo": ["bar", ["x"]]}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/1", "value": "x"}], {"foo": ["bar", "x"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": None}], {"baz": None}),
    ({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
     [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
     {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
    ({"foo": ["all", "grass", "cows", "eat"]}, [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
     {"foo": ["all", "cows", "eat", "grass"]}),
    ({"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}], {"a": {"b": 1}, "c": {"b": 1}}),
    ({"baz": "qux", "foo": ["a", 2]}, [{"op": "test", "path": "/foo/1", "value": 2}], {"baz": "qux", "foo": ["a", 2]}),
    ({"a/b": 1, "m~n": 2}, [{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/m~0n"}], {}),
    ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    ({"a": 1}, [{"op": "test", "path": "/absent", "value": None}], {"a": 1}),
    ({"a": 1}, [], {"a": 1}),
    ({"a": 1}, [{"op": "replace", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
    ({"a": 1}, [{"op": "add", "path": "/b"}], {"a": 1, "b": None}),
    ({"l": [1, 2]}, [{"op": "remove", "path": "/l/-1"}], {"l": [1]}),
    ({"l": [1, 2]}, [{"op": "replace", "path": "/l/-2", "value": 0}], {"l": [0, 2]}),
    ({"l": [1, 2]}, [{"op": "add", "path": "/l/-1", "value": 3}], {"l": [1, 2, 3]}),
]


@pytest.mark.parametrize(("doc", "operations", "result"), GOOD)
def test_rfc_6902_and_what_kubernetes_allows_beside_it(doc: Any, operations: list[Any], result: Any) -> None:
    before = deepcopy(doc)
    assert json_patch(doc, operations) == result
    assert doc == before


@pytest.mark.parametrize("operation", [
    {"op": "test", "path": "/n", "value": 2},
    {"op": "test", "path": "/n", "value": True},
    {"op": "test", "path": "/n", "value": "1"},
    {"op": "test", "path": "/absent", "value": 1},
    {"op": "remove", "path": "/absent"},
    {"op": "remove", "path": "/list/2"},
    {"op": "remove", "path": "/list/-3"},
    {"op": "replace", "path": "/list/2", "value": 1},
    {"op": "replace", "path": "/absent/x", "value": 1},
    {"op": "remove", "path": "/list/-"},
    {"op": "remove", "path": ""},
    {"op": "add", "path": "/absent/x", "value": 1},
    {"op": "add", "path": "/list/3", "value": 1},
    {"op": "add", "path": "/n/x", "value": 1},
    {"op": "add", "path": "n", "value": 1},
    {"op": "add", "value": 1},
    {"op": "move", "from": "/map", "path": "/map/inner"},
    {"op": "copy", "from": "/absent", "path": "/x"},
    {"op": "frob", "path": "/n"},
    {"path": "/n"},
])
def test_what_does_not_apply_is_invalid(operation: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        json_patch({"n": 1, "list": [1, 2], "map": {}}, [operation])
    assert str(refused.value) == "the server rejected our request due to an error in our request"
    assert refused.value.code == 422
    assert refused.value.__cause__ is not None


@pytest.mark.parametrize(("operations", "message"), [
    ({}, "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
    (None, "json: cannot unmarshal null into Go value of type []handlers.jsonPatchOp"),
    (["x"], "json: cannot unmarshal string into Go value of type handlers.jsonPatchOp"),
    ([{"op": 5}], "json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string"),
])
def test_what_is_no_patch_is_a_bad_request(operations: Any, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        json_patch({}, operations)
    assert str(refused.value) == f"error decoding patch: {message}"


def test_too_many_operations() -> None:
    with pytest.raises(RequestEntityTooLarge) as refused:
        json_patch({}, [{"op": "add", "path": "/x", "value": 1}] * 10_001)
    assert str(refused.value) == ("Request entity too large: "
                                  "The allowed maximum operations in a JSON patch is 10000, got 10001")


def test_all_or_nothing() -> None:
    doc = {"a": 1}
    with pytest.raises(Invalid):
        json_patch(doc, [{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/a"}])
    assert doc == {"a": 1}


scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=2)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3)
                      | st.dictionaries(st.text("a/~", max_size=2), inner, max_size=3), max_leaves=8)
documents = st.dictionaries(st.text("ab/~", max_size=2), values, max_size=3)


def pointers(node: Any, at: str = "") -> list[str]:
    """Every place in a document."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = []
    for key, value in members:
        here = f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"
        found += [here, *pointers(value, here)]
    return found


@given(documents, st.data())
def test_every_place_can_be_tested_copied_and_removed(doc: dict[str, Any], data: st.DataObject) -> None:
    places = pointers(doc)
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    copied = json_patch(doc, [{"op": "copy", "from": place, "path": "/copy"}])
    value = copied["copy"]
    assert json_patch(copied, [{"op": "remove", "path": "/copy"}]) == doc
    assert json_patch(doc, [{"op": "test", "path": place, "value": value}]) == doc
    assert json_patch(doc, [{"op": "replace", "path": place, "value": value}]) == doc
    moved = [{"op": "move", "from": place, "path": "/moved"}, {"op": "move", "from": "/moved", "path": place}]
    assert json_patch(doc, moved) == doc
    back = [{"op": "remove", "path": place}, {"op": "add", "path": place, "value": value}]
    assert json_patch(doc, back) == doc


operations = st.fixed_dictionaries({}, optional={
    "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
    "path": st.text("/ab0-~1", max_size=5), "from": st.text("/ab0-~1", max_size=5), "value": values})


@given(documents, st.lists(operations, max_size=3))
def test_any_patch_applies_or_is_refused_and_nothing_given_is_changed(doc: dict[str, Any], many: list[Any]) -> None:
    before = deepcopy((doc, many))
    with suppress(Invalid):
        json_patch(doc, many)
    assert (doc, many) == before
