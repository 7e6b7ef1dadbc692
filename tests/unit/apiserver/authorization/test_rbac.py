"""RBAC over an index that is fed change by change."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from apiserver.authorization.index import NEEDED, Index
from apiserver.authorization.rbac import RBAC
from apiserver.request_info import RequestInfo, parse
from apiserver.user import User
from tests.support.tokens import Entry

JANE = User("jane", ("devs", "system:authenticated"))
LIST = parse("GET", "/api/v1/namespaces/n/pods")
READ_PODS = {"rules": [{"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}]}


class Feed:
    """Stands for the Cachers of roles and bindings."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.index = Index(dict.fromkeys(NEEDED, self))
        self.rbac = RBAC(self.index)

    def follow(self, follower: Any) -> None:
        self.follower = follower

    def put(self, path: str, **body: Any) -> None:
        _, *namespace, name = path.split("/")
        meta = {"name": name, **({"namespace": namespace[0]} if namespace else {})}
        entry = Entry(f"/registry/{path}", 1, orjson.dumps({"metadata": meta, **body}))
        self.follower(self.entries.get(path), entry)
        self.entries[path] = entry

    def bind(self, path: str, role: str, *subjects: dict[str, str]) -> None:
        kind, _, name = role.partition("/")
        self.put(path, roleRef={"kind": kind, "name": name}, subjects=list(subjects))

    def remove(self, path: str) -> None:
        self.follower(self.entries.pop(path), None)

    def may(self, user: User = JANE, info: RequestInfo = LIST) -> bool:
        return self.rbac(user, info).allowed


@pytest.fixture
def feed() -> Feed:
    made = Feed()
    made.put("roles/n/reader", **READ_PODS)
    made.put("clusterroles/reader", **READ_PODS)
    return made


@pytest.mark.parametrize(
    ("binding", "role", "subject", "told"),
    [
        ("rolebindings/n/b", "Role/reader", {"kind": "User", "name": "jane"},
         'RoleBinding "b/n" of Role "reader" to User "jane"'),
        ("rolebindings/n/b", "ClusterRole/reader", {"kind": "Group", "name": "devs"},
         'RoleBinding "b/n" of ClusterRole "reader" to Group "devs"'),
        ("clusterrolebindings/b", "ClusterRole/reader", {"kind": "User", "name": "jane"},
         'ClusterRoleBinding "b" of ClusterRole "reader" to User "jane"'),
    ],
)  # fmt: skip
def test_a_binding_gives_until_it_goes(feed: Feed, binding: str, role: str, subject: Any, told: str) -> None:
    assert not feed.may()
    feed.bind(binding, role, subject)
    assert feed.rbac(JANE, LIST).reason == f"RBAC: allowed by {told}"
    assert feed.may(info=parse("GET", "/api/v1/namespaces/other/pods")) is binding.startswith("cluster")
    assert not feed.may(User("joe", ("system:authenticated",)))
    feed.remove(binding)
    assert not feed.may() and feed.index._grants == {}


def test_a_service_account_is_bound_by_its_namespace(feed: Feed) -> None:
    feed.bind("rolebindings/n/b", "Role/reader", {"kind": "ServiceAccount", "name": "robot"})
    assert feed.may(User("system:serviceaccount:n:robot")) and not feed.may(User("system:serviceaccount:m:robot"))


def test_subjects_and_rules_change(feed: Feed) -> None:
    feed.bind("rolebindings/n/b", "Role/reader", {"kind": "User", "name": "joe"})
    assert not feed.may()
    feed.bind("rolebindings/n/b", "Role/reader", {"kind": "User", "name": "jane"})
    assert feed.may()
    feed.put("roles/n/reader", rules=None)
    assert not feed.may()


def test_a_role_that_is_missing_is_told(feed: Feed) -> None:
    feed.bind("rolebindings/n/b", "Role/none", {"kind": "User", "name": "jane"})
    assert feed.rbac(JANE, LIST).reason == 'RBAC: role.rbac.authorization.k8s.io "none" not found'
    assert feed.rbac.rules(JANE, "n") == ([], [], 'role.rbac.authorization.k8s.io "none" not found')
    feed.put("roles/n/none", **READ_PODS)
    assert feed.may()


def test_a_role_of_a_namespace_says_nothing_of_paths(feed: Feed) -> None:
    feed.put("clusterroles/paths", rules=[{"verbs": ["get"], "nonResourceURLs": ["*"]}])
    feed.bind("rolebindings/n/b", "ClusterRole/paths", {"kind": "User", "name": "jane"})
    assert not feed.may(info=parse("GET", "/metrics"))
    feed.bind("clusterrolebindings/b", "ClusterRole/paths", {"kind": "User", "name": "jane"})
    assert feed.may(info=parse("GET", "/metrics"))


def test_thousands_of_bindings_cost_nothing_measurable(feed: Feed) -> None:
    """Each change throws remembered decisions away, so this is the slow way, without them."""
    def cost() -> float:
        best = 1.0
        for _ in range(200):
            feed.index.changes += 1
            start = time.perf_counter()
            feed.may()
            best = min(best, time.perf_counter() - start)
        return best

    feed.bind("rolebindings/n/b", "Role/reader", {"kind": "User", "name": "jane"})
    few = cost()
    for number in range(5000):
        subject = {"kind": "User", "name": f"user-{number}"}
        feed.bind(f"rolebindings/n-{number % 500}/b-{number}", "ClusterRole/reader", subject)
    assert cost() < 3 * few + 50e-6
