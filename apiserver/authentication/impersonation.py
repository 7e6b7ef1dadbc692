"""Impersonation: who may, asks as somebody else: Impersonate-User, -Group, -Uid, -Extra-*. `kubectl --as`.

Each part of the other identity is a question to the authorizers, with the verb `impersonate`.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/filters/impersonation.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from multidict import MultiMapping

from apiserver.authentication.request_header import Extra, extra_of
from apiserver.request_info import RequestInfo
from apiserver.user import (
    ANONYMOUS_NAME,
    UNAUTHENTICATED,
    User,
    service_account_groups,
    service_account_of,
    with_authenticated,
)
from machinery.api.errors import InternalError

_GROUP = "authentication.k8s.io"
_EXTRA = ("Impersonate-Extra-",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """As whom a request is to be made."""

    name: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Extra = ()


def wanted(headers: MultiMapping[str]) -> Wanted | None:
    """What the headers ask for; None when they ask for nothing."""
    # Asked of every request: few headers begin with this letter.
    if not any(header[0] in "Ii" and header.lower().startswith("impersonate-") for header in headers):
        return None
    asked = Wanted(
        headers.get("Impersonate-User", ""), tuple(headers.getall("Impersonate-Group", [])),
        headers.get("Impersonate-Uid", ""), extra_of(headers, _EXTRA),
    )  # fmt: skip
    if not asked.name and (asked.groups or asked.uid or asked.extra):
        raise InternalError("requested groups, a uid or extra facts without impersonating a user")
    return asked if asked.name else None


def questions(asked: Wanted) -> tuple[RequestInfo, ...]:
    """What the impersonator must be allowed, one question for each part."""
    account = service_account_of(asked.name)
    if account is not None:
        who = _question("serviceaccounts", account[1], namespace=account[0])
    else:
        who = _question("users", asked.name)
    return (
        who,
        *(_question("groups", group) for group in asked.groups),
        *((_question("uids", asked.uid, group=_GROUP),) if asked.uid else ()),
        *(
            _question("userextras", value, group=_GROUP, subresource=key)
            for key, values in asked.extra
            for value in values
        ),
    )


def _question(resource: str, name: str, *, group: str = "", namespace: str = "", subresource: str = "") -> RequestInfo:
    return RequestInfo(
        path="", verb="impersonate", is_resource=True, group=group, version="v1", namespace=namespace,
        resource=resource, name=name, subresource=subresource,
    )  # fmt: skip


def become(asked: Wanted) -> User:
    """The user whom the request is then by. A service account's groups go without saying."""
    groups = asked.groups
    account = service_account_of(asked.name)
    if account is not None and not groups:
        groups = service_account_groups(account[0])
    if asked.name == ANONYMOUS_NAME:
        groups = tuple(dict.fromkeys((*groups, UNAUTHENTICATED)))
    else:
        groups = with_authenticated(groups)
    return User(asked.name, groups, asked.uid, asked.extra)
