"""What an authorizer is: from a user and a RequestInfo to an Opinion; and `decide`, which asks the list.

Real Kubernetes: k8s.io/apiserver/pkg/authorization/{authorizer,union}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.errors import ApiError, Forbidden


class Decision(Enum):
    """What one authorizer says."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"


class Opinion(NamedTuple):
    """A decision, and why: the user reads that in a refusal, the audit log in any case."""

    decision: Decision
    reason: str = ""

    @property
    def allowed(self) -> bool:
        return self.decision is Decision.ALLOW


Authorizer = Callable[[User, RequestInfo], Opinion]
NO_OPINION = Opinion(Decision.NO_OPINION)


def decide(authorizers: Sequence[Authorizer], user: User, info: RequestInfo) -> Opinion:
    """The first opinion of the list; when nobody has one, what each had to remark."""
    remarks = []
    for authorizer in authorizers:
        opinion = authorizer(user, info)
        if opinion.decision is not Decision.NO_OPINION:
            return opinion
        if opinion.reason:
            remarks.append(opinion.reason)
    return Opinion(Decision.NO_OPINION, "\n".join(remarks)) if remarks else NO_OPINION


def refusal(user: User, info: RequestInfo, reason: str = "") -> ApiError:
    """The answer to who may not, in Kubernetes' words."""
    why = f": {reason}" if reason else ""
    if not info.is_resource:
        return Forbidden("", "", f'User "{user.name}" cannot {info.verb} path "{info.path}"{why}')
    where = f'in the namespace "{info.namespace}"' if info.namespace else "at the cluster scope"
    resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    what = f'User "{user.name}" cannot {info.verb} resource "{resource}" in API group "{info.group}" {where}{why}'
    return Forbidden(info.resource, info.object_name, what, group=info.group)
