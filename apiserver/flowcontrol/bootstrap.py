"""The flow schemas and priority levels that every cluster has, as of v1.32. Data.

What is mandatory nobody may change (see registry/flowcontrol/mandatory.py); what is only suggested follows this list
until somebody annotates it with apf.kubernetes.io/autoupdate-spec: "false".
Real Kubernetes: k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go.
"""

from __future__ import annotations

from typing import Any

from apiserver.registry.flowcontrol.mandatory import EVERYTHING, FLOW_SCHEMAS, PRIORITY_LEVELS, groups

Doc = dict[str, Any]
API_VERSION = "flowcontrol.apiserver.k8s.io/v1"
AUTOUPDATE = "apf.kubernetes.io/autoupdate-spec"
SCHEMA, LEVEL = "FlowSchema", "PriorityLevelConfiguration"
MANDATORY = frozenset({"exempt", "catch-all"})
_LEASES = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "namespaces": ["*"]}
_ALL = ("system:unauthenticated", "system:authenticated")


def _users(*names: str) -> list[Doc]:
    return [{"kind": "User", "user": {"name": name}} for name in names]


def _system_accounts(*names: str) -> list[Doc]:
    where = "kube-system"
    return [{"kind": "ServiceAccount", "serviceAccount": {"namespace": where, "name": name}} for name in names]


def _level(shares: int, lendable: int, queues: int, hand: int) -> Doc:
    queuing = {"queues": queues, "handSize": hand, "queueLengthLimit": 50}
    response = {"type": "Queue", "queuing": queuing}
    limited = {"nominalConcurrencyShares": shares, "limitResponse": response, "lendablePercent": lendable}
    return {"type": "Limited", "limited": limited}


def _schema(level: str, precedence: int, by: str, *rules: Doc) -> Doc:
    spec: Doc = {"priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence, "rules": [*rules]}
    return {**spec, "distinguisherMethod": {"type": by}} if by else spec


LEVELS: dict[str, Doc] = {
    **PRIORITY_LEVELS,
    "system": _level(30, 33, 64, 6),
    "node-high": _level(40, 25, 64, 6),
    "leader-election": _level(10, 0, 16, 4),
    "workload-high": _level(40, 50, 128, 6),
    "workload-low": _level(100, 90, 128, 6),
    "global-default": _level(20, 50, 128, 6),
}
SCHEMAS: dict[str, Doc] = {
    **FLOW_SCHEMAS,
    "probes": _schema("exempt", 2, "", {
        "subjects": groups(*_ALL),
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}],
    }),
    "system-leader-election": _schema("leader-election", 100, "ByUser", {
        "subjects": [*_users("system:kube-controller-manager", "system:kube-scheduler"), *_system_accounts("*")],
        "resourceRules": [{"verbs": ["get", "create", "update"], **_LEASES}],
    }),
    "endpoint-controller": _schema("workload-high", 150, "ByUser", {
        "subjects": [
            *_users("system:kube-controller-manager"),
            *_system_accounts("endpoint-controller", "endpointslicemirroring-controller"),
        ],
        "resourceRules": [
            {"verbs": ["get", "create", "update"], "apiGroups": [""], "resources": ["endpoints"], "namespaces": ["*"]}
        ],
    }),
    "workload-leader-election": _schema("leader-election", 200, "ByUser", {
        "subjects": _system_accounts("*"),
        "resourceRules": [{"verbs": ["get", "create", "update"], **_LEASES}],
    }),
    "system-node-high": _schema("node-high", 400, "ByUser", {
        "subjects": groups("system:nodes"),
        "resourceRules": [
            {"verbs": ["*"], "apiGroups": [""], "resources": ["nodes", "nodes/status"], "clusterScope": True,
             "namespaces": ["*"]},
            {"verbs": ["*"], **_LEASES},
        ],
    }),
    "system-nodes": _schema("system", 500, "ByUser", {"subjects": groups("system:nodes"), **EVERYTHING}),
    "kube-controller-manager": _schema("workload-high", 800, "ByNamespace", {
        "subjects": _users("system:kube-controller-manager"), **EVERYTHING,
    }),
    "kube-scheduler": _schema("workload-high", 800, "ByNamespace", {
        "subjects": _users("system:kube-scheduler"), **EVERYTHING,
    }),
    "kube-system-service-accounts": _schema("workload-high", 900, "ByNamespace", {
        "subjects": _system_accounts("*"), **EVERYTHING,
    }),
    "service-accounts": _schema("workload-low", 9000, "ByUser", {
        "subjects": groups("system:serviceaccounts"), **EVERYTHING,
    }),
    "global-default": _schema("global-default", 9900, "ByUser", {"subjects": groups(*_ALL), **EVERYTHING}),
}  # fmt: skip


def objects(kind: str) -> list[Doc]:
    """Those of a kind, as they are to be in the cluster."""
    specs = LEVELS if kind == LEVEL else SCHEMAS
    return [
        {"metadata": {"name": name, "annotations": {AUTOUPDATE: "true"}}, "spec": spec} for name, spec in specs.items()
    ]
