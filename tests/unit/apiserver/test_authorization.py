"""Who may do what, so far."""

from __future__ import annotations

import pytest

from apiserver.authorization import AUTHORIZERS, Decision
from apiserver.request_info import parse
from apiserver.user import ANONYMOUS, User


def allowed(user: User, method: str, path: str) -> bool:
    decisions = (authorizer(user, parse(method, path)) for authorizer in AUTHORIZERS)
    return next((each for each in decisions if each is not Decision.NO_OPINION), Decision.DENY) is Decision.ALLOW


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/etcd", "/version", "/version/"])
def test_public(path: str) -> None:
    assert allowed(ANONYMOUS, "GET", path)
    assert not allowed(ANONYMOUS, "POST", path)


@pytest.mark.parametrize("path", ["/", "/api", "/apis", "/healthzz", "/metrics", "/openapi/v2", "/api/v1/pods"])
def test_names_wanted(path: str) -> None:
    assert not allowed(ANONYMOUS, "GET", path)
    assert allowed(User("me", ("system:authenticated",)), "GET", path)
