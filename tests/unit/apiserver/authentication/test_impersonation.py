"""Asking as somebody else: what must be allowed for it, and who one is then."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from apiserver.authentication.impersonation import become, questions, wanted
from apiserver.user import User
from machinery.api.errors import InternalError


def asked(*headers: tuple[str, str]):
    return wanted(CIMultiDict(headers))


def test_every_part_is_a_question() -> None:
    found = asked(
        ("impersonate-user", "jane"), ("Impersonate-Group", "devs"), ("Impersonate-Group", "ops"),
        ("Impersonate-Uid", "7"), ("Impersonate-Extra-Example.com%2fteam", "red"),
    )  # fmt: skip
    assert [(q.verb, q.group, q.resource, q.subresource, q.name) for q in questions(found)] == [
        ("impersonate", "", "users", "", "jane"),
        ("impersonate", "", "groups", "", "devs"),
        ("impersonate", "", "groups", "", "ops"),
        ("impersonate", "authentication.k8s.io", "uids", "", "7"),
        ("impersonate", "authentication.k8s.io", "userextras", "example.com/team", "red"),
    ]
    extra = (("example.com/team", ("red",)),)
    assert become(found) == User("jane", ("devs", "ops", "system:authenticated"), "7", extra)


def test_service_accounts_bring_their_groups() -> None:
    found = asked(("Impersonate-User", "system:serviceaccount:team:robot"))
    (question,) = questions(found)
    assert (question.resource, question.namespace, question.name) == ("serviceaccounts", "team", "robot")
    assert become(found).groups == ("system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated")
    named = asked(("Impersonate-User", "system:serviceaccount:team:robot"), ("Impersonate-Group", "g"))
    assert become(named).groups == ("g", "system:authenticated")


def test_nobody_and_too_little() -> None:
    assert asked(("Accept", "x")) is None
    assert become(asked(("Impersonate-User", "system:anonymous"))).groups == ("system:unauthenticated",)
    with pytest.raises(InternalError, match="without impersonating a user"):
        asked(("Impersonate-Group", "system:masters"))
