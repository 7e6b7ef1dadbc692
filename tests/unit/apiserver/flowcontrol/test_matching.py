"""Which flow schema a request belongs to: the bootstrap ones, and every kind of rule."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.flowcontrol.bootstrap import LEVELS, SCHEMA, objects
from apiserver.flowcontrol.matching import Schema, chosen, in_order, schema_from
from apiserver.request_info import parse
from apiserver.user import User, service_account_groups, service_account_name

BOOTSTRAP = in_order(map(schema_from, objects(SCHEMA)))
KNOWN = "system:authenticated"
NODE = User("system:node:a", ("system:nodes", KNOWN))
SCHEDULER = User("system:kube-scheduler", (KNOWN,))
PODS, LEASES = "/api/v1/namespaces/shop/pods", "/apis/coordination.k8s.io/v1/namespaces/{}/leases/x"


def account(namespace: str, name: str) -> User:
    return User(service_account_name(namespace, name), (*service_account_groups(namespace), KNOWN))


@pytest.mark.parametrize(
    ("user", "method", "path", "schema", "level", "flow"),
    [
        (User("root", ("system:masters", KNOWN)), "GET", PODS, "exempt", "exempt", ""),
        (User("system:anonymous", ("system:unauthenticated",)), "GET", "/readyz", "probes", "exempt", ""),
        (User("a", (KNOWN,)), "GET", "/readyz/etcd", "global-default", "global-default", "a"),
        (NODE, "PUT", LEASES.format("kube-node-lease"), "system-node-high", "node-high", NODE.name),
        (NODE, "PATCH", "/api/v1/nodes/a/status", "system-node-high", "node-high", NODE.name),
        (NODE, "GET", PODS, "system-nodes", "system", NODE.name),
        (SCHEDULER, "PUT", LEASES.format("kube-system"), "system-leader-election", "leader-election", SCHEDULER.name),
        (SCHEDULER, "DELETE", LEASES.format("kube-system"), "kube-scheduler", "workload-high", "kube-system"),
        (SCHEDULER, "GET", "/api/v1/nodes", "kube-scheduler", "workload-high", ""),
        (account("kube-system", "endpoint-controller"), "PUT", "/api/v1/namespaces/shop/endpoints/x",
         "endpoint-controller", "workload-high", "system:serviceaccount:kube-system:endpoint-controller"),
        (account("kube-system", "other"), "GET", PODS, "kube-system-service-accounts", "workload-high", "shop"),
        (account("shop", "web"), "GET", PODS, "service-accounts", "workload-low", "system:serviceaccount:shop:web"),
        (User("jane", (KNOWN,)), "GET", PODS, "global-default", "global-default", "jane"),
    ],
)
def test_the_bootstrap_schemas(user: User, method: str, path: str, schema: str, level: str, flow: str) -> None:
    info = parse(method, path)
    found = chosen(BOOTSTRAP, user, info)
    assert found is not None and found.level in LEVELS
    assert (found.name, found.level, found.flow_of(user, info)) == (schema, level, flow)


def made(name: str = "x", precedence: int = 5, subjects: Any = None, **rule: Any) -> Schema:
    everybody = [{"kind": "Group", "group": {"name": "*"}}]
    return Schema(name, "", "low", precedence, "", [{"subjects": subjects or everybody, **rule}])


RULE = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["shop"]}


@pytest.mark.parametrize(
    ("change", "path", "fits"),
    [
        ({}, f"{PODS}/a", True),
        ({"verbs": ["list"]}, f"{PODS}/a", False),
        ({"apiGroups": ["apps"]}, f"{PODS}/a", False),
        ({"resources": ["pods/log"]}, f"{PODS}/a/log", True),
        ({}, f"{PODS}/a/log", False),
        ({"namespaces": ["other"]}, f"{PODS}/a", False),
        ({"namespaces": ["*"]}, f"{PODS}/a", True),
        ({"namespaces": ["*"], "resources": ["*"]}, "/api/v1/nodes/a", False),
        ({"clusterScope": True, "resources": ["*"]}, "/api/v1/nodes/a", True),
        ({}, "/version", False),
    ],
)
def test_resource_rules(change: dict[str, Any], path: str, fits: bool) -> None:
    schema = made(resourceRules=[{**RULE, **change}])
    assert schema.fits(User("jane"), parse("GET", path)) is fits


@pytest.mark.parametrize(
    ("url", "path", "fits"),
    [("/version", "/version", True), ("/metrics/*", "/metrics/a", True), ("/metrics/*", "/metrics", False),
     ("*", "/x", True), ("*", PODS, False)],
)  # fmt: skip
def test_paths(url: str, path: str, fits: bool) -> None:
    schema = made(nonResourceRules=[{"verbs": ["*"], "nonResourceURLs": [url]}])
    assert schema.fits(User("jane"), parse("GET", path)) is fits


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        ({"kind": "User", "user": {"name": "jane"}}, True),
        ({"kind": "User", "user": {"name": "*"}}, True),
        ({"kind": "User", "user": {"name": "joe"}}, False),
        ({"kind": "Group", "group": {"name": "devs"}}, True),
        ({"kind": "Group", "group": {"name": "ops"}}, False),
        ({"kind": "ServiceAccount", "serviceAccount": {"namespace": "shop", "name": "*"}}, False),
    ],
)
def test_subjects(subject: dict[str, Any], fits: bool) -> None:
    schema = made(subjects=[subject], resourceRules=[RULE])
    assert schema.fits(User("jane", ("devs",)), parse("GET", f"{PODS}/a")) is fits


def test_the_lowest_precedence_wins_and_of_equals_the_first_name() -> None:
    schemas = in_order([made("c", 9), made("b", 5, resourceRules=[RULE]), made("a", 5, resourceRules=[RULE])])
    assert [each.name for each in schemas] == ["a", "b", "c"]
    found = chosen(schemas, User("jane"), parse("GET", f"{PODS}/a"))
    assert found is not None and found.name == "a"
    assert chosen(schemas, User("jane"), parse("GET", "/version")) is None
