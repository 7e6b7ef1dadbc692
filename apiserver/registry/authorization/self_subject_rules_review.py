"""SelfSubjectRulesReview: everything that I may do in a namespace, as far as the authorizers can list it.

An authorizer that can list has a method `rules(user, namespace) -> (resource rules, other rules)`; of any other we
ask whether it allows everything, and if it does not, the list may be incomplete.
Real Kubernetes: pkg/registry/authorization/selfsubjectrulesreview, authorizer.RuleResolver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiserver.authorization import Authorizer, Decision
from apiserver.registry.authorization.access_review import decide
from apiserver.registry.reviews import ReviewStrategy
from apiserver.registry.strategy import Doc
from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.errors import BadRequest

if TYPE_CHECKING:
    from machinery.api.authorization.v1 import SelfSubjectRulesReview

_ALL_RESOURCES = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
_ALL_PATHS = {"verbs": ["*"], "nonResourceURLs": ["*"]}


class SelfSubjectRulesReviewStrategy(ReviewStrategy):
    """Wants the authorizers."""

    api_version = "authorization.k8s.io/v1"
    kind = "SelfSubjectRulesReview"

    def __init__(self, authorizers: Sequence[Authorizer]) -> None:
        super().__init__()
        self._authorizers = authorizers

    async def answer(self, obj: SelfSubjectRulesReview, user: User) -> Doc:
        namespace = obj.spec.namespace
        if not namespace:
            raise BadRequest("no namespace on request")
        if self._allows_everything(user, namespace):
            return {"resourceRules": [_ALL_RESOURCES], "nonResourceRules": [_ALL_PATHS], "incomplete": False}
        resources: list[Any] = []
        others: list[Any] = []
        silent = []
        for authorizer in self._authorizers:
            if rules := getattr(authorizer, "rules", None):
                listed = rules(user, namespace)
                resources += listed[0]
                others += listed[1]
            else:
                silent.append(getattr(authorizer, "__name__", type(authorizer).__name__))
        status: Doc = {"resourceRules": resources, "nonResourceRules": others, "incomplete": bool(silent)}
        if silent:
            status["evaluationError"] = f"cannot list the rules of: {', '.join(silent)}"
        return status

    def _allows_everything(self, user: User, namespace: str) -> bool:
        every = RequestInfo(
            path="", verb="*", is_resource=True, group="*", version="*", namespace=namespace, resource="*"
        )
        anywhere = RequestInfo(path="*", verb="*")
        return all(decide(self._authorizers, user, info) is Decision.ALLOW for info in (every, anywhere))
