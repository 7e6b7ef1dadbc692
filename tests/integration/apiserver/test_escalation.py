"""Nobody gives away what they do not hold; bootstrap roles come back; kubectl auth reconcile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api
from tests.integration.apiserver.test_authorization import Ask, asking, eventually
from tests.support.apiserver import ApiServer
from tests.support.kubectl import kubectl
from tests.support.permissions import RBAC

GROUP = RBAC.split("/")[2]
GET_PODS = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
WRITE_ROLES = {"verbs": ["create", "update", "patch"], "apiGroups": [GROUP],
               "resources": ["roles", "rolebindings", "clusterroles"]}  # fmt: skip


def role(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "rules": list(rules)}


def binding(name: str, role: str, user: str, kind: str = "Role") -> dict[str, Any]:
    reference = {"kind": kind, "name": role, "apiGroup": GROUP}
    return {"metadata": {"name": name}, "roleRef": reference, "subjects": [{"kind": "User", "name": user}]}


async def with_rules(api: Api, namespace: str, user: str, *rules: dict[str, Any]) -> Ask:
    """A user who holds just these rules in the namespace."""
    roles, bindings = f"{RBAC}/namespaces/{namespace}/roles", f"{RBAC}/namespaces/{namespace}/rolebindings"
    assert (await api.post(roles, role(user, *rules))).status == 201
    assert (await api.post(bindings, binding(user, user, user))).status == 201
    ask = asking(api, user, "devs")
    review = {"spec": {"namespace": namespace}}

    async def known() -> bool:
        answer = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review)
        return all(rule in answer.body["status"]["resourceRules"] for rule in rules)

    await eventually(known)
    return ask


async def test_a_role_says_no_more_than_its_author_may(api: Api, namespace: str) -> None:
    jane = await with_rules(api, namespace, "jane", WRITE_ROLES, GET_PODS)
    roles = f"{RBAC}/namespaces/{namespace}/roles"
    assert (await jane("POST", roles, role("mine", GET_PODS))).status == 201
    more = {**GET_PODS, "verbs": ["get", "list"], "resources": ["pods", "secrets"]}
    answer = await jane("POST", roles, role("more", more))
    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")
    assert answer.message == (
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is '
        'attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], '
        'Verbs:["list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}')
    assert (await jane("PATCH", f"{roles}/mine", {"rules": [more]})).status == 403
    assert (await jane("PATCH", f"{roles}/mine", {"metadata": {"labels": {"a": "b"}}})).status == 200
    assert (await jane("PATCH", f"{roles}/mine", {"rules": []})).status == 200


async def test_a_binding_gives_no_more_than_its_author_has(api: Api, namespace: str) -> None:
    jane = await with_rules(api, namespace, "joan", WRITE_ROLES, GET_PODS)
    bindings = f"{RBAC}/namespaces/{namespace}/rolebindings"
    assert (await jane("POST", bindings, binding("own", "joan", "friend"))).status == 201
    refused = await jane("POST", bindings, binding("admin", "cluster-admin", "joan", "ClusterRole"))
    assert refused.status == 403 and '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' in refused.message
    missing = await jane("POST", bindings, binding("none", "no-such-role", "joan"))
    assert (missing.status, missing.message) == (404, 'roles.rbac.authorization.k8s.io "no-such-role" not found')
    changed = await api.patch(f"{bindings}/own", {"roleRef": {"name": "another"}})
    assert changed.status == 422 and "cannot change roleRef" in changed.message


@pytest.mark.parametrize(
    ("verb", "resource", "name"), [("escalate", "roles", ""), ("bind", "clusterroles", "cluster-admin")]
)
async def test_who_may_escalate_or_bind_may(api: Api, namespace: str, verb: str, resource: str, name: str) -> None:
    power = {"verbs": [verb], "apiGroups": [GROUP], "resources": [resource]}
    power |= {"resourceNames": [name]} if name else {}
    ask = await with_rules(api, namespace, f"able-to-{verb}", WRITE_ROLES, power)
    made = await ask("POST", f"{RBAC}/namespaces/{namespace}/roles", role("more", GET_PODS))
    assert made.status == (201 if verb == "escalate" else 403)
    given = await ask("POST", f"{RBAC}/namespaces/{namespace}/rolebindings",
                      binding("more", "cluster-admin", "x", "ClusterRole"))  # fmt: skip
    assert given.status == (201 if verb == "bind" else 403)


async def test_aggregation_is_for_administrators(api: Api, namespace: str) -> None:
    rules = [GET_PODS, {**WRITE_ROLES, "resources": ["clusterroles"]}]
    assert (await api.post(f"{RBAC}/clusterroles", role("cluster-writer", *rules))).status == 201
    given = {**binding("cluster-writer", "cluster-writer", "writer", "ClusterRole")}
    assert (await api.post(f"{RBAC}/clusterrolebindings", given)).status == 201
    writer = asking(api, "writer")
    gathers = {**role("gathers"), "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}

    async def heard() -> str:
        answer = await writer("POST", f"{RBAC}/clusterroles", gathers)
        return "" if "cannot create" in answer.message else answer.message

    assert "must have cluster-admin privileges to use the aggregationRule" in await eventually(heard)


async def test_bootstrap_roles_are_repaired_at_the_next_start(tmp_path: Path) -> None:
    def run(*words: str, **options: Any) -> str:
        return kubectl(*words, kubeconfig=server.kubeconfig, **options)

    async with ApiServer(tmp_path) as server:
        run("delete", "clusterrole", "system:discovery")
        run("delete", "clusterrolebinding", "system:basic-user")
        run("patch", "clusterrole", "system:kube-dns", "--type=merge", "-p", '{"rules":[]}')
        run("annotate", "--overwrite", "clusterrole", "view", "rbac.authorization.kubernetes.io/autoupdate=false")
        run("label", "clusterrole", "view", "rbac.authorization.k8s.io/aggregate-to-edit-")
        server.stop()
        await server.start()
        assert "/openapi/*" in run("get", "clusterrole", "system:discovery", "-o", "yaml")
        assert "system:authenticated" in run("get", "clusterrolebinding", "system:basic-user", "-o", "yaml")
        assert "endpoints" in run("get", "clusterrole", "system:kube-dns", "-o", "yaml")
        assert "aggregate-to-edit" not in run("get", "clusterrole", "view", "-o", "jsonpath={.metadata.labels}")


async def test_kubectl_auth_reconcile(api: Api, namespace: str, server: ApiServer, tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text(f"""
apiVersion: {GROUP}/v1
kind: Role
metadata: {{name: reconciled, namespace: {namespace}}}
rules: [{{verbs: [get], apiGroups: [""], resources: [pods]}}]
---
apiVersion: {GROUP}/v1
kind: RoleBinding
metadata: {{name: reconciled, namespace: {namespace}}}
roleRef: {{apiGroup: {GROUP}, kind: Role, name: reconciled}}
subjects: [{{apiGroup: {GROUP}, kind: User, name: reader}}]
""")
    for _ in range(2):
        told = await asyncio.to_thread(kubectl, "auth", "reconcile", "-f", str(file), kubeconfig=server.kubeconfig)
        assert told.count("reconciled") >= 2
    reader = asking(api, "reader")

    async def reads() -> bool:
        return (await reader("GET", f"/api/v1/namespaces/{namespace}/pods/none")).status == 404

    await eventually(reads)
    may = ["auth", "can-i", "get", "pods", "-n", namespace, "--as=reader"]
    assert (await asyncio.to_thread(kubectl, *may, kubeconfig=server.kubeconfig)).strip() == "yes"
