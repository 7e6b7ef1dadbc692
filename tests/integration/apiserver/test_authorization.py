"""Who may do what, by real requests: a table of subjects and requests, and what nodes may; see support.permissions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from controllers.config import Config
from controllers.run import control
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.integration.apiserver.conftest import Answer, Api
from tests.support.apiserver import ApiServer
from tests.support.kubectl import kubectl
from tests.support.permissions import RBAC, REQUESTS, SUBJECTS, Subject, documents

REVIEWS = "/apis/authorization.k8s.io/v1"
Ask = Callable[..., Awaitable[Answer]]


async def eventually(ask: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """What was just written is known to authorizers a moment later."""
    async with asyncio.timeout(seconds):
        while not (answer := await ask()):
            await asyncio.sleep(0.02)
        return answer


def asking(api: Api, user: str, *groups: str) -> Ask:
    """Requests as somebody else."""

    async def ask(method: str, path: str, body: Any = None) -> Answer:
        headers = [("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups)]
        form = "application/merge-patch+json" if method == "PATCH" else "application/json"
        async with api.session.request(
            method, api.url + path, json={} if body is None and method in ("POST", "PUT", "PATCH") else body,
            headers=[*headers, ("Content-Type", form)],
        ) as answer:  # fmt: skip
            is_json = answer.content_type == "application/json"
            return Answer(answer.status, await (answer.json() if is_json else answer.text()), answer.headers)

    return ask


@pytest.fixture
async def world(api: Api, server: ApiServer) -> Api:
    """With the table's roles, and the aggregated roles gathered by their controller."""
    if (await api.get("/api/v1/namespaces/team")).status == 200:
        return api
    for path, document in documents():
        made = await api.post(path, document)
        assert made.status == 201, made.body
    stop = asyncio.Event()
    async with Client(load_kubeconfig(server.kubeconfig_of("system:kube-controller-manager"))) as client:
        running = asyncio.create_task(control(client, Config(controllers=("clusterrole-aggregation",)), stop))
        await eventually(lambda: _gathered(api))
        stop.set()
        await running
    return api


async def _gathered(api: Api) -> bool:
    """Whether admin has the rules of view, through edit."""
    rules = (await api.get(f"{RBAC}/clusterroles/admin")).body.get("rules") or []
    return any("pods/log" in rule["resources"] for rule in rules)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
async def test_the_table(world: Api, subject: Subject) -> None:
    ask = asking(world, subject.name, *subject.groups)
    found = set()
    for name, (method, path) in REQUESTS.items():
        answer = await ask(method, path)
        assert answer.status != 401, name
        if answer.status != 403 or "cannot" not in answer.body["message"]:
            found.add(name)
    assert found == subject.may


def test_the_table_is_large() -> None:
    assert len(SUBJECTS) * len(REQUESTS) >= 300


@pytest.mark.parametrize("user", ["nobody", "viewer", "editor", "owner", "system:kube-scheduler"])
async def test_can_i_list_agrees(world: Api, server: ApiServer, user: str) -> None:
    """What kubectl lists, read by hand, allows the requests of the table, and no other."""
    listed = await asyncio.to_thread(
        kubectl, "auth", "can-i", "--list", "-n", "team", "--as", user, "--no-headers", kubeconfig=server.kubeconfig)
    subject = next(each for each in SUBJECTS if each.name == user)
    rows = [line for line in listed.splitlines() if line]
    for name, resource, verb in (
        ("list pods", "pods", "list"), ("exec", "pods/exec", "create"), ("list secrets", "secrets", "list"),
        ("create deployment", "deployments.apps", "create"), ("scale", "deployments.apps/scale", "patch"),
        ("list roles", "roles.rbac.authorization.k8s.io", "list"), ("bind pod", "pods/binding", "create"),
        ("create token", "serviceaccounts/token", "create"), ("pod status", "pods/status", "patch"),
    ):  # fmt: skip
        stands = any(row.split()[0] == resource and verb in row.rpartition("[")[2] for row in rows)
        assert stands == (name in subject.may), (name, rows)


