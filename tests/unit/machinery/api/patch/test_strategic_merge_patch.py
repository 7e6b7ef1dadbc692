"""Strategic merge patch: keyed lists, primitive lists, directives, order, refusals."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Node, Pod, Service
from machinery.api.errors import BadRequest, Invalid
from machinery.api.patch import merge_patch, strategic_merge_patch

A = {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}
B = {"name": "b", "image": "b:1"}


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers), **spec}}


def patched(doc: dict[str, Any], patch: dict[str, Any], model: Any = Pod) -> dict[str, Any]:
    before = deepcopy((doc, patch))
    result = strategic_merge_patch(doc, patch, model)
    assert (doc, patch) == before, "the patch changed what it was given"
    return result


def test_items_merge_by_key() -> None:
    assert patched(pod(A, B), pod({"name": "b", "image": "b:2"})) == pod(A, {"name": "b", "image": "b:2"})


def test_lists_nest() -> None:
    result = patched(pod(A), pod({"name": "a", "env": [{"name": "Y", "value": "3"}]}))
    assert result == pod({**A, "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "3"}]})


def test_a_new_item_comes_before_those_not_named() -> None:
    assert patched(pod(A, B), pod({"name": "c"})) == pod({"name": "c"}, A, B)


def test_an_item_is_deleted() -> None:
    assert patched(pod(A, B), pod({"$patch": "delete", "name": "a"})) == pod(B)


def test_a_list_is_replaced() -> None:
    assert patched(pod(A, B), pod({"$patch": "replace"}, {"name": "c"})) == pod({"name": "c"})


def test_a_map_is_replaced_deleted_or_merged() -> None:
    doc = {"metadata": {"labels": {"a": "1", "b": "2"}}}
    labels = {"c": "3"}
    assert patched(doc, {"metadata": {"labels": {"$patch": "replace", **labels}}}) == {"metadata": {"labels": labels}}
    assert patched(doc, {"metadata": {"labels": {"$patch": "delete"}}}) == {"metadata": {"labels": {}}}
    merged = patched(doc, {"metadata": {"labels": {"$patch": "merge", **labels}}})
    assert merged == {"metadata": {"labels": {"a": "1", "b": "2", "c": "3"}}}


def test_null_deletes_and_absent_nulls_leave_no_trace() -> None:
    doc = {"metadata": {"labels": {"a": "1"}}}
    assert patched(doc, {"metadata": {"labels": {"a": None, "b": "2"}}}) == {"metadata": {"labels": {"b": "2"}}}
    assert patched(doc, {"spec": {"nodeName": None, "securityContext": {"fsGroup": None}}}) == {
        **doc, "spec": {"securityContext": {}}}


def test_directives_leave_no_trace_where_there_is_nothing_to_merge_with() -> None:
    patch = pod({"$patch": "delete", "name": "gone"}, {"name": "a", "env": [{"$patch": "delete", "name": "X"}]},
                **{"$setElementOrder/containers": [{"name": "a"}]})
    patch["spec"]["securityContext"] = {"$patch": "delete"}
    assert patched({}, patch) == pod({"name": "a", "env": []})


def test_set_element_order() -> None:
    order = {"$setElementOrder/containers": [{"name": "b"}, {"name": "c"}, {"name": "a"}]}
    result = patched(pod(A, B), {"spec": {**order, "containers": [{"name": "c"}]}})
    assert result == pod(B, {"name": "c"}, A)


def test_set_element_order_alone_only_reorders() -> None:
    order = {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}
    assert patched(pod(A, B), order) == pod(B, A)
    assert patched({}, order) == {"spec": {}}


def test_items_that_only_the_server_has_keep_their_place() -> None:
    sidecar = {"name": "sidecar"}
    order = {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}
    assert patched(pod(A, sidecar, B), order) == pod(sidecar, B, A)
    order = {"spec": {"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}]}}
    assert patched(pod(sidecar, A, B), order) == pod(sidecar, A, B)
    assert patched(pod(A, sidecar, B), order) == pod(A, sidecar, B)


def test_a_replacement_takes_the_place_that_a_deletion_freed() -> None:
    sidecar = {"name": "sidecar"}
    patch = {"spec": {"$setElementOrder/containers": [{"name": "c"}],
                      "containers": [{"name": "c"}, {"name": "a", "$patch": "delete"}]}}
    assert patched(pod(A, sidecar), patch) == pod(sidecar, {"name": "c"})
    patch["spec"]["containers"].pop()
    assert patched(pod(sidecar), patch) == pod({"name": "c"}, sidecar)


def test_primitive_lists_merge_and_delete() -> None:
    doc = {"metadata": {"finalizers": ["a", "b"]}}
    patch = {"metadata": {"$setElementOrder/finalizers": ["b", "c"], "$deleteFromPrimitiveList/finalizers": ["a"],
                          "finalizers": ["c"]}}
    assert patched(doc, patch) == {"metadata": {"finalizers": ["b", "c"]}}
    assert patched(doc, {"metadata": {"finalizers": ["b"]}}) == {"metadata": {"finalizers": ["a", "b"]}}
    assert patched({"metadata": {}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}) == {"metadata": {}}


def test_lists_without_a_strategy_are_replaced() -> None:
    doc = {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}
    patch = {"spec": {"taints": [{"key": "b", "effect": "NoExecute", "value": None}]}}
    assert patched(doc, patch, Node) == {"spec": {"taints": [{"key": "b", "effect": "NoExecute"}]}}
    assert patched(pod({"name": "a", "args": ["x"]}), pod({"name": "a", "args": ["y"]})) == pod(
        {"name": "a", "args": ["y"]})


def test_numbers_are_keys_too() -> None:
    doc = {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "https"}]}}
    patch = {"spec": {"ports": [{"port": 443, "targetPort": 8443}]}}
    assert patched(doc, patch, Service) == {"spec": {"ports": [
        {"port": 80, "name": "http"}, {"port": 443, "name": "https", "targetPort": 8443}]}}


def test_retain_keys_switches_a_one_of() -> None:
    doc = pod(volumes=[{"name": "v", "emptyDir": {}}])
    patch = {"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}}
    assert patched(doc, patch) == pod(volumes=[{"name": "v", "configMap": {"name": "c"}}])
    deployment = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert patched(deployment, patch, Deployment) == {"spec": {"strategy": {"type": "Recreate"}}}


def test_dollar_keys_that_are_no_directives_are_data() -> None:
    patch = {"metadata": {"annotations": {"$ref": "x", "$patchwork": "y"}}}
    assert patched({}, patch) == patch


def test_unknown_fields_pass_through_to_be_judged_by_decoding() -> None:
    assert patched({}, {"spec": {"bogus": [{"a": 1}]}}) == {"spec": {"bogus": [{"a": 1}]}}


@pytest.mark.parametrize(("patch", "message"), [
    (pod({"image": "x"}), "map: map[image:x] does not contain declared merge key: name"),
    (pod({"$patch": "delete", "image": "x"}),
     "map: map[$patch:delete image:x] does not contain declared merge key: name"),
    ({"spec": {"$patch": "bogus"}}, "unknown patch type: bogus in map: map[$patch:bogus]"),
    (pod({"$patch": "bogus", "name": "a"}), "unknown patch type: bogus in map: map[$patch:bogus name:a]"),
    ({"spec": {"$retainKeys": "x"}}, "invalid patch format of retainKeys"),
    ({"spec": {"$retainKeys": ["x"], "nodeName": "n"}}, "invalid patch format of retainKeys"),
    ({"metadata": {"$deleteFromPrimitiveList/finalizers": "x"}}, "invalid patch format of primitive list"),
    ({"spec": {"$setElementOrder/containers": "x"}}, "invalid patch format of setElementOrder list"),
    ({"spec": {"$setElementOrder/bogus": [{"name": "a"}]}},
     'unable to find api field in struct PodSpec for the json field "bogus"'),
    (pod({"name": "b"}, {"name": "a"}, **{"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}]}),
     "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n"
     "[map[name:a] map[name:b]]\n"),
    ([], "json: cannot unmarshal array into Go value of type map[string]interface {}"),
])
def test_refused_in_kubernetes_words(patch: Any, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        strategic_merge_patch(pod(A, B), patch, Pod)
    assert str(refused.value) == message


def test_lists_of_lists_are_invalid() -> None:
    with pytest.raises(Invalid):
        strategic_merge_patch({"metadata": {"finalizers": ["a"]}}, {"metadata": {"finalizers": [["b"]]}}, Pod)


labels = st.dictionaries(st.sampled_from("abc"), st.none() | st.text(max_size=2), max_size=3)


@given(labels, labels)
def test_on_maps_it_is_a_merge_patch(old: dict[str, Any], new: dict[str, Any]) -> None:
    doc = {"metadata": {"labels": {key: value for key, value in old.items() if value is not None}}}
    patch = {"metadata": {"labels": new}}
    assert patched(doc, patch) == merge_patch(doc, patch)


names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


def containers(found: list[str], image: str) -> list[dict[str, Any]]:
    return [{"name": name, "image": image} for name in found]


@given(names, names)
def test_keyed_lists_are_unions_in_which_the_patch_wins(live: list[str], new: list[str]) -> None:
    doc, patch = pod(*containers(live, "old")), pod(*containers(new, "new"))
    result = patched(doc, patch)["spec"]["containers"]
    images = {item["name"]: item["image"] for item in result}
    assert images == dict.fromkeys(live, "old") | dict.fromkeys(new, "new")
    assert len(result) == len(images)
    assert [item["name"] for item in result if item["name"] in new] == new
    assert [item["name"] for item in result if item["name"] not in new] == [name for name in live if name not in new]
    assert patched({"spec": {"containers": result}}, patch) == {"spec": {"containers": result}}


@given(names, names)
def test_what_kubectl_sends_leads_to_the_target(live: list[str], target: list[str]) -> None:
    changes = containers(target, "new") + [{"name": gone, "$patch": "delete"} for gone in live if gone not in target]
    order = [{"name": name} for name in target]
    patch = {"spec": {"$setElementOrder/containers": order, "containers": changes}}
    assert patched(pod(*containers(live, "old")), patch) == pod(*containers(target, "new"))


@given(names, names)
def test_finalizers_too(live: list[str], target: list[str]) -> None:
    gone = [name for name in live if name not in target]
    patch = {"metadata": {"$setElementOrder/finalizers": target, "$deleteFromPrimitiveList/finalizers": gone,
                          "finalizers": target}}
    assert patched({"metadata": {"finalizers": live}}, patch) == {"metadata": {"finalizers": target}}


junk = st.recursive(
    st.none() | st.text("ab", max_size=1) | st.sampled_from(["delete", "replace", "merge"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([
        "spec", "containers", "name", "$patch", "$retainKeys", "$setElementOrder/containers", "metadata", "finalizers",
        "$deleteFromPrimitiveList/finalizers", "$setElementOrder/finalizers", "$setElementOrder"]), inner, max_size=3),
    max_leaves=10)


@given(st.dictionaries(st.sampled_from(["spec", "metadata", "$patch"]), junk))
def test_any_patch_applies_or_is_refused(patch: dict[str, Any]) -> None:
    doc = pod(A, B) | {"metadata": {"finalizers": ["a"]}}
    try:
        patched(doc, patch)
    except (BadRequest, Invalid):
        return
