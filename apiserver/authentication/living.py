"""Whether what a token is bound to still lives: looked up in the watch cache, afresh only where that seems to say no.

Real Kubernetes: the getters of pkg/serviceaccount/claims.go (v.getter), whose sentences these are.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.claims import LEEWAY_SECONDS, Reference
from apiserver.storage.interface import Cacher, Entry
from apiserver.storage.keys import key_of

Doc = dict[str, Any]
PLURALS = {
    "serviceaccount": "serviceaccounts", "pod": "pods", "secret": "secrets", "legacy secret": "secrets",
    "node": "nodes",
}  # fmt: skip
INVALIDATED = "service account token has been invalidated"


class Living:
    """Wants the Cachers of serviceaccounts, pods, secrets and nodes."""

    def __init__(self, cachers: Mapping[str, Cacher]) -> None:
        self._cachers = cachers

    def peek(self, reference: Reference) -> Entry | None:
        """The object as the cache has it."""
        return self._cachers[PLURALS[reference.role]].peek(self._key(reference))

    async def check(self, reference: Reference, *, token: str, now: float) -> int:
        """The revision at which the object is as the token says; Rejected when it is not."""
        entry = self.peek(reference)
        if entry is None or error(reference, orjson.loads(entry.body), token=token, now=now):
            entry = await self._cachers[PLURALS[reference.role]].get(self._key(reference))
        if entry is None:
            raise Rejected(_missing(reference))
        if why := error(reference, orjson.loads(entry.body), token=token, now=now):
            raise Rejected(why)
        return entry.revision

    def _key(self, reference: Reference) -> str:
        return key_of(PLURALS[reference.role], reference.name, reference.namespace)


def _missing(reference: Reference) -> str:
    if reference.role == "serviceaccount":
        return f'serviceaccounts "{reference.name}" not found'
    return "Token has been invalidated" if reference.role == "legacy secret" else INVALIDATED


def error(reference: Reference, obj: Doc, *, token: str, now: float) -> str:
    """Why this object does not vouch for the token; nothing when it does."""
    meta, role = obj["metadata"], reference.role
    deleted = _deleted_before(meta, now - LEEWAY_SECONDS)
    uid = meta.get("uid", "")
    if role == "serviceaccount":
        if deleted:
            return f"service account {reference.namespace}/{reference.name} has been deleted"
        return "" if uid == reference.uid else f"service account UID ({uid}) does not match claim ({reference.uid})"
    if role == "legacy secret":
        return _legacy_error(obj, token, deleted=deleted)
    if deleted:
        return INVALIDATED
    if uid != reference.uid:
        return f"{role} UID ({uid}) does not match service account {role} ref claim ({reference.uid})"
    return ""


def _legacy_error(secret: Doc, token: str, *, deleted: bool) -> str:
    if deleted or secret["metadata"].get("labels", {}).get("kubernetes.io/legacy-token-invalid-since"):
        return "Token has been invalidated"
    return "" if _holds(secret, token) else "Token does not match server's copy"


def _holds(secret: Doc, token: str) -> bool:
    held = base64.b64decode(secret.get("data", {}).get("token", ""))
    return hmac.compare_digest(held, token.encode())


def _deleted_before(meta: Doc, moment: float) -> bool:
    """A deletionTimestamp is when the grace period ends; until then, and a little longer, the object vouches."""
    deleted = meta.get("deletionTimestamp")
    return bool(deleted) and datetime.fromisoformat(deleted).timestamp() < moment