@pytest.mark.parametrize(
    ("user", "path", "message"),
    [
        ("jane", "/api/v1/namespaces/x/pods",
         'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "x"'),
        ("jane", "/api/v1/nodes",
         'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope'),
        ("jane", "/apis/apps/v1/namespaces/x/deployments/web/scale",
         'deployments.apps "web" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps"'
         ' in the namespace "x"'),
        ("jane", "/metrics", 'forbidden: User "jane" cannot get path "/metrics"'),
        ("system:anonymous", "/apis", 'forbidden: User "system:anonymous" cannot get path "/apis"'),
        ("orphan", "/api/v1/namespaces/team/pods",
         'pods is forbidden: User "orphan" cannot list resource "pods" in API group "" in the namespace "team": RBAC: '
         'role.rbac.authorization.k8s.io "no-such-role" not found'),
    ],
)  # fmt: skip
async def test_refusals_are_worded_as_in_kubernetes(world: Api, user: str, path: str, message: str) -> None:
    answer = await asking(world, user)("GET", path)
    assert (answer.status, answer.body["reason"], answer.message) == (403, "Forbidden", message)


async def test_reviews_say_by_which_binding(world: Api) -> None:
    async def review(kind: str, root: str, **spec: Any) -> Any:
        body = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "team"}, **spec}}
        return (await world.post(f"{REVIEWS}{root}/{kind}", body)).body["status"]

    assert await review("subjectaccessreviews", "", user="viewer") == {
        "allowed": True, "reason": 'RBAC: allowed by RoleBinding "viewer/team" of ClusterRole "view" to User "viewer"',
    }  # fmt: skip
    robot = {"verb": "get", "resource": "pods", "subresource": "log", "name": "web", "namespace": "team"}
    told = 'RBAC: allowed by RoleBinding "robot/team" of Role "web-reader" to ServiceAccount "robot/team"'
    account = "system:serviceaccount:team:robot"
    answer = await review("localsubjectaccessreviews", "/namespaces/team", user=account, resourceAttributes=robot)
    assert answer == {"allowed": True, "reason": told}
    everywhere = await review("subjectaccessreviews", "", user="boss")
    assert everywhere["reason"] == (
        'RBAC: allowed by ClusterRoleBinding "boss" of ClusterRole "cluster-admin" to User "boss"')
    assert await review("subjectaccessreviews", "", user="nobody") == {"allowed": False}


# --- nodes

_N = "/api/v1/namespaces/nodes"
NODE_REQUESTS: dict[str, tuple[str, str]] = {
    "secret": ("GET", f"{_N}/secrets/used"),
    "watch secret": ("GET", f"{_N}/secrets?watch=1&resourceVersion=none&fieldSelector=metadata.name%3Dused"),
    "pull secret": ("GET", f"{_N}/secrets/pull"),
    "env secret": ("GET", f"{_N}/secrets/env"),
    "other secret": ("GET", f"{_N}/secrets/unused"),
    "all secrets": ("GET", f"{_N}/secrets"),
    "secrets everywhere": ("GET", "/api/v1/secrets"),
    "delete secret": ("DELETE", f"{_N}/secrets/used"),
    "configmap": ("GET", f"{_N}/configmaps/used"),
    "write configmap": ("PATCH", f"{_N}/configmaps/used"),
    "claim": ("GET", f"{_N}/persistentvolumeclaims/data"),
    "volume": ("GET", "/api/v1/persistentvolumes/disk"),
    "other volume": ("GET", "/api/v1/persistentvolumes/free"),
    "token": ("POST", f"{_N}/serviceaccounts/robot/token"),
    "other token": ("POST", f"{_N}/serviceaccounts/default/token"),
    "account": ("GET", f"{_N}/serviceaccounts/robot"),
    "own pods": ("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1"),
    "all pods": ("GET", "/api/v1/pods"),
    "pod": ("GET", f"{_N}/pods/web"),
    "pod status": ("PATCH", f"{_N}/pods/web/status"),
    "spec of pod": ("PATCH", f"{_N}/pods/web"),
    "evict": ("POST", f"{_N}/pods/web/eviction?dryRun=All"),
    "own node": ("GET", "/api/v1/nodes/n1"),
    "status of node": ("PATCH", "/api/v1/nodes/n1/status"),
    "other node": ("GET", "/api/v1/nodes/n2"),
    "status of other": ("PATCH", "/api/v1/nodes/n2/status"),
    "delete node": ("DELETE", "/api/v1/nodes/n1"),
    "all nodes": ("GET", "/api/v1/nodes"),
    "own lease": ("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1"),
    "other lease": ("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2"),
    "lease elsewhere": ("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/n1"),
    "csi node": ("GET", "/apis/storage.k8s.io/v1/csinodes/n1"),
    "services": ("GET", "/api/v1/services"),
    "event": ("POST", f"{_N}/events?dryRun=All"),
    "deployments": ("GET", "/apis/apps/v1/deployments"),
    "review": ("POST", f"{REVIEWS}/subjectaccessreviews"),
}
N1 = {
    "secret", "watch secret", "pull secret", "env secret", "configmap", "claim", "volume", "token", "own pods", "pod",
    "pod status", "evict", "own node", "status of node", "own lease", "csi node", "services", "event", "review",
}  # fmt: skip
N2 = {"services", "event", "review", "other node", "status of other", "other lease"}


