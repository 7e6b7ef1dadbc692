"""Reviews: answered by the list of authorizers, whoever stands in it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from apiserver.admission.attributes import Attributes
from apiserver.authorization.authorizer import Decision, Opinion
from apiserver.registry.authentication.self_subject_review import SelfSubjectReviewStrategy
from apiserver.registry.authorization.access_review import (
    LocalSubjectAccessReviewStrategy,
    SelfSubjectAccessReviewStrategy,
    SubjectAccessReviewStrategy,
)
from apiserver.registry.authorization.self_subject_rules_review import SelfSubjectRulesReviewStrategy
from apiserver.registry.reviews import Review, ReviewStrategy
from apiserver.request_info import RequestInfo
from apiserver.user import AUTHENTICATED, User
from machinery.api.errors import ApiError

JANE = User("jane", ("devs", AUTHENTICATED), "7")
PODS = {"verb": "get", "resource": "pods", "namespace": "n", "subresource": "log", "name": "p"}


async def ask(strategy: ReviewStrategy, spec: Any = None, *, user: User = JANE, namespace: str = "") -> Any:
    attributes = Attributes("CREATE", strategy.resource, namespace, "", user)
    doc = {"apiVersion": strategy.api_version, "kind": strategy.kind, "metadata": {}}
    doc |= {"spec": spec} if spec else {}
    return orjson.loads(await Review(strategy).create(attributes, doc))["status"]


class Recording:
    """An authorizer that remembers what it was asked, and can list its rules."""

    def __init__(self, decision: Decision, missing: str = "") -> None:
        self.decision, self.missing = decision, missing
        self.asked: list[tuple[User, RequestInfo]] = []

    def __call__(self, user: User, info: RequestInfo) -> Opinion:
        self.asked.append((user, info))
        return Opinion(self.decision, "so it is")

    def rules(self, user: User, namespace: str) -> tuple[list[Any], list[Any], str]:
        return [{"verbs": ["get"], "apiGroups": [""], "resources": [namespace]}], [], self.missing


async def test_who_am_i() -> None:
    answer = await ask(SelfSubjectReviewStrategy())
    assert answer == {"userInfo": {"username": "jane", "uid": "7", "groups": ["devs", AUTHENTICATED]}}


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (Decision.ALLOW, {"allowed": True, "reason": "so it is"}),
        (Decision.DENY, {"allowed": False, "denied": True, "reason": "so it is"}),
        (Decision.NO_OPINION, {"allowed": False, "reason": "so it is"}),
    ],
)
async def test_the_authorizers_decide(decision: Decision, status: dict[str, Any]) -> None:
    authorizer = Recording(decision)
    assert await ask(SelfSubjectAccessReviewStrategy([authorizer]), {"resourceAttributes": PODS}) == status
    ((user, info),) = authorizer.asked
    assert user == JANE
    assert (info.verb, info.namespace, info.resource, info.subresource, info.name) == ("get", "n", "pods", "log", "p")


async def test_somebody_else_is_asked_about_as_named() -> None:
    authorizer = Recording(Decision.ALLOW)
    spec = {"user": "joe", "groups": ["ops"], "uid": "9", "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}
    await ask(SubjectAccessReviewStrategy([authorizer]), spec)
    ((user, info),) = authorizer.asked
    assert user == User("joe", ("ops",), "9") and (info.path, info.verb, info.is_resource) == ("/metrics", "get", False)


NAMED = {"namespace": "n"}
BOTH = {"resourceAttributes": PODS, "nonResourceAttributes": {"path": "/"}, "user": "joe"}


@pytest.mark.parametrize(
    ("strategy", "spec", "expected"),
    [
        (SelfSubjectAccessReviewStrategy, {}, "spec.resourceAttributes: Invalid value: null: exactly one of nonResour"),
        (SelfSubjectAccessReviewStrategy, BOTH, "cannot be specified in combination with resourceAttributes"),
        (SubjectAccessReviewStrategy, {"resourceAttributes": PODS}, 'spec.user: Invalid value: "": at least one of us'),
        (
            LocalSubjectAccessReviewStrategy, {"user": "joe", "resourceAttributes": {"namespace": "other"}},
            'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
        ),
        (
            LocalSubjectAccessReviewStrategy, {"user": "joe", "nonResourceAttributes": {"path": "/"}},
            "disallowed on this kind of request",
        ),
    ],
)  # fmt: skip
async def test_questions_without_sense(strategy: Any, spec: Any, expected: str) -> None:
    with pytest.raises(ApiError) as caught:
        await ask(strategy(()), spec, namespace="n")
    assert caught.value.code == 422 and expected in str(caught.value)


async def test_rules() -> None:
    whole, part = Recording(Decision.NO_OPINION), Recording(Decision.NO_OPINION, "who knows")
    listed = await ask(SelfSubjectRulesReviewStrategy([whole, lambda user, info: Opinion(Decision.ALLOW)]), NAMED)
    assert listed["resourceRules"] == [{"verbs": ["get"], "apiGroups": [""], "resources": ["n"]}]
    assert not listed["incomplete"]
    both = await ask(SelfSubjectRulesReviewStrategy([whole, part]), NAMED)
    assert len(both["resourceRules"]) == 2 and both["incomplete"] and both["evaluationError"] == "who knows"
    with pytest.raises(ApiError):
        await ask(SelfSubjectRulesReviewStrategy(()), {})
