"""Roles and their bindings: defaults, mistakes, what cannot change, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.rbac.role import ClusterRoleStrategy, RoleStrategy
from apiserver.registry.rbac.role_binding import ClusterRoleBindingStrategy, RoleBindingStrategy
from apiserver.registry.strategy import Strategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

ROLE, CLUSTER_ROLE = RoleStrategy(), ClusterRoleStrategy()
BINDING, CLUSTER_BINDING = RoleBindingStrategy(), ClusterRoleBindingStrategy()
GROUP = "rbac.authorization.k8s.io"


def test_defaults() -> None:
    subjects = [{"kind": "User", "name": "jane"}, {"kind": "ServiceAccount", "name": "default"}]
    made = created(BINDING, {"roleRef": {"kind": "Role", "name": "r"}, "subjects": subjects})
    assert made["roleRef"]["apiGroup"] == GROUP and made["subjects"][0]["apiGroup"] == GROUP
    assert "apiGroup" not in made["subjects"][1]


def test_names_are_free() -> None:
    assert ROLE.name_errors("system:node") == [] and ROLE.name_errors("a/b") == ["may not contain '/'"]


@pytest.mark.parametrize(
    ("strategy", "rule", "expected"),
    [
        (ROLE, {}, "rules[0].verbs: Required value: verbs must contain at least one value"),
        (ROLE, {"verbs": ["get"]}, "rules[0].apiGroups: Required value: resource rules must supply at least one api g"),
        (
            ROLE, {"verbs": ["get"], "apiGroups": [""]},
            "rules[0].resources: Required value: resource rules must supply at least one resource",
        ),
        (
            ROLE, {"verbs": ["get"], "apiGroups": [""], "resources": ["a", "b"], "resourceNames": ["x"]},
            "rules[0].resourceNames: Required value: resource names cannot apply to multiple resources",
        ),
        (
            ROLE, {"verbs": ["get"], "nonResourceURLs": ["/x"]},
            'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
        ),
        (
            CLUSTER_ROLE, {"verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["pods"]},
            "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-",
        ),
    ],
)  # fmt: skip
def test_mistakes_in_rules(strategy: Strategy, rule: dict[str, Any], expected: str) -> None:
    assert any(error.startswith(expected) for error in errors_of(strategy, {"rules": [rule]}))


def test_aggregation() -> None:
    assert errors_of(CLUSTER_ROLE, {"aggregationRule": {}}) == [
        "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if "
        "aggregationRule is non-nil"
    ]
    assert errors_of(CLUSTER_ROLE, {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}) == []


@pytest.mark.parametrize(
    ("strategy", "path", "value", "expected"),
    [
        (BINDING, "roleRef.apiGroup", "x", f'roleRef.apiGroup: Unsupported value: "x": supported values: "{GROUP}"'),
        (BINDING, "roleRef.kind", "X", 'roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole"'),
        (CLUSTER_BINDING, "roleRef.kind", "Role", 'roleRef.kind: Unsupported value: "Role": supported values: "Cluste'),
        (BINDING, "roleRef.name", "", "roleRef.name: Required value"),
        (BINDING, "roleRef.name", "a%b", "roleRef.name: Invalid value: \"a%b\": may not contain '%'"),
        (BINDING, "subjects.0.name", "", 'subjects[0].name: Invalid value: "": user name cannot be empty'),
        (BINDING, "subjects.0.kind", "X", 'subjects[0].kind: Unsupported value: "X": supported values: "ServiceAccoun'),
        (BINDING, "subjects.0.apiGroup", "x", 'subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.'),
        (
            CLUSTER_BINDING, "subjects.0", {"kind": "ServiceAccount", "name": "a"},
            "subjects[0].namespace: Required value",
        ),
        (
            BINDING, "subjects.0", {"kind": "ServiceAccount", "name": "a", "apiGroup": "x"},
            'subjects[0].apiGroup: Unsupported value: "x": supported values: ""',
        ),
        (BINDING, "subjects.0", {"kind": "ServiceAccount", "name": "A"}, 'subjects[0].name: Invalid value: "A"'),
    ],
)  # fmt: skip
def test_mistakes_in_bindings(strategy: Strategy, path: str, value: Any, expected: str) -> None:
    good = sample(strategy.kind).document()
    assert errors_of(strategy, good) == []
    assert any(error.startswith(expected) for error in errors_of(strategy, changed(good, path, value)))


@pytest.mark.parametrize("strategy", [BINDING, CLUSTER_BINDING])
def test_the_role_stays(strategy: Strategy) -> None:
    old = created(strategy, sample(strategy.kind).document())
    found = update_errors_of(strategy, old, changed(old, "roleRef.name", "other"))
    assert len(found) == 1 and found[0].endswith(": cannot change roleRef")


def test_rows() -> None:
    assert row_of(ROLE, {}) == ["x", "2026-01-01T00:57:26Z"] == row_of(CLUSTER_ROLE, {})
    subjects = [
        {"kind": "User", "name": "jane"}, {"kind": "User", "name": "joe"}, {"kind": "Group", "name": "g"},
        {"kind": "ServiceAccount", "namespace": "n", "name": "sa"},
    ]  # fmt: skip
    given = {"roleRef": {"kind": "ClusterRole", "name": "admin"}, "subjects": subjects}
    assert row_of(BINDING, given) == ["x", "ClusterRole/admin", "2m34s", "jane, joe", "g", "n/sa"]
