"""What an authenticator is: from a request, or from a token, to a User.

Real Kubernetes: k8s.io/apiserver/pkg/authentication/authenticator.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from apiserver.user import User

Authenticator = Callable[[web.BaseRequest], Awaitable[User | None]]
"""The user; None when it has nothing to say. Raises Rejected when it knows the credential and refuses it."""

Audiences = tuple[str, ...]


class Rejected(Exception):
    """Why a credential is no good. The text goes to the log and into TokenReviews, never the credential itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose token it is, and for which of the audiences asked for it is meant."""

    user: User
    audiences: Audiences
    remarks: tuple[tuple[str, str], ...] = ()
    """Annotations for the audit log."""


TokenAuthenticator = Callable[[str, Audiences], Awaitable[Answer | None]]
"""The same for a bearer token that is shown to one of these audiences."""
