"""The patch of `apply`: sets what is wanted, removes what was applied, leaves what others set."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Pod, Service
from machinery.api.patch import merge_patch, strategic_merge_patch, three_way


def deployment(image: str = "nginx:1", **spec: Any) -> dict[str, Any]:
    container = {"name": "web", "image": image, "ports": [{"containerPort": 80}]}
    return {"spec": {"replicas": 2, **spec, "template": {"spec": {"containers": [container]}}}}


def defaulted(document: dict[str, Any]) -> dict[str, Any]:
    """As the server would store it."""
    live = deepcopy(document)
    container = live["spec"]["template"]["spec"]["containers"][0]
    container["imagePullPolicy"] = "IfNotPresent"
    container["ports"][0]["protocol"] = "TCP"
    live["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}
    return live


def test_nothing_to_do_is_an_empty_patch() -> None:
    wanted = deployment()
    assert three_way(wanted, wanted, defaulted(wanted), Deployment) == {}


def test_only_the_changed_container_field_is_sent() -> None:
    live = defaulted(deployment())
    patch = three_way(deployment(), deployment("nginx:2"), live, Deployment)
    assert patch["spec"]["template"]["spec"] == {
        "$setElementOrder/containers": [{"name": "web"}],
        "containers": [{"name": "web", "image": "nginx:2"}],
    }
    merged = strategic_merge_patch(live, patch, Deployment)
    assert merged["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


def test_what_is_wanted_no_more_is_removed_and_what_others_set_stays() -> None:
    before = {"metadata": {"labels": {"a": "1", "b": "2"}}}
    live = {"metadata": {"labels": {"a": "1", "b": "2", "c": "3"}}}
    patch = three_way(before, {"metadata": {"labels": {"a": "1"}}}, live, Pod)
    assert patch == {"metadata": {"labels": {"b": None}}}


def test_items_are_removed_by_their_key() -> None:
    before = {"spec": {"ports": [{"port": 80}, {"port": 81}]}}
    live = {"spec": {"ports": [{"port": 80, "nodePort": 30001}, {"port": 81, "nodePort": 30002}]}}
    wanted = {"spec": {"ports": [{"port": 81}]}}
    patch = three_way(before, wanted, live, Service)
    assert strategic_merge_patch(live, patch, Service) == {"spec": {"ports": [{"port": 81, "nodePort": 30002}]}}


def test_a_strategy_that_changes_type_loses_the_fields_of_the_old_one() -> None:
    live = defaulted(deployment())
    wanted = deployment(strategy={"type": "Recreate"})
    merged = strategic_merge_patch(live, three_way(deployment(), wanted, live, Deployment), Deployment)
    assert merged["spec"]["strategy"] == {"type": "Recreate"}


def test_a_volume_that_changes_its_source_loses_the_old_one() -> None:
    old = {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}
    new = {"spec": {"volumes": [{"name": "v", "configMap": {"name": "c"}}]}}
    merged = strategic_merge_patch(old, three_way(old, new, old, Pod), Pod)
    assert merged == new


def test_finalizers_are_a_set() -> None:
    live = {"metadata": {"finalizers": ["mine", "theirs"]}}
    patch = three_way({"metadata": {"finalizers": ["mine"]}}, {"metadata": {"finalizers": ["new"]}}, live, Pod)
    assert sorted(strategic_merge_patch(live, patch, Pod)["metadata"]["finalizers"]) == ["new", "theirs"]


leaves = st.integers(0, 3) | st.sampled_from("xyz")
trees = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3), max_leaves=10)
maps = st.dictionaries(st.sampled_from("abcd"), trees, max_size=4)


@given(before=maps, wanted=maps)
def test_an_object_that_only_apply_wrote_becomes_what_is_wanted(before: Any, wanted: Any) -> None:
    assert merge_patch(before, three_way(before, wanted, before, None)) == wanted


@given(before=maps, wanted=maps, live=maps)
def test_applying_twice_changes_nothing_more(before: Any, wanted: Any, live: Any) -> None:
    once = merge_patch(live, three_way(before, wanted, live, None))
    assert three_way(wanted, wanted, once, None) == {}


containers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abc"), "image": st.sampled_from("xy")}),
    unique_by=lambda item: item["name"],
    max_size=3,
)


@given(before=containers, wanted=containers)
def test_keyed_lists_become_what_is_wanted(before: Any, wanted: Any) -> None:
    old, new = ({"spec": {"containers": items}} for items in (before, wanted))
    assert strategic_merge_patch(old, three_way(old, new, old, Pod), Pod) == new
