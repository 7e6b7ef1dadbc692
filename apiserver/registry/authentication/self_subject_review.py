"""SelfSubjectReview: who am I? `kubectl auth whoami`. Real: pkg/registry/authentication/selfsubjectreview."""

from __future__ import annotations

from typing import Any

from apiserver.registry.reviews import ReviewStrategy
from apiserver.registry.strategy import Doc
from apiserver.user import User


class SelfSubjectReviewStrategy(ReviewStrategy):
    """See the module."""

    api_version = "authentication.k8s.io/v1"
    kind = "SelfSubjectReview"

    def answer(self, obj: Any, user: User) -> Doc:
        known = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
        return {"userInfo": {field: value for field, value in known.items() if value}}
