"""Service account tokens: a good signature of one of our keys, times that hold, an audience asked for, living objects.

Signatures are checked once per token and remembered by its hash; whether the account (and pod, secret or node) still
lives is asked of the watch cache at every request, so a token ends with what it is bound to.
Real Kubernetes: JWTTokenAuthenticator in pkg/serviceaccount/jwt.go.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import jwt
import orjson

from apiserver.authentication.authenticator import Answer, Audiences, Rejected
from apiserver.authentication.claims import (
    LEGACY_ISSUER,
    Claims,
    Reference,
    audiences_of,
    claims_error,
    references,
    remarks,
    time_error,
    user_of,
)
from apiserver.authentication.keys import VerificationKey
from apiserver.authentication.living import Living
from apiserver.user import User

REMEMBERED = 4096
_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_jws = jwt.PyJWS()


@dataclass(slots=True)
class Verified:
    """A token whose signature is good; `seen` are the revisions at which its objects were last found living."""

    claims: Claims
    user: User
    audiences: Audiences
    bound: tuple[Reference, ...]
    seen: list[int] = field(default_factory=list)


class ServiceAccountTokens:
    """The authenticator. Wants the issuers whose tokens are ours, the keys, and a way to look objects up."""

    def __init__(self, issuers: Sequence[str], keys: Sequence[VerificationKey], living: Living, *,
                 api_audiences: Audiences, clock: Callable[[], float] = time.time) -> None:  # fmt: skip
        self._issuers = frozenset((*issuers, LEGACY_ISSUER))
        self._keys = tuple(keys)
        self._living = living
        self._api_audiences = api_audiences
        self._clock = clock
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    async def __call__(self, token: str, audiences: Audiences) -> Answer | None:
        """The account's user; None when the token is none of ours."""
        verified = self._verified(token)
        if verified is None:
            return None
        now = self._clock()
        if why := time_error(verified.claims, now):
            raise Rejected(why)
        meant = tuple(each for each in verified.audiences if each in audiences)
        if not meant:
            raise Rejected(_wrong_audience(verified.audiences, audiences))
        if not self._unchanged(verified):
            verified.seen = [await self._living.check(each, token=token, now=now) for each in verified.bound]
        return Answer(verified.user, meant, remarks(verified.claims, now))

    def _unchanged(self, verified: Verified) -> bool:
        """Whether everything is as it was when it was last looked at; a deletion is a change."""
        entries = [self._living.peek(each) for each in verified.bound]
        return verified.seen == [entry.revision if entry is not None else 0 for entry in entries] and not any(
            b'"deletionTimestamp"' in entry.body for entry in entries if entry is not None
        )

    def _verified(self, token: str) -> Verified | None:
        identity = hashlib.sha256(token.encode()).digest()
        if (known := self._known.get(identity)) is not None:
            self._known.move_to_end(identity)
            return known
        verified = self._verify(token)
        if verified is not None:
            self._known[identity] = verified
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return verified

    def _verify(self, token: str) -> Verified | None:
        if not self._keys or not _SHAPE.fullmatch(token) or _issuer(token) not in self._issuers:
            return None
        claims = verified_claims(token, self._keys)
        if why := claims_error(claims):
            raise Rejected(why)
        audiences = audiences_of(claims) or self._api_audiences
        return Verified(claims, user_of(claims), audiences, references(claims))


def verified_claims(token: str, keys: Sequence[VerificationKey]) -> Claims:
    """What a good signature of one of the keys vouches for; Rejected without one."""
    header, _, signature = token.split(".")
    named = _document(header).get("kid", "")
    candidates = [key for key in keys if key.id == named] if named else keys
    for key in candidates:
        try:
            payload = _jws.decode(token, key.key, algorithms=[key.algorithm])
        except jwt.InvalidTokenError:
            continue
        if _canonical(signature):
            return orjson.loads(payload)
    raise Rejected("signature of the service account token is not by a known key" if candidates else
                   "no key of service account tokens has the id that the token names")  # fmt: skip


def _canonical(part: str) -> bool:
    """base64 has spare bits at its end: without this, a changed last character could pass."""
    return base64.urlsafe_b64encode(_decoded(part)).rstrip(b"=") == part.encode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _document(part: str) -> Claims:
    try:
        found = orjson.loads(_decoded(part))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _issuer(token: str) -> str:
    """Whose token it says to be: nothing else of it is believed before its signature is checked."""
    issuer = _document(token.split(".")[1]).get("iss")
    return issuer if isinstance(issuer, str) else ""


def _wrong_audience(has: Audiences, wanted: Audiences) -> str:
    return f"token audiences {_quoted(has)} is invalid for the target audiences {_quoted(wanted)}"


def _quoted(audiences: Audiences) -> str:
    return "[" + " ".join(f'"{each}"' for each in audiences) + "]"
