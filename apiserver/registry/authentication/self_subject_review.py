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

    async def answer(self, obj: Any, user: User) -> Doc:
        return {"userInfo": user.info()}
