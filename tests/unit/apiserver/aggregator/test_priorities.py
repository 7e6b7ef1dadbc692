"""The order of groups and versions, as told and as usual."""

from __future__ import annotations

from apiserver.aggregator.priorities import _GROUPS, CUSTOM, Priority, ordered, said, usual
from machinery.api import scheme


def test_usual_places() -> None:
    assert usual("apps", "v1") == (17800, 15) and usual("", "v1") == (18000, 1)
    assert usual("autoscaling", "v2") == (17500, 30) and usual("autoscaling", "v1") == (17500, 15)
    assert usual("team.example.com", "v1") == CUSTOM == (1000, 100)
    assert said({"groupPriorityMinimum": 7, "versionPriority": 3}) == (7, 3) and said({}) == (0, 0)


def test_every_group_of_ours_has_a_place() -> None:
    inner = ("meta.k8s.io", "apidiscovery.k8s.io")
    assert {row.group for row in scheme.RESOURCES} - set(inner) <= _GROUPS.keys()


def test_order() -> None:
    served = [("b.io", "v1"), ("b.io", "v2beta1"), ("apps", "v1"), ("autoscaling", "v1"), ("autoscaling", "v2"),
              ("a.io", "v1"), ("apiregistration.k8s.io", "v1")]  # fmt: skip
    found = ordered(served, {})
    assert list(found) == ["apiregistration.k8s.io", "apps", "autoscaling", "a.io", "b.io"]
    assert found["autoscaling"] == ["v2", "v1"] and found["b.io"] == ["v1", "v2beta1"]


def test_the_highest_of_a_groups_versions_places_the_group() -> None:
    served = [("a.io", "v1"), ("b.io", "v1"), ("b.io", "v2")]
    told = {("b.io", "v2"): Priority(2000, 1), ("a.io", "v1"): Priority(1500, 1)}
    assert ordered(served, told) == {"b.io": ["v1", "v2"], "a.io": ["v1"]}
