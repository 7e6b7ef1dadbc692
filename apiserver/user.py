"""Who asks: a name and groups, as authentication found them.

Real Kubernetes: k8s.io/apiserver/pkg/authentication/user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ANONYMOUS_NAME = "system:anonymous"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
SERVICE_ACCOUNTS = "system:serviceaccounts"
MASTERS = "system:masters"
_SERVICE_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """A user as every later step sees it. `extra` holds (key, values) pairs, so that a user can be a key of a cache."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def anonymous(self) -> bool:
        return self.name == ANONYMOUS_NAME

    def info(self) -> dict[str, Any]:
        """The user as authentication.k8s.io/v1 UserInfo says it."""
        extra = {key: list(values) for key, values in self.extra}
        known = {"username": self.name, "uid": self.uid, "groups": list(self.groups), "extra": extra}
        return {field: value for field, value in known.items() if value}


ANONYMOUS = User(ANONYMOUS_NAME, (UNAUTHENTICATED,))
ITSELF = User("system:apiserver", (MASTERS, AUTHENTICATED))


def with_authenticated(groups: Iterable[str]) -> tuple[str, ...]:
    """Whoever has proved a name is in this group as well, unless the other one was given."""
    given = tuple(groups)
    return given if UNAUTHENTICATED in given else tuple(dict.fromkeys((*given, AUTHENTICATED)))


def service_account_name(namespace: str, name: str) -> str:
    """The user's name of a service account."""
    return f"{_SERVICE_ACCOUNT}{namespace}:{name}"


def service_account_groups(namespace: str) -> tuple[str, str]:
    """The groups of a service account: of all, and of its namespace."""
    return SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}"


def service_account_of(user: str) -> tuple[str, str] | None:
    """Namespace and name, when a user's name is that of a service account."""
    namespace, separator, name = user.removeprefix(_SERVICE_ACCOUNT).partition(":")
    return (namespace, name) if user.startswith(_SERVICE_ACCOUNT) and separator and ":" not in name else None
