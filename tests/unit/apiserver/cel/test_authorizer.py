"""`authorizer` in CEL: each step narrows the question, and `check` asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apiserver.cel import authorizer, compile
from apiserver.request_info import RequestInfo
from apiserver.user import User

PLACE = {"group": "apps", "resource": "deployments", "namespace": "shop", "name": "web"}
PODS = "authorizer.group('').resource('pods').namespace('shop')"


def told(user: User, info: RequestInfo) -> tuple[bool, str]:
    what = f"{info.group or 'core'}/{info.resource}/{info.subresource} {info.namespace}/{info.name}"
    return user.name == "ann", f"{user.name} {info.verb} {info.path or what}"


@pytest.fixture(autouse=True)
def asked() -> Iterator[None]:
    authorizer.answered_by(told)
    yield
    authorizer.answered_by(authorizer.nobody)


def value(expression: str) -> object:
    given = authorizer.value(User("ann", ("dev",)), PLACE)
    return compile(expression, ("authorizer",)).evaluate({"authorizer": given})


@pytest.mark.parametrize(("question", "reason"), [
    ("authorizer.path('/healthz').check('get')", "ann get /healthz"),
    (f"{PODS}.check('list')", "ann list core/pods/ shop/"),
    (f"{PODS}.subresource('log').name('web').check('get')", "ann get core/pods/log shop/web"),
    ("authorizer.requestResource.check('delete')", "ann delete apps/deployments/ shop/web"),
    ("authorizer.serviceAccount('shop', 'bot').group('apps').resource('deployments').check('get')",
     "system:serviceaccount:shop:bot get apps/deployments/ /"),
    (f"{PODS}.fieldSelector('spec.nodeName=a').labelSelector('app=web').check('list')", "ann list core/pods/ shop/"),
])  # fmt: skip
def test_what_is_asked(question: str, reason: str) -> None:
    assert value(f"{question}.reason()") == reason
    assert value(f"{question}.allowed()") is reason.startswith("ann")


def test_errors() -> None:
    wrong = f"{PODS}.fieldSelector('a=b=c').check('list')"
    assert value(f"{wrong}.errored() && !{wrong}.allowed() && {wrong}.error() != ''") is True
    assert value(f"{PODS}.check('list').errored()") is False