def _pod() -> dict[str, Any]:
    container = {
        "name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "env"}}],
        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
    }  # fmt: skip
    sources = [{"secret": {"name": "used"}}, {"configMap": {"name": "used"}}]
    volumes = [
        {"name": "v", "projected": {"sources": sources}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    spec = {
        "nodeName": "n1", "serviceAccountName": "robot", "containers": [container], "volumes": volumes,
        "imagePullSecrets": [{"name": "pull"}],
    }  # fmt: skip
    return {"metadata": {"name": "web"}, "spec": spec}


@pytest.fixture
async def nodes(api: Api) -> Api:
    if (await api.get(f"{_N}/pods/web")).status == 200:
        return api
    disk = {
        "metadata": {"name": "disk"}, "spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/d"},
            "claimRef": {"namespace": "nodes", "name": "data"}},
    }  # fmt: skip
    for path, document in (
        ("/api/v1/namespaces", {"metadata": {"name": "nodes"}}), ("/api/v1/persistentvolumes", disk),
        *((f"{_N}/secrets", {"metadata": {"name": name}}) for name in ("used", "unused", "pull", "env")),
        (f"{_N}/configmaps", {"metadata": {"name": "used"}}), (f"{_N}/pods", _pod()),
    ):  # fmt: skip
        made = await api.post(path, document)
        assert made.status == 201, made.body
    mine = asking(api, "system:node:n1", "system:nodes")
    await eventually(lambda: _passes(mine, "volume"))
    return api


async def _passes(ask: Ask, name: str) -> bool:
    return (await ask(*NODE_REQUESTS[name])).status != 403


@pytest.mark.parametrize(("node", "may"), [("n1", N1), ("n2", N2)])
async def test_a_node_reads_what_its_pods_need_and_writes_its_own(nodes: Api, node: str, may: set[str]) -> None:
    ask = asking(nodes, f"system:node:{node}", "system:nodes")
    assert {name for name in NODE_REQUESTS if await _passes(ask, name)} == may


async def test_a_node_has_to_be_in_the_group_of_nodes(nodes: Api) -> None:
    impostor = asking(nodes, "system:node:n1")
    assert {name for name in NODE_REQUESTS if await _passes(impostor, name)} == set()


async def test_why_a_node_may_not(nodes: Api) -> None:
    answer = await asking(nodes, "system:node:n2", "system:nodes")("GET", f"{_N}/secrets/used")
    assert answer.message == (
        'secrets "used" is forbidden: User "system:node:n2" cannot get resource "secrets" in API group "" in the '
        "namespace \"nodes\": no relationship found between node 'n2' and this object")


async def test_what_a_pod_needed_is_lost_with_it(nodes: Api) -> None:
    mine = asking(nodes, "system:node:n1", "system:nodes")
    assert (await nodes.post(f"{_N}/secrets", {"metadata": {"name": "late"}})).status == 201
    late = {"metadata": {"name": "late"}, "spec": {"nodeName": "n1", "containers": [
        {"name": "c", "image": "i", "env": [
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "late", "key": "a"}}}]}]}}  # fmt: skip
    assert (await mine("GET", f"{_N}/secrets/late")).status == 403
    assert (await nodes.post(f"{_N}/pods", late)).status == 201

    async def status(wanted: int) -> bool:
        return (await mine("GET", f"{_N}/secrets/late")).status == wanted

    await eventually(lambda: status(200))
    await nodes.delete(f"{_N}/pods/late", {"gracePeriodSeconds": 0})
    await eventually(lambda: status(403))


async def test_modes(tmp_path: Path) -> None:
    """AlwaysAllow lets everybody with a name do everything, and nobody else in; nonsense does not start."""
    async with ApiServer(tmp_path, "--authorization-mode=AlwaysAllow") as server:
        kubeconfig = server.kubeconfig_of("jane")
        await asyncio.to_thread(kubectl, "get", "secrets", kubeconfig=kubeconfig)
        server.stop()
        server._flags = ("--authorization-mode=Nonsense",)
        with pytest.raises(RuntimeError, match="unknown authorization mode 'Nonsense'"):
            await server.start()
