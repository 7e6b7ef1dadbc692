"""Whether a caller may use the node server: the API server knows, by a SubjectAccessReview about this node.

A request is a verb on nodes/proxy, or on nodes/stats, nodes/metrics or nodes/log by its path. Answers are remembered,
a yes longer than a no; the group system:masters needs no question.
Writes SubjectAccessReviews. Real Kubernetes: kubelet/server/auth.go, apiserver/plugin/pkg/authorizer/webhook.
"""

from __future__ import annotations

from typing import NamedTuple

from machinery.api.authorization.v1 import ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec
from machinery.client.rest import Client
from machinery.component.clock import Clock

MASTERS = "system:masters"
YES_SECONDS, NO_SECONDS = 300.0, 30.0
REMEMBERED = 1024
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SUBRESOURCES = {"stats": "stats", "metrics": "metrics", "logs": "log"}


class Question(NamedTuple):
    """Who wants to do what."""

    user: str
    groups: tuple[str, ...]
    verb: str
    subresource: str


def question(user: str, groups: tuple[str, ...], method: str, path: str) -> Question:
    """What a request on the node server stands for."""
    first = path.strip("/").partition("/")[0]
    return Question(user, groups, _VERBS.get(method, method.lower()), _SUBRESOURCES.get(first, "proxy"))


class Authorization:
    """Wants a client that may create SubjectAccessReviews; None stands for nobody to ask."""

    def __init__(self, client: Client | None, node: str, clock: Clock) -> None:
        self._client, self._node, self._clock = client, node, clock
        self._known: dict[Question, tuple[bool, float]] = {}

    async def allows(self, asked: Question) -> bool:
        """Raises ApiError when nobody answers."""
        if MASTERS in asked.groups:
            return True
        if self._client is None:
            return False
        allowed, until = self._known.get(asked, (False, 0.0))
        if self._clock.monotonic() >= until:
            allowed = await self._answer(self._client, asked)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[asked] = allowed, self._clock.monotonic() + (YES_SECONDS if allowed else NO_SECONDS)
        return allowed

    async def _answer(self, client: Client, asked: Question) -> bool:
        what = ResourceAttributes(
            verb=asked.verb, version="v1", resource="nodes", subresource=asked.subresource, name=self._node
        )
        groups = (*asked.groups, "system:authenticated")
        spec = SubjectAccessReviewSpec(user=asked.user, groups=groups, resource_attributes=what)
        return (await client.create(SubjectAccessReview(spec=spec))).status.allowed
