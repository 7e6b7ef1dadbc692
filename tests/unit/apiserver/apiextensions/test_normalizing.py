"""Pruning and defaulting: what stays, what goes, what is filled in; both do nothing the second time."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apiserver.apiextensions.defaulting import default
from apiserver.apiextensions.pruning import prune
from apiserver.apiextensions.structural import structural

TEXT = {"type": "string"}


def schema(**spec: Any) -> Any:
    return structural({"type": "object", "properties": {"spec": {"type": "object", **spec}}})


def pruned(given: Any, **spec: Any) -> tuple[Any, list[str]]:
    document = {"apiVersion": "v1", "kind": "A", "metadata": {"odd": 1}, "spec": copy.deepcopy(given)}
    dropped = prune(document, schema(**spec))
    assert document["metadata"] == {"odd": 1}
    return document["spec"], dropped


def test_unknown_fields_go_and_are_named() -> None:
    parts = {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}
    assert pruned({"a": "x", "b": 1}, properties={"a": TEXT}) == ({"a": "x"}, ["spec.b"])
    assert pruned({"p": [{"a": "x", "c": 2}]}, properties={"p": parts}) == ({"p": [{"a": "x"}]}, ["spec.p[0].c"])


def test_maps_keep_their_keys() -> None:
    inside = {"type": "object", "properties": {"a": TEXT}}
    assert pruned({"k": {"a": "x", "b": 1}}, additionalProperties=inside) == ({"k": {"a": "x"}}, ["spec.k.b"])


def test_what_is_preserved_is_looked_into_where_it_is_described() -> None:
    inside = {"type": "object", "properties": {"a": TEXT}}
    keep = {"x-kubernetes-preserve-unknown-fields": True}
    assert pruned({"free": {"x": 1}, "o": {"b": 1}}, properties={"o": inside}, **keep) == (
        {"free": {"x": 1}, "o": {}}, ["spec.o.b"])  # fmt: skip


def test_embedded_resources_keep_what_makes_them_resources() -> None:
    inside = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}}
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}
    assert pruned({"o": {**whole, "x": 1}}, properties={"o": inside}) == ({"o": whole}, ["spec.o.x"])


def defaulted(given: Any, **spec: Any) -> Any:
    document = {"spec": given}
    default(document, schema(**spec))
    return document["spec"]


def test_defaults_fill_what_is_missing_at_every_level() -> None:
    deep = {"type": "object", "default": {}, "properties": {"n": {"type": "integer", "default": 3}}}
    assert defaulted({}, properties={"o": deep}) == {"o": {"n": 3}}
    assert defaulted({"o": {"n": 4}}, properties={"o": deep}) == {"o": {"n": 4}}
    assert defaulted({"l": [{}]}, properties={"l": {"type": "array", "items": deep}}) == {"l": [{"n": 3}]}
    assert defaulted({"m": {"k": {}}}, properties={"m": {"type": "object", "additionalProperties": deep}}) == {
        "m": {"k": {"n": 3}}
    }


def test_nulls() -> None:
    assert defaulted({"a": None}, properties={"a": TEXT | {"default": "x"}}) == {"a": "x"}
    assert defaulted({"a": None}, properties={"a": TEXT}) == {}
    assert defaulted({"a": None}, properties={"a": TEXT | {"nullable": True, "default": "x"}}) == {"a": None}


def test_defaults_are_not_shared() -> None:
    parts = schema(properties={"l": {"type": "array", "items": TEXT, "default": []}})
    one, two = {"spec": {}}, {"spec": {}}
    for each in (one, two):
        default(each, parts)
    one["spec"]["l"].append("x")
    assert two["spec"]["l"] == []


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
LEAVES = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "object", "array"])},
    optional={"nullable": st.booleans(), "default": SCALARS.filter(lambda value: value is not None),
              "x-kubernetes-preserve-unknown-fields": st.just(True)},
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(LEAVES, st.fixed_dictionaries({}, optional={
        "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
        "items": inner,
        "additionalProperties": inner | st.just(True),
    })).map(lambda pair: pair[0] | pair[1]),
    max_leaves=6,
)  # fmt: skip


@given(SCHEMAS, VALUES)
@settings(max_examples=200, deadline=None)
def test_both_are_idempotent(of_spec: Any, value: Any) -> None:
    tree = structural({"type": "object", "properties": {"spec": of_spec}})
    document = {"apiVersion": "v1", "kind": "A", "spec": value}
    prune(document, tree)
    default(document, tree)
    once = copy.deepcopy(document)
    default(document, tree)
    assert document == once
    prune(document, tree)
    again = copy.deepcopy(document)
    assert prune(document, tree) == []
    assert document == again
