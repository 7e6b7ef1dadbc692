"""Configurations laid over objects, and fields taken out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apply.extract import fields_of, with_named
from machinery.api.apply.field_set import named, of_paths, path_text, paths
from machinery.api.apply.merge import merge, remove
from machinery.api.apply.shapes import ANYTHING, struct
from machinery.api.core.v1 import Pod

POD = struct(Pod)


def containers(*names: str, **fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, **fields} for name in names]}}


def order(document: dict[str, Any]) -> str:
    return "".join(item["name"] for item in document["spec"]["containers"])


def test_maps_and_structs_merge_and_atomic_values_are_replaced() -> None:
    live = {"metadata": {"labels": {"a": "1"}}, "spec": {"nodeName": "n", "nodeSelector": {"a": "1"}}}
    config = {"metadata": {"labels": {"b": "2"}}, "spec": {"nodeSelector": {"b": "2"}}}
    assert merge(live, config, POD) == {
        "metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"nodeName": "n", "nodeSelector": {"b": "2"}}
    }  # fmt: skip


def test_items_merge_by_key() -> None:
    merged = merge(containers("a", image="x"), containers("a", tty=True), POD)
    assert merged == containers("a", image="x", tty=True)


@pytest.mark.parametrize(("live", "config", "expected"), [
    ("abc", "", "abc"), ("", "abc", "abc"), ("abc", "b", "abc"), ("abc", "cba", "cba"), ("ab", "ba", "ba"),
    ("ab", "xa", "xab"), ("ab", "axb", "axb"), ("abc", "ca", "bca"), ("abcd", "xd", "abcxd"), ("ab", "bx", "abx"),
])  # fmt: skip
def test_the_order_of_items(live: str, config: str, expected: str) -> None:
    assert order(merge(containers(*live), containers(*config), POD)) == expected


@given(st.permutations("abcde"), st.permutations("cdefg"), st.integers(0, 5), st.integers(0, 5))
def test_every_item_once_and_the_configurations_order(live: list[str], config: list[str], few: int, some: int) -> None:
    merged = order(merge(containers(*live[:few]), containers(*config[:some]), POD))
    assert sorted(merged) == sorted({*live[:few], *config[:some]})
    assert [name for name in merged if name in config[:some]] == config[:some]
    alone = [name for name in live[:few] if name not in config[:some]]
    assert [name for name in merged if name in alone] == alone


def test_items_there_twice_are_replaced_by_the_one_that_is_wanted() -> None:
    live = containers("a", "b", image="x")
    live["spec"]["containers"].append({"name": "a", "image": "y"})
    merged = merge(live, containers("a", tty=True), POD)
    assert merged["spec"]["containers"] == [{"name": "a", "tty": True}, {"name": "b", "image": "x"}]


def test_a_null_clears_a_scalar_and_leaves_a_map() -> None:
    live = {"metadata": {"labels": {"a": "1"}}, "spec": {"nodeName": "n"}}
    assert merge(live, {"metadata": {"labels": None}, "spec": {"nodeName": None}}, POD) == {
        "metadata": {"labels": {"a": "1"}}, "spec": {"nodeName": None}
    }  # fmt: skip


def test_what_is_removed_and_what_is_left_of_it() -> None:
    live = {"metadata": {"labels": {"a": "1"}}, **containers("a", "b", image="x", tty=True)}
    unwanted = of_paths(("f:metadata", "f:labels", "f:a"), ("f:spec", "f:containers", 'k:{"name":"a"}'),
                        ("f:spec", "f:containers", 'k:{"name":"b"}', "f:tty"))  # fmt: skip
    assert remove(live, unwanted, POD) == {"metadata": {"labels": None}, **containers("b", image="x")}


def test_fields_of_a_configuration() -> None:
    config = {"metadata": {"labels": {"a": "1"}}, "spec": {"nodeSelector": {"a": "1"}, "volumes": [
        {"name": "v", "emptyDir": {}}], "nodeName": None, "hostAliases": []}}  # fmt: skip
    assert fields_of(config, POD) == {
        "f:metadata": {"f:labels": {"f:a": {}}},
        "f:spec": {"f:nodeName": {}, "f:nodeSelector": {},
                   "f:volumes": {'k:{"name":"v"}': {".": {}, "f:emptyDir": {}, "f:name": {}}}},
    }  # fmt: skip


def test_named_fields_on_the_way_become_members() -> None:
    found = with_named(of_paths(("f:spec", "f:containers", 'k:{"name":"a"}', "f:image")), POD)
    shown = [path_text(path) for path in paths(found)]
    assert shown == [".spec", ".spec.containers", '.spec.containers[name="a"].image']
    assert with_named(named("metadata.labels.app"), POD)["f:metadata"]["f:labels"] == {".": {}, "f:app": {}}


documents = st.recursive(
    st.integers(0, 3) | st.text("xy", max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from("abc"), documents, max_size=3)


@given(objects, objects)
def test_a_merge_has_all_of_the_configuration_and_can_be_repeated(live: dict[str, Any], config: dict[str, Any]) -> None:
    merged = merge(live, config, ANYTHING)
    assert merge(merged, config, ANYTHING) == merged
    assert set(paths(fields_of(config, ANYTHING))) <= set(paths(fields_of(merged, ANYTHING)))
    assert merge({}, config, ANYTHING) == config and merge(live, {}, ANYTHING) == live


@given(objects)
def test_without_all_of_its_fields_nothing_is_left(document: dict[str, Any]) -> None:
    assert remove(document, fields_of(document, ANYTHING), ANYTHING) == (None if document else {})
