"""Differences of two objects as sets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apply.compare import compare, compare_objects, everything
from machinery.api.apply.field_set import intersection, path_text, paths, union
from machinery.api.apply.shapes import ANYTHING, struct
from machinery.api.core.v1 import Pod


def texts(fields: dict[str, Any]) -> list[str]:
    return [path_text(path) for path in paths(fields)]


def pod(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": spec}


def differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[str]]:
    found = compare_objects(old, new, Pod)
    return {name: texts(fields) for name, fields in found._asdict().items() if fields}


def test_equal_objects_do_not_differ() -> None:
    assert differences(pod(nodeName="n"), pod(nodeName="n")) == {}


def test_scalars_come_change_and_go() -> None:
    old, new = pod(nodeName="n", hostname="h"), pod(nodeName="m", subdomain="s")
    assert differences(old, new) == {
        "added": [".spec.subdomain"], "modified": [".spec.nodeName"], "removed": [".spec.hostname"]
    }  # fmt: skip


def test_what_is_added_counts_with_all_that_is_inside() -> None:
    container = {"name": "c", "ports": [{"containerPort": 80}]}
    key = '.spec.containers[name="c"]'
    assert differences(pod(containers=[]), pod(containers=[container])) == {
        "added": [key, f"{key}.name", f"{key}.ports", f'{key}.ports[containerPort=80,protocol="TCP"]',
                  f'{key}.ports[containerPort=80,protocol="TCP"].containerPort']
    }  # fmt: skip


def test_the_order_of_a_keyed_list_is_no_difference() -> None:
    one, two = {"name": "a", "image": "x"}, {"name": "b", "image": "y"}
    assert differences(pod(containers=[one, two]), pod(containers=[two, one])) == {}


def test_an_atomic_value_is_one_field() -> None:
    old, new = pod(nodeSelector={"a": "1"}, tolerations=[{"key": "x"}]), pod(nodeSelector={"b": "1"}, tolerations=[])
    assert differences(old, new) == {"modified": [".spec.nodeSelector", ".spec.tolerations"]}


def test_a_set_gains_and_loses_items() -> None:
    old, new = ({"metadata": {"finalizers": items}} for items in (["a", "b"], ["b", "c"]))
    assert differences(old, new) == {
        "added": ['.metadata.finalizers[="c"]'], "removed": ['.metadata.finalizers[="a"]']
    }  # fmt: skip


def test_nobody_owns_what_the_server_keeps() -> None:
    kept = {"name": "x", "namespace": "n", "uid": "u", "resourceVersion": "1", "creationTimestamp": "now",
            "generation": 2, "managedFields": [{}], "selfLink": "/"}  # fmt: skip
    old, new = {"metadata": {}}, {"apiVersion": "v1", "kind": "Pod", "metadata": {**kept, "labels": {"a": "b"}}}
    assert differences(old, new) == {"added": [".metadata.labels", ".metadata.labels.a"]}


def test_items_with_one_key_in_common_are_one_field() -> None:
    once, again = {"name": "A", "value": "1"}, {"name": "A", "value": "2"}
    env = [[once], [once, again], [again, once], [again]]
    found = [differences(*(pod(containers=[{"name": "c", "env": items}]) for items in pair))
             for pair in pairwise(env)]  # fmt: skip
    key = '.spec.containers[name="c"].env[name="A"]'
    inside = [key, f"{key}.name", f"{key}.value"]
    assert found == [{"added": [key], "removed": inside}, {"modified": [key]}, {"added": inside, "removed": [key]}]


def test_a_null_is_there_and_empty() -> None:
    assert differences(pod(nodeName="n"), pod(nodeName=None)) == {"modified": [".spec.nodeName"]}
    old, new = ({"metadata": {"labels": labels}} for labels in ({"a": "b"}, None))
    assert differences(old, new) == {"removed": [".metadata.labels.a"]}


def test_an_undescribed_value_of_another_kind_is_modified() -> None:
    shape = struct(Pod)
    found = compare({"novelty": {"a": 1}}, {"novelty": "text"}, shape)
    assert [texts(fields) for fields in found] == [[], [".novelty"], [".novelty.a"]]
    found = compare({"novelty": [1]}, {"novelty": {"a": 1}}, shape)
    assert [texts(fields) for fields in found] == [[".novelty.a"], [".novelty"], []]


documents = st.recursive(
    st.integers(0, 3) | st.text("xy", max_size=2) | st.none(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from("abc"), documents, max_size=3)


@given(objects, objects)
def test_looking_from_the_other_side_turns_the_sets_round(one: dict[str, Any], other: dict[str, Any]) -> None:
    there, back = compare(one, other, ANYTHING), compare(other, one, ANYTHING)
    assert (there.added, there.modified, there.removed) == (back.removed, back.modified, back.added)


@given(objects, objects)
def test_the_sets_have_no_member_in_common_and_are_of_the_objects(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = compare(one, other, ANYTHING)
    assert not intersection(found.added, found.removed)
    assert not intersection(found.modified, union(found.added, found.removed))
    assert set(paths(found.written)) <= set(paths(everything(other, ANYTHING)))
    assert set(paths(found.removed)) <= set(paths(everything(one, ANYTHING)))


@given(objects, objects)
def test_nothing_is_found_only_between_equals(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (not any(compare(one, other, ANYTHING))) == (one == other)
