"""What an aggregated role should have."""

from __future__ import annotations

from controllers.clusterrole_aggregation import plan
from machinery.api.rbac.v1 import ClusterRole


def role(name: str, *verbs: str, label: str = "", selects: str = "") -> ClusterRole:
    rules = [{"verbs": [verb], "apiGroups": [""], "resources": ["pods"]} for verb in verbs]
    body = {"metadata": {"name": name, "labels": {label: "true"} if label else {}}, "rules": rules}
    if selects:
        body["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {selects: "true"}}]}
    return ClusterRole.from_dict(body)


def test_rules_of_all_that_match_once_each_and_in_order() -> None:
    view = role("view", "old", selects="to-view", label="to-view")
    others = [role("b", "list", "get", label="to-view"), role("a", "get", label="to-view"), role("c", "delete"), view]
    assert [rule.verbs for rule in plan(view, others) or ()] == [("get",), ("list",)]


def test_nothing_to_do() -> None:
    assert plan(role("plain", "get"), [role("a", "list", label="x")]) is None
    assert plan(role("view", "get", selects="x"), [role("a", "get", label="x")]) is None
    assert plan(role("view", "get", selects="x"), []) == ()
