"""TokenReview: whose token is this, and is it meant for me? Asked by whoever is shown a token of this cluster.

Answered by the very authenticators that requests pass. Real Kubernetes: pkg/registry/authentication/tokenreview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.bearer import Tokens
from apiserver.registry.reviews import ReviewStrategy
from apiserver.registry.strategy import Doc
from apiserver.user import User
from machinery.api.errors import BadRequest

if TYPE_CHECKING:
    from machinery.api.authentication.v1 import TokenReview


class TokenReviewStrategy(ReviewStrategy):
    """See the module. Wants the token authenticators."""

    api_version = "authentication.k8s.io/v1"
    kind = "TokenReview"

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    async def answer(self, obj: TokenReview, user: User) -> Doc:
        if not obj.spec.token:
            raise BadRequest("token is required for TokenReview in authentication")
        try:
            found = await self._tokens.authenticate(obj.spec.token, obj.spec.audiences or self._tokens.api_audiences)
        except Rejected as error:
            return {"error": str(error)}
        return {"authenticated": True, "user": found.user.info(), "audiences": list(found.audiences)}
