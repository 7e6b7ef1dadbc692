"""Discovery of other servers: both forms of it, and what has gone stale."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.aggregator.discovered import from_aggregated, from_plain, sound, version_entry

SERVED = ("toys.io", "v1")
ROWS = [
    {"name": "widgets", "singularName": "widget", "namespaced": True, "kind": "Widget", "verbs": ["get"],
     "shortNames": ["wd"], "categories": ["all"]},
    {"name": "widgets/scale", "namespaced": True, "kind": "Scale", "group": "autoscaling", "version": "v1",
     "verbs": ["get"]},
    {"name": "lonely/status", "kind": "Lonely", "verbs": ["update"]},
]  # fmt: skip


def test_the_plain_form_is_rewritten() -> None:
    kind = {"group": "toys.io", "version": "v1"}
    assert from_plain({"resources": ROWS}, SERVED) == [
        {"resource": "widgets", "singularResource": "widget", "scope": "Namespaced", "verbs": ["get"],
         "responseKind": {**kind, "kind": "Widget"}, "shortNames": ["wd"], "categories": ["all"],
         "subresources": [{"subresource": "scale", "verbs": ["get"],
                           "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}]},
        {"resource": "lonely", "scope": "Cluster", "subresources": [
            {"subresource": "status", "responseKind": {**kind, "kind": "Lonely"}, "verbs": ["update"]}]},
    ]  # fmt: skip
    assert from_plain({}, SERVED) == []


def test_the_aggregated_form_is_taken_as_it_is() -> None:
    rows = [{"resource": "widgets", "verbs": ["get"]}]
    versions = [{"version": "v2"}, {"version": "v1", "resources": rows}]
    document = {"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "toys.io"}, "versions": versions}]}
    assert from_aggregated(document, SERVED) == rows
    assert from_aggregated(document, ("toys.io", "v3")) == [] and from_aggregated(document, ("toys.io", "v2")) == []
    assert from_aggregated({"kind": "APIGroupList"}, SERVED) is None


@pytest.mark.parametrize(
    "nonsense", [[5], [{"resource": 5}], [{"resource": "a", "verbs": "get"}], [{"subresources": [1]}]]
)
def test_nonsense_is_not_told_on(nonsense: Any) -> None:
    with pytest.raises(ValueError, match="validation error"):
        sound(nonsense)


def test_what_is_sound_is() -> None:
    rows = from_plain({"resources": ROWS}, SERVED)
    assert [row["resource"] for row in sound(rows)] == ["widgets", "lonely"] and sound([]) == ()


def test_entries() -> None:
    assert version_entry("v1", [], fresh=False) == {"version": "v1", "freshness": "Stale"}
    assert version_entry("v1", [{}], fresh=True) == {"version": "v1", "resources": [{}], "freshness": "Current"}
