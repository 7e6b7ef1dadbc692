"""The table of who may do what: requests by name, subjects, and what each subject may.

A request is allowed when it gets past authorization: what it then finds (200, 404, 422 …) does not matter. Writes are
dry runs or miss their object, so the table can be walked in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RBAC = "/apis/rbac.authorization.k8s.io/v1"
_TEAM = "/api/v1/namespaces/team"
_APPS = "/apis/apps/v1/namespaces/team"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"

REQUESTS: dict[str, tuple[str, str]] = {
    "list pods": ("GET", f"{_TEAM}/pods"),
    "watch pods": ("GET", f"{_TEAM}/pods?watch=1&resourceVersion=none"),
    "get web": ("GET", f"{_TEAM}/pods/web"),
    "list only web": ("GET", f"{_TEAM}/pods?fieldSelector=metadata.name%3Dweb"),
    "get other": ("GET", f"{_TEAM}/pods/other"),
    "log web": ("GET", f"{_TEAM}/pods/web/log?container=none"),
    "log other": ("GET", f"{_TEAM}/pods/other/log"),
    "exec": ("POST", f"{_TEAM}/pods/none/exec?command=ls"),
    "create pod": ("POST", f"{_TEAM}/pods?dryRun=All"),
    "delete pod": ("DELETE", f"{_TEAM}/pods/none"),
    "delete pods": ("DELETE", f"{_TEAM}/pods?dryRun=All&labelSelector=none"),
    "bind pod": ("POST", f"{_TEAM}/pods/none/binding"),
    "pod status": ("PATCH", f"{_TEAM}/pods/none/status"),
    "evict": ("POST", f"{_TEAM}/pods/none/eviction"),
    "get secret": ("GET", f"{_TEAM}/secrets/none"),
    "list secrets": ("GET", f"{_TEAM}/secrets"),
    "list configmaps": ("GET", f"{_TEAM}/configmaps"),
    "create configmap": ("POST", f"{_TEAM}/configmaps?dryRun=All"),
    "create token": ("POST", f"{_TEAM}/serviceaccounts/none/token"),
    "create account": ("POST", f"{_TEAM}/serviceaccounts?dryRun=All"),
    "list services": ("GET", f"{_TEAM}/services"),
    "quota status": ("GET", f"{_TEAM}/resourcequotas/none/status"),
    "write quota": ("PATCH", f"{_TEAM}/resourcequotas/none"),
    "get deployment": ("GET", f"{_APPS}/deployments/none"),
    "create deployment": ("POST", f"{_APPS}/deployments?dryRun=All"),
    "deployment status": ("PUT", f"{_APPS}/deployments/none/status"),
    "scale": ("PATCH", f"{_APPS}/deployments/none/scale"),
    "read scale": ("GET", f"{_APPS}/replicasets/none/scale"),
    "list slices": ("GET", "/apis/discovery.k8s.io/v1/namespaces/team/endpointslices"),
    "list roles": ("GET", f"{RBAC}/namespaces/team/roles"),
    "list cluster roles": ("GET", f"{RBAC}/clusterroles"),
    "get namespace": ("GET", "/api/v1/namespaces/team"),
    "list namespaces": ("GET", "/api/v1/namespaces"),
    "delete namespace": ("DELETE", "/api/v1/namespaces/none"),
    "pods elsewhere": ("GET", "/api/v1/namespaces/default/pods"),
    "pods everywhere": ("GET", "/api/v1/pods"),
    "list nodes": ("GET", "/api/v1/nodes"),
    "node status": ("PATCH", "/api/v1/nodes/none/status"),
    "node proxy": ("GET", "/api/v1/nodes/none/proxy/pods"),
    "own lease": ("PUT", f"{_LEASES}/kube-scheduler"),
    "other lease": ("PUT", f"{_LEASES}/another"),
    "ask about others": ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
    "ask about oneself": ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    "review token": ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"),
    "metrics": ("GET", "/metrics"),
    "health": ("GET", "/healthz"),
    "one check": ("GET", "/livez/ping"),
    "version": ("GET", "/version"),
    "discovery": ("GET", "/apis/apps/v1"),
    "keys of tokens": ("GET", "/openid/v1/jwks"),
}


@dataclass(frozen=True)
class Subject:
    """Who asks, and by name what they may."""

    name: str
    groups: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()


PUBLIC = frozenset({"health", "version"})
ANYBODY = PUBLIC | {"discovery", "ask about oneself"}
_ACCOUNT = ANYBODY | {"keys of tokens"}
_VIEW = {
    "list pods", "watch pods", "get web", "list only web", "get other", "log web", "log other", "list configmaps",
    "list services", "quota status", "get deployment", "read scale", "list slices", "get namespace",
}  # fmt: skip
_EDIT = _VIEW | {
    "exec", "create pod", "delete pod", "delete pods", "evict", "get secret", "list secrets", "create configmap",
    "create token", "create account", "create deployment", "scale",
}  # fmt: skip
_EVERYTHING = frozenset(REQUESTS)
_READ_ALL = {
    "list pods", "watch pods", "list only web", "list secrets", "list configmaps", "list services", "list slices",
    "list roles", "list cluster roles", "list namespaces", "pods elsewhere", "pods everywhere", "list nodes",
}  # fmt: skip
_PODS = {"list pods", "watch pods", "list only web", "pods elsewhere", "pods everywhere"}


def _user(name: str, may: set[str] | frozenset[str], *groups: str) -> Subject:
    return Subject(name, groups, frozenset(may) | ANYBODY)


def _account(name: str, may: set[str] | frozenset[str], namespace: str = "kube-system") -> Subject:
    return Subject(f"system:serviceaccount:{namespace}:{name}", (), frozenset(may) | _ACCOUNT)


SUBJECTS = (
    Subject("root", ("system:masters",), _EVERYTHING),
    _user("boss", _EVERYTHING),
    _user("nobody", set()),
    Subject("system:anonymous", (), PUBLIC),
    _user("viewer", _VIEW),
    _user("editor", _EDIT),
    _user("owner", _EDIT | {"list roles"}),
    _user("reader", _VIEW | {"list namespaces", "pods elsewhere", "pods everywhere"}),
    _user("scaler", {"scale", "read scale"}, "scalers"),
    _user("prometheus", {"metrics", "one check"}, "system:monitoring"),
    _user("node-admin", {"list nodes", "node proxy"}),
    _user("delegate", {"ask about others", "review token"}),
    _account("robot", {"get web", "list only web", "log web"}, "team"),
    _account("default", set(), "team"),
    _account("porter", {"list services"}, "team"),
    _user("system:kube-scheduler", _PODS | {
        "get web", "get other", "delete pod", "bind pod", "pod status", "list services", "list nodes", "own lease",
        "get namespace", "list namespaces", "ask about others", "review token",
    }),
    _user("system:kube-controller-manager", _READ_ALL | {
        "get secret", "create account", "create token", "get namespace", "ask about others", "review token",
    }),
    _user("system:kube-proxy", {"list services", "list slices", "list nodes"}),
    _account("deployment-controller", _PODS | {"get web", "get other", "get deployment", "deployment status"}),
    _account("replicaset-controller", _PODS | {"create pod", "delete pod"}),
    _account("disruption-controller", {"pod status", "get deployment", "read scale"}),
    _account("horizontal-pod-autoscaler", {"list pods", "list only web", "pods elsewhere", "pods everywhere",
                                           "read scale"}),
    _account("namespace-controller", _READ_ALL | {
        "get web", "get other", "log web", "log other", "delete pod", "delete pods", "get secret", "quota status",
        "get deployment", "read scale", "get namespace", "delete namespace", "node proxy",
    }),
    _account("generic-garbage-collector", _READ_ALL | {
        "get web", "get other", "log web", "log other", "delete pod", "get secret", "quota status", "get deployment",
        "read scale", "get namespace", "delete namespace", "node proxy", "pod status", "node status", "scale",
        "write quota", "deployment status", "own lease", "other lease",
    }),
    _account("node-controller", _PODS | {"get web", "get other", "delete pod", "pod status", "list nodes",
                                         "node status"}),
    _account("root-ca-cert-publisher", {"create configmap"}),
    _account("service-account-controller", {"create account"}),
    _account("resourcequota-controller", _READ_ALL),
)  # fmt: skip

ROLES = {
    "scaler": [{"verbs": ["get", "patch"], "apiGroups": ["*"], "resources": ["*/scale"]}],
    "web-reader": [
        {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["web"]},
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["web"]},
    ],
    "services": [{"verbs": ["list"], "apiGroups": [""], "resources": ["services"]}],
}
"""Roles of the namespace team."""

BINDINGS = (
    ("ClusterRoleBinding", "boss", "ClusterRole", "cluster-admin", "User", "boss"),
    ("ClusterRoleBinding", "reader", "ClusterRole", "view", "User", "reader"),
    ("ClusterRoleBinding", "node-admin", "ClusterRole", "system:kubelet-api-admin", "User", "node-admin"),
    ("ClusterRoleBinding", "delegate", "ClusterRole", "system:auth-delegator", "User", "delegate"),
    ("RoleBinding", "viewer", "ClusterRole", "view", "User", "viewer"),
    ("RoleBinding", "editor", "ClusterRole", "edit", "User", "editor"),
    ("RoleBinding", "owner", "ClusterRole", "admin", "User", "owner"),
    ("RoleBinding", "scaler", "Role", "scaler", "Group", "scalers"),
    ("RoleBinding", "robot", "Role", "web-reader", "ServiceAccount", "robot"),
    ("RoleBinding", "porter", "Role", "services", "User", "system:serviceaccount:team:porter"),
    ("RoleBinding", "gone", "Role", "no-such-role", "User", "orphan"),
)
"""Kind, name, kind and name of the role, kind and name of the subject."""


def documents() -> list[tuple[str, dict[str, Any]]]:
    """What to create, with the path of its collection."""
    found: list[tuple[str, dict[str, Any]]] = [("/api/v1/namespaces", {"metadata": {"name": "team"}})]
    found += [
        (f"{RBAC}/namespaces/team/roles", {"metadata": {"name": name}, "rules": rules})
        for name, rules in ROLES.items()
    ]
    for kind, name, role_kind, role, subject_kind, subject in BINDINGS:
        where = "/clusterrolebindings" if kind == "ClusterRoleBinding" else "/namespaces/team/rolebindings"
        found.append((RBAC + where, {
            "metadata": {"name": name}, "roleRef": {"kind": role_kind, "name": role, "apiGroup": RBAC.split("/")[2]},
            "subjects": [{"kind": subject_kind, "name": subject}],
        }))  # fmt: skip
    return found


async def allowed_everything(admin: Any, user: str) -> None:
    """A user who is no member of system:masters, and yet may do everything, as soon as the server has seen it."""
    reference = {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": RBAC.split("/")[2]}
    body = {"metadata": {"name": user}, "roleRef": reference, "subjects": [{"kind": "User", "name": user}]}
    assert (await admin.post(f"{RBAC}/clusterrolebindings", body)).status == 201
