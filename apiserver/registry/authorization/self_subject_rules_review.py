"""SelfSubjectRulesReview: everything that I may do in a namespace, as far as the authorizers can list it.

An authorizer that can list has a method `rules(user, namespace) -> (resource rules, other rules, what is missing)`.
Real Kubernetes: pkg/registry/authorization/selfsubjectrulesreview, authorizer.RuleResolver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiserver.authorization.authorizer import Authorizer
from apiserver.registry.reviews import ReviewStrategy
from apiserver.registry.strategy import Doc
from apiserver.user import User
from machinery.api.errors import BadRequest

if TYPE_CHECKING:
    from machinery.api.authorization.v1 import SelfSubjectRulesReview


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
        resources: list[Any] = []
        others: list[Any] = []
        problems = []
        for authorizer in self._authorizers:
            if rules := getattr(authorizer, "rules", None):
                listed, more, problem = rules(user, namespace)
                resources += listed
                others += more
                problems += [problem] if problem else []
        status: Doc = {"resourceRules": resources, "nonResourceRules": others, "incomplete": bool(problems)}
        return {**status, "evaluationError": ", ".join(problems)} if problems else status
