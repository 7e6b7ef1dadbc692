"""JSON patch beside the package `jsonpatch`: what it makes of a document, we make of it.

Where it refuses we may take more: see json_patch's own licences. Values keep clear of 1 == True, which Python alone
believes.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from machinery.api.errors import Invalid
from machinery.api.patch import json_patch

keys = st.sampled_from(["a", "b", "c/d", "e~f", "", "0", "-"])
leaves = st.none() | st.integers(2, 9) | st.sampled_from(["x", "", "0", "ü"]) | st.just(2.5)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(keys, values, max_size=4)


def pointers(value: Any, path: str = "") -> list[str]:
    """Every place in a document, and beside each of its maps and lists one that is free."""
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += pointers(item, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
        found.append(f"{path}/new")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += pointers(item, f"{path}/{index}")
        found += [f"{path}/-", f"{path}/{len(value)}", f"{path}/{len(value) + 1}"]
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A document and up to four operations, most of which find what they are after."""
    document = draw(documents)
    places = [place for place in pointers(document) if place] or ["/new"]
    where = st.sampled_from([*places, "/nowhere/at/all"])
    operations = []
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]))
        operation: dict[str, Any] = {"op": name, "path": draw(where)}
        if name in ("move", "copy"):
            operation["from"] = draw(where)
        if name in ("add", "replace", "test"):
            operation["value"] = draw(values)
        if name == "test" and draw(st.booleans()):
            operation["value"] = deepcopy(jsonpointer.resolve_pointer(document, operation["path"], None))
        operations.append(operation)
    return document, operations


@settings(max_examples=500)
@given(cases())
def test_both_make_the_same(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    document, operations = case
    before = deepcopy(document)
    try:
        expected = jsonpatch.apply_patch(document, operations)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError):
        return
    assert json_patch(document, operations) == expected
    assert document == before, "what is patched stays as it was"


@settings(max_examples=300)
@given(cases(), st.sampled_from(["/nowhere/at/all", "/new/x"]))
def test_both_refuse_what_is_not_there(case: tuple[dict[str, Any], list[dict[str, Any]]], nowhere: str) -> None:
    document, _ = case
    for name in ("remove", "move", "copy"):
        operation = {"op": name, "path": nowhere if name == "remove" else "/x", "from": nowhere}
        with pytest.raises((jsonpatch.JsonPatchException, jsonpointer.JsonPointerException)):
            jsonpatch.apply_patch(document, [operation])
        with pytest.raises(Invalid):
            json_patch(document, [operation])


@settings(max_examples=300)
@given(documents, documents)
def test_a_computed_patch_leads_there(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert json_patch(one, jsonpatch.make_patch(one, other).patch) == other
