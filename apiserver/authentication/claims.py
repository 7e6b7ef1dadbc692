"""What a service account token says, in JWT's claims and Kubernetes' own; and whom such claims stand for. Pure.

Real Kubernetes: pkg/serviceaccount/claims.go and legacy.go; serviceaccount.UserInfo in k8s.io/apiserver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apiserver.user import CREDENTIAL_ID, User, service_account_groups, service_account_name, with_authenticated

Claims = Mapping[str, Any]
LEEWAY_SECONDS = 60
"""Clocks differ: times are believed within this."""
LEGACY_ISSUER = "kubernetes/serviceaccount"
_LEGACY = "kubernetes.io/serviceaccount"
_PRIVATE = "kubernetes.io"
_EXTRA = "authentication.kubernetes.io"


class Reference(NamedTuple):
    """An object that must live, by name and uid; `role` is what the token calls it."""

    role: str
    namespace: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From now (seconds since 1970) for so many seconds; `warn_after` counts from now as well, 0 for never."""

    now: int
    seconds: int
    warn_after: int = 0


def claims_of(objects: Sequence[Reference], audiences: Sequence[str], lifetime: Lifetime, *, issuer: str,
              identity: str) -> dict[str, Any]:  # fmt: skip
    """A token for the service account that is the first of `objects`, bound to the others."""
    account, now = objects[0], lifetime.now
    private: dict[str, Any] = {"namespace": account.namespace}
    for each in objects:
        private[each.role] = {"name": each.name, **({"uid": each.uid} if each.uid else {})}
    if lifetime.warn_after:
        private["warnafter"] = now + lifetime.warn_after
    return {
        "aud": list(audiences), "exp": now + lifetime.seconds, "iat": now, "iss": issuer, "jti": identity,
        _PRIVATE: dict(sorted(private.items())),
        "nbf": now, "sub": service_account_name(account.namespace, account.name),
    }  # fmt: skip


def time_error(claims: Claims, now: float) -> str:
    """Why a token does not hold now; nothing when it does. A legacy token has no times."""
    if now - LEEWAY_SECONDS > claims.get("exp", now):
        return "service account token has expired"
    if now + LEEWAY_SECONDS < claims.get("nbf", now):
        return "service account token is not valid yet"
    if now + LEEWAY_SECONDS < claims.get("iat", now):
        return "service account token is issued in the future"
    return ""


def references(claims: Claims) -> tuple[Reference, ...]:
    """What must live for the token to hold, the account first. A pod vouches for its node."""
    if claims.get("iss") == LEGACY_ISSUER:
        return tuple(_legacy_references(claims))
    private = claims.get(_PRIVATE) or {}
    roles = [role for role in ("serviceaccount", "secret", "pod", "node") if private.get(role)]
    if "pod" in roles and "node" in roles:
        roles.remove("node")
    return tuple(_reference(role, private) for role in roles)


def _reference(role: str, private: Mapping[str, Any]) -> Reference:
    namespace = "" if role == "node" else private.get("namespace", "")
    return Reference(role, namespace, private[role].get("name", ""), private[role].get("uid", ""))


def _legacy_references(claims: Claims) -> Iterator[Reference]:
    namespace = claims.get(f"{_LEGACY}/namespace", "")
    name, uid = claims.get(f"{_LEGACY}/service-account.name", ""), claims.get(f"{_LEGACY}/service-account.uid", "")
    yield Reference("serviceaccount", namespace, name, uid)
    yield Reference("legacy secret", namespace, claims.get(f"{_LEGACY}/secret.name", ""), "")


def user_of(claims: Claims) -> User:
    """The user that a good token stands for."""
    account = references(claims)[0]
    private = claims.get(_PRIVATE) or {}
    extra = {CREDENTIAL_ID: f"JTI={claims['jti']}"} if claims.get("jti") else {}
    for role in ("pod", "node"):
        bound = private.get(role) or {}
        extra |= {f"{_EXTRA}/{role}-{field}": bound[field] for field in ("name", "uid") if bound.get(field)}
    groups = with_authenticated(service_account_groups(account.namespace))
    name = service_account_name(account.namespace, account.name)
    return User(name, groups, account.uid, tuple((key, (value,)) for key, value in sorted(extra.items())))


def claims_error(claims: Any) -> str:
    """Why claims that a good key has signed are still of no use."""
    private = claims.get(_PRIVATE) or {} if isinstance(claims, dict) else None
    if not isinstance(private, dict) or any(not isinstance(each, dict) for each in _bound(private)):
        return "service account token claims could not be validated due to unexpected private claim"
    if any(not isinstance(claims.get(name, 0), int | float) for name in ("exp", "nbf", "iat")):
        return "service account token claims could not be validated due to unexpected validation error"
    account = next(iter(references(claims)), None)
    if account is None or not account.namespace or not account.name:
        return "service account token names no service account"
    if claims.get("sub") != service_account_name(account.namespace, account.name):
        return "sub claim does not match the service account of the token"
    if claims.get("iss") != LEGACY_ISSUER and "exp" not in claims:
        return "service account token has no expiry"
    return ""


def _bound(private: Mapping[str, Any]) -> list[Any]:
    return [private[role] for role in ("serviceaccount", "secret", "pod", "node") if role in private]


def audiences_of(claims: Claims) -> tuple[str, ...]:
    """RFC 7519 lets one audience stand alone."""
    given = claims.get("aud") or ()
    return (given,) if isinstance(given, str) else tuple(str(each) for each in given)


def remarks(claims: Claims, now: float) -> tuple[tuple[str, str], ...]:
    """What the audit log says of a token that should have been renewed, or that never ends."""
    if claims.get("iss") == LEGACY_ISSUER:
        return (("authentication.k8s.io/legacy-token", claims["sub"]),)
    warn_after = (claims.get(_PRIVATE) or {}).get("warnafter")
    if not isinstance(warn_after, int | float) or now <= warn_after:
        return ()
    stale = f"subject: {claims['sub']}, seconds after warning threshold: {int(now - warn_after)}"
    return (("authentication.k8s.io/stale-token", stale),)
