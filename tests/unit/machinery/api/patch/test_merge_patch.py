"""Merge patch: the table of RFC 7386, and that a difference can be computed and applied."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.errors import BadRequest
from machinery.api.patch import merge_patch

RFC = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("doc", "patch", "result"), RFC)
def test_rfc_7386(doc: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]) -> None:
    assert merge_patch(doc, patch) == result


@pytest.mark.parametrize(("patch", "word"), [([], "array"), ("x", "string"), (1, "number"), (True, "bool")])
def test_only_objects_are_patches(patch: Any, word: str) -> None:
    with pytest.raises(BadRequest) as refused:
        merge_patch({}, patch)
    assert str(refused.value) == (
        f"error decoding patch: json: cannot unmarshal {word} into Go value of type map[string]interface {{}}")


values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8)
documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The merge patch from one document to another; they hold no nulls."""
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            patch[key] = difference(old[key], value)
        else:
            patch[key] = value
    return patch


@given(documents, documents)
def test_a_difference_leads_to_the_target(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_patch(old, difference(old, new)) == new


@given(documents, documents)
def test_twice_is_once_and_nothing_given_is_changed(doc: dict[str, Any], patch: dict[str, Any]) -> None:
    before = deepcopy((doc, patch))
    once = merge_patch(doc, patch)
    assert merge_patch(once, patch) == once
    assert (doc, patch) == before
