"""Bootstrap tokens: `id.secret`, kept as Secret `bootstrap-token-<id>` in kube-system, by which a machine may join.

Reads the Secret from the watch cache at every request: deleting it, or its time, ends the token at once.
Real Kubernetes: plugin/pkg/auth/authenticator/token/bootstrap and k8s.io/cluster-bootstrap/token.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.authentication.authenticator import Answer, Audiences, TokenAuthenticator
from apiserver.storage.interface import Cacher
from apiserver.storage.keys import key_of
from apiserver.user import User, with_authenticated

log = logging.getLogger(__name__)
TYPE = "bootstrap.kubernetes.io/token"
GROUP = "system:bootstrappers"
_SHAPE = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")
Doc = dict[str, Any]


def bootstrap_token(secrets: Cacher, api_audiences: Audiences) -> TokenAuthenticator:
    """Knows the tokens that lie in kube-system."""

    async def authenticate(token: str, audiences: Audiences) -> Answer | None:
        shape = _SHAPE.fullmatch(token)
        meant = tuple(each for each in audiences if each in api_audiences)
        if shape is None or not meant:
            return None
        key = key_of("secrets", f"bootstrap-token-{shape[1]}", "kube-system")
        entry = secrets.peek(key) or await secrets.get(key)
        user = None if entry is None else user_of(orjson.loads(entry.body), shape[1], shape[2])
        return Answer(user, meant) if user is not None else None

    return authenticate


def user_of(secret: Doc, identity: str, password: str, now: datetime | None = None) -> User | None:
    """The bootstrapper; None with a line in the log when the Secret does not stand for such a token now."""
    if why := _error(secret, identity, password, now or datetime.now(UTC)):
        log.info("bootstrap token %s: %s", identity, why)
        return None
    extra = (_value(secret, "auth-extra-groups") or "").split(",")
    groups = sorted({GROUP, *(each for each in extra if each)})
    return User(f"system:bootstrap:{identity}", with_authenticated(groups))


def _error(secret: Doc, identity: str, password: str, now: datetime) -> str:
    if secret["metadata"].get("deletionTimestamp"):
        return "its Secret is being deleted"
    if secret.get("type") != TYPE:
        return f"its Secret is not of type {TYPE}"
    if not hmac.compare_digest((_value(secret, "token-secret") or "").encode(), password.encode()):
        return "the secret half is wrong"
    if _value(secret, "token-id") != identity:
        return "the Secret is of another token-id"
    if _expired(_value(secret, "expiration"), now):
        return "it has expired"
    if _value(secret, "usage-bootstrap-authentication") != "true":
        return "it is not for authentication"
    extra = (_value(secret, "auth-extra-groups") or "").split(",")
    wrong = [group for group in extra if group and not _GROUP.fullmatch(group)]
    return f"{wrong[0]!r} is no group of bootstrappers" if wrong else ""


def _expired(expiration: str | None, now: datetime) -> bool:
    """What cannot be read counts as the past."""
    if not expiration:
        return False
    try:
        moment = datetime.fromisoformat(expiration)
    except ValueError:
        return True
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now


def _value(secret: Doc, key: str) -> str | None:
    try:
        return base64.b64decode(secret.get("data", {})[key]).decode()
    except (KeyError, binascii.Error, UnicodeDecodeError):
        return None
