"""Who asks: an ordered list of authenticators; the first that recognises the request decides.

An authenticator is a function from the HTTP request to a User, or None when it has nothing to say.
Real Kubernetes: k8s.io/apiserver/pkg/authentication/request. Left out so far: tokens, impersonation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from aiohttp import web

from apiserver.user import ANONYMOUS, AUTHENTICATED, User
from machinery.api.errors import Unauthorized

Authenticator = Callable[[web.BaseRequest], User | None]


def authenticate(authenticators: Sequence[Authenticator], request: web.BaseRequest) -> User:
    """The first answer of the list; a bearer token that nobody knows is refused, not anonymous."""
    for authenticator in authenticators:
        if (user := authenticator(request)) is not None:
            return user
    if "Authorization" in request.headers:
        raise Unauthorized()
    return ANONYMOUS


def client_certificate(request: web.BaseRequest) -> User | None:
    """The TLS layer has verified the certificate: CN is the user's name, every O is a group."""
    transport = request.transport
    certificate = transport.get_extra_info("peercert") if transport else None
    return user_of(certificate["subject"]) if certificate else None


@lru_cache(maxsize=4096)
def user_of(subject: tuple) -> User | None:
    """The user in a certificate's subject, as `SSLSocket.getpeercert` gives it."""
    pairs = [pair for name in subject for pair in name]
    names = [value for key, value in pairs if key == "commonName"]
    groups = tuple(value for key, value in pairs if key == "organizationName")
    return User(names[0], (*groups, AUTHENTICATED)) if names else None


AUTHENTICATORS: tuple[Authenticator, ...] = (client_certificate,)
