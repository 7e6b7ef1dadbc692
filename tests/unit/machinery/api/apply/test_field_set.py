"""The algebra of field sets, held against Python's own sets of paths."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apply import field_set
from machinery.api.apply.field_set import (
    checked,
    difference,
    has,
    in_order,
    intersection,
    leaves,
    named,
    of_paths,
    path_text,
    paths,
    recursive_difference,
    union,
)

steps = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:"z"', "i:0"])
path_sets = st.sets(st.lists(steps, min_size=1, max_size=4).map(tuple), max_size=8)


def built(some: set[tuple[str, ...]]) -> dict[str, Any]:
    return of_paths(*some)


def test_a_set_is_its_fields_v1() -> None:
    labels = of_paths(("f:metadata", "f:labels"), ("f:metadata", "f:labels", "f:app"))
    assert labels == {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}
    assert named("spec.replicas", "status") == {"f:spec": {"f:replicas": {}}, "f:status": {}}


@given(path_sets)
def test_a_set_has_the_paths_that_it_was_made_of(some: set[tuple[str, ...]]) -> None:
    assert set(paths(built(some))) == some
    assert all(has(built(some), path) for path in some)


@given(path_sets, path_sets)
def test_operations_agree_with_sets_of_paths(one: set[Any], other: set[Any]) -> None:
    left, right = built(one), built(other)
    assert set(paths(union(left, right))) == one | other
    assert set(paths(difference(left, right))) == one - other
    assert set(paths(intersection(left, right))) == one & other


@given(path_sets, path_sets)
def test_a_recursive_difference_takes_what_is_below_too(one: set[Any], other: set[Any]) -> None:
    expected = {path for path in one if not any(path[: len(gone)] == gone for gone in other)}
    assert set(paths(recursive_difference(built(one), built(other)))) == expected


@given(path_sets)
def test_leaves_have_nothing_below_them(some: set[Any]) -> None:
    expected = {path for path in some if not any(len(p) > len(path) and p[: len(path)] == path for p in some)}
    assert set(paths(leaves(built(some)))) == expected


@given(path_sets, path_sets)
def test_operations_change_neither_side(one: set[Any], other: set[Any]) -> None:
    left, right = built(one), built(other)
    before = json.dumps([left, right])
    for operation in (union, difference, intersection, recursive_difference):
        operation(left, right)
    leaves(left)
    assert json.dumps([left, right]) == before


@given(path_sets, path_sets)
def test_equal_sets_are_equal_texts(one: set[Any], other: set[Any]) -> None:
    assert json.dumps(union(built(one), built(other))) == json.dumps(union(built(other), built(one)))
    assert json.dumps(in_order(built(one))) == json.dumps(of_paths(*sorted(one, reverse=True)))


@given(path_sets, path_sets)
def test_what_an_operation_leaves_alone_is_the_same_object(one: set[Any], other: set[Any]) -> None:
    left = built(one)
    if one and other <= one:
        assert union(left, built(other)) is left
    if not one & other:
        assert difference(left, built(other)) is left


@given(path_sets)
def test_reading_what_was_written_gives_it_back(some: set[Any]) -> None:
    fields = in_order(built(some))
    assert checked(json.loads(json.dumps(fields))) == fields


def test_a_clients_spelling_becomes_ours() -> None:
    odd = {"f:ports": {'k:{ "protocol": "TCP", "containerPort": 80 }': {".": {}}, "v: 1": {}}, ".": {}}
    assert checked(odd) == {"f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {}, "v:1": {}}}


NONSENSE = ["text", {"f:a": "text"}, {"x:a": {}}, {"k:1": {}}, {"k:{": {}}, {"i:one": {}}, {"": {}}]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused(nonsense: Any) -> None:
    with pytest.raises(ValueError):
        checked(nonsense)


def test_members_of_a_level_come_first_and_numbers_by_size() -> None:
    ports = {f'k:{{"port":{port}}}': {} for port in (443, 80)}
    fields = {"f:b": ports, "f:a": {"f:z": {}}, "f:c": {}}
    assert [path_text(path) for path in paths(fields)] == [".c", ".a.z", ".b[port=80]", ".b[port=443]"]


def test_paths_print_as_kubernetes_prints_them() -> None:
    path = ("f:spec", 'k:{"containerPort":80,"protocol":"TCP"}', 'v:"x"', "i:3", "f:name", "v:true")
    assert path_text(path) == '.spec[containerPort=80,protocol="TCP"][="x"][3].name[=true]'


def test_the_empty_set_has_nobody() -> None:
    assert not has({}, ()) and list(paths({})) == [] and field_set.union({}, {}) == {}
