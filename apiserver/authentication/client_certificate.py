"""Client certificates: CN is the user's name, every O is a group.

Real Kubernetes: CommonNameUserConversion in authentication/request/x509 of k8s.io/apiserver.
"""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web

from apiserver.authentication.authenticator import Authenticator
from apiserver.authentication.certificates import Authorities, Subject, presented
from apiserver.user import CREDENTIAL_ID, User, with_authenticated


def client_certificate(authorities: Authorities) -> Authenticator:
    """Believes certificates of these authorities."""

    async def authenticate(request: web.BaseRequest) -> User | None:
        der = presented(request)
        return user_of(authorities.subject(der)) if der else None

    return authenticate


@lru_cache(maxsize=4096)
def user_of(subject: Subject) -> User | None:
    """The user that a certificate names; one without a common name names nobody."""
    if not subject.name:
        return None
    extra = ((CREDENTIAL_ID, (f"X509SHA256={subject.fingerprint}",)),)
    return User(subject.name, with_authenticated(subject.organizations), extra=extra)
