"""Who may do what: an ordered list of authorizers; the first with an opinion decides, none means no.

An authorizer is a function of the user and the RequestInfo.
Real Kubernetes: k8s.io/apiserver/pkg/authorization. Left out so far: the node authorizer and RBAC; every
authenticated user may do everything.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from apiserver.request_info import RequestInfo
from apiserver.user import AUTHENTICATED, User


class Decision(Enum):
    """What one authorizer says."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"


Authorizer = Callable[[User, RequestInfo], Decision]
PUBLIC_PATHS = ("/healthz", "/livez", "/readyz", "/version")


def public_information(user: User, info: RequestInfo) -> Decision:
    """Health and version are for everybody."""
    if info.is_resource:
        return Decision.NO_OPINION
    path = info.path.rstrip("/")
    public = info.verb == "get" and any(path == known or path.startswith(known + "/") for known in PUBLIC_PATHS)
    return Decision.ALLOW if public else Decision.NO_OPINION


def authenticated_users(user: User, info: RequestInfo) -> Decision:
    """Whoever has proved a name may do everything (until RBAC stands here)."""
    return Decision.ALLOW if AUTHENTICATED in user.groups else Decision.NO_OPINION


AUTHORIZERS: tuple[Authorizer, ...] = (public_information, authenticated_users)
