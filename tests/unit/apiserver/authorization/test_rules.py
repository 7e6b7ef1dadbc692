"""What a rule allows, and what rules cover of others."""

from __future__ import annotations

import pytest

from apiserver.authorization.bootstrap_policy import rule
from apiserver.authorization.rules import allows, told, uncovered
from apiserver.request_info import parse

PODS = "/api/v1/namespaces/n/pods"


@pytest.mark.parametrize(
    ("line", "method", "path", "allowed"),
    [
        ("get core: pods", "GET", f"{PODS}/web", True),
        ("get core: pods", "HEAD", f"{PODS}/web", True),
        ("get core: pods", "GET", PODS, False),
        ("get core: pods", "GET", f"{PODS}/web/log", False),
        ("get core: pods/log", "GET", f"{PODS}/web/log", True),
        ("get core: pods/log", "GET", f"{PODS}/web", False),
        ("get core: */log", "GET", f"{PODS}/web/log", True),
        ("get core: */scale", "GET", f"{PODS}/web/log", False),
        ("get *: */scale", "GET", "/apis/apps/v1/namespaces/n/deployments/d/scale", True),
        ("get core: *", "GET", f"{PODS}/web/log", True),
        ("get apps: *", "GET", f"{PODS}/web", False),
        ("* *: *", "POST", f"{PODS}/web/exec", True),
        ("* *: *", "GET", "/metrics", False),
        ("get core: pods [web]", "GET", f"{PODS}/web", True),
        ("get core: pods [web]", "GET", f"{PODS}/other", False),
        ("create core: pods [web]", "POST", PODS, False),
        ("deletecollection core: pods", "DELETE", PODS, True),
        ("get /healthz", "GET", "/healthz", True),
        ("get /healthz", "GET", "/healthz/etcd", False),
        ("get /healthz/*", "GET", "/healthz/etcd", True),
        ("get /healthz/*", "GET", "/healthz", False),
        ("get *", "GET", "/metrics", True),
        ("get *", "POST", "/metrics", False),
    ],
)
def test_allows(line: str, method: str, path: str, allowed: bool) -> None:
    assert allows(rule(line), parse(method, path)) is allowed


@pytest.mark.parametrize(
    ("verb", "selector", "allowed"),
    [
        ("list", "metadata.name=web", True),
        ("watch", "metadata.name=web,spec.nodeName=n", True),
        ("list", "metadata.name!=web", False),
        ("list", "metadata.name=other", False),
        ("list", "", False),
        ("list", "=,,=", False),
    ],
)
def test_a_named_object_may_be_listed_alone(verb: str, selector: str, allowed: bool) -> None:
    info = parse("GET", PODS, watch=verb == "watch", field_selector=selector)
    assert info.name == "" and allows(rule("list,watch core: pods [web]"), info) is allowed


@pytest.mark.parametrize(
    ("owned", "wanted", "lacking"),
    [
        (["* *: *"], "get,list core: pods", []),
        (["get core: pods"], "get,list core: pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}']),
        ([], "get,list core: pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}']),
        (["get core: pods", "list core: pods"], "get,list core: pods", []),
        (["get core: pods [a]"], "get core: pods [a b]",
         ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}']),
        (["get core: pods"], "get core: pods [a]", []),
        (["get core: pods [a]"], "get core: pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']),
        (["get apps: */scale"], "get apps: deployments/scale", []),
        (["get core: pods"], "get core: pods/log", ['{APIGroups:[""], Resources:["pods/log"], Verbs:["get"]}']),
        (["get /api/*"], "get /api/v1 /apis", ['{NonResourceURLs:["/apis"], Verbs:["get"]}']),
        (["* *: *"], "get /metrics", ['{NonResourceURLs:["/metrics"], Verbs:["get"]}']),
        (["get,list core: pods"], "* core: pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}']),
    ],
)  # fmt: skip
def test_uncovered(owned: list[str], wanted: str, lacking: list[str]) -> None:
    assert [told(each) for each in uncovered([rule(line) for line in owned], [rule(wanted)])] == lacking
