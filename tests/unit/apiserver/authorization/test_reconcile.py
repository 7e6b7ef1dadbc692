"""Bootstrap roles: what lacks comes back, what was added stays."""

from __future__ import annotations

import pytest

from apiserver.authorization.reconcile import AUTOUPDATE, POLICY, completed
from machinery.api.rbac.v1 import ClusterRole, ClusterRoleBinding, Role, RoleBinding

KINDS = {
    "clusterroles": ClusterRole, "roles": Role, "clusterrolebindings": ClusterRoleBinding,
    "rolebindings": RoleBinding,
}  # fmt: skip


@pytest.mark.parametrize("plural", KINDS)
def test_the_policy_is_whole(plural: str) -> None:
    for wanted in POLICY[plural]():
        typed = KINDS[plural].from_dict(wanted)
        assert typed.metadata.annotations[AUTOUPDATE] == "true", wanted
        assert completed(typed.to_dict(), wanted) is None, "what was just made lacks nothing"


def test_every_binding_refers_to_a_role_that_is_made() -> None:
    for bindings, roles in (("clusterrolebindings", "clusterroles"), ("rolebindings", "roles")):
        made = {(role["metadata"].get("namespace"), role["metadata"]["name"]) for role in POLICY[roles]()}
        assert {(b["metadata"].get("namespace"), b["roleRef"]["name"]) for b in POLICY[bindings]()} <= made


def wanted() -> dict:
    return next(role for role in POLICY["clusterroles"]() if role["metadata"]["name"] == "system:kube-dns")


def test_missing_rules_are_added_and_others_kept() -> None:
    own = {"verbs": ["get"], "apiGroups": [""], "resources": ["nodes"]}
    part = {"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["services"]}
    existing = {"metadata": {"name": "system:kube-dns", "labels": {"mine": "1"}}, "rules": [own, part]}
    changed = completed(existing, wanted())
    assert changed is not None and changed["metadata"]["labels"] == {
        "mine": "1", "kubernetes.io/bootstrapping": "rbac-defaults"}
    assert changed["rules"] == [
        own, part, {"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["endpoints"]}]


def test_subjects_are_added_and_others_kept() -> None:
    binding = next(b for b in POLICY["clusterrolebindings"]() if b["metadata"]["name"] == "system:discovery")
    own = {"kind": "User", "name": "me", "apiGroup": "rbac.authorization.k8s.io"}
    changed = completed({**binding, "subjects": [own]}, binding)
    assert changed is not None and changed["subjects"] == [own, *binding["subjects"]]


def test_who_says_so_is_left_alone() -> None:
    meta = {"name": "system:kube-dns", "annotations": {AUTOUPDATE: "false"}}
    assert completed({"metadata": meta, "rules": []}, wanted()) is None
