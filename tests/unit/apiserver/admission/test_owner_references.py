"""Who may say who owns what, when that is asked at all."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.owner_references import OwnerReferencesPermissionEnforcement
from apiserver.authorization.authorizer import Decision, Opinion
from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api import scheme
from machinery.api.errors import Forbidden

PODS = scheme.for_kind("v1", "Pod")


class Only:
    """Allows the questions that it was given."""

    def __init__(self, *allowed: str) -> None:
        self.allowed, self.asked = allowed, []

    def __call__(self, user: User, info: RequestInfo) -> Opinion:
        part = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        question = f"{info.verb} {info.namespace}/{part}/{info.name}"
        self.asked.append(question)
        return Opinion(Decision.ALLOW if question in self.allowed else Decision.NO_OPINION, "because")


def owner(uid: str = "1", kind: str = "ReplicaSet", version: str = "apps/v1", **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "name": "o", "uid": uid, **more}


def owned(*owners: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "web", "ownerReferences": list(owners)}}


async def asked(authorizer: Only, obj: Any, old: Any = None, *, subresource: str = "") -> None:
    attributes = Attributes("UPDATE" if old else "CREATE", PODS, "n", "web", User("jane"), subresource)
    plugin = OwnerReferencesPermissionEnforcement([authorizer], scheme_resource)  # type: ignore[list-item]
    if plugin.handles(attributes):
        await plugin.validate(attributes, obj, old)


def scheme_resource(version: str, kind: str) -> Any:
    return next((row for row in scheme.RESOURCES if (row.api_version, row.kind) == (version, kind)), None)


DELETE, FINALIZE = "delete n/pods/web", "update n/replicasets/finalizers/o"


@pytest.mark.parametrize(
    ("allowed", "obj", "old", "questions"),
    [
        ((), owned(), None, []),
        ((), owned(owner()), owned(owner()), []),
        ((DELETE,), owned(owner()), None, [DELETE]),
        ((DELETE,), owned(), owned(owner()), [DELETE]),
        ((DELETE, FINALIZE), owned(owner(blockOwnerDeletion=True)), None, [DELETE, FINALIZE]),
        ((DELETE, FINALIZE), owned(owner(blockOwnerDeletion=True)), owned(owner()), [DELETE, FINALIZE]),
        ((DELETE,), owned(owner(blockOwnerDeletion=True), owner("2")), owned(owner(blockOwnerDeletion=True)), [DELETE]),
        ((DELETE, "update /nodes/finalizers/o"), owned(owner(kind="Node", version="v1", blockOwnerDeletion=True)), None,
         [DELETE, "update /nodes/finalizers/o"]),
    ],
)
async def test_what_is_asked(allowed: tuple[str, ...], obj: Any, old: Any, questions: list[str]) -> None:
    authorizer = Only(*allowed)
    await asked(authorizer, obj, old)
    assert authorizer.asked == questions


@pytest.mark.parametrize(
    ("allowed", "given", "why"),
    [
        ((), owner(), "cannot set an ownerRef on a resource you can't delete: because, <nil>"),
        ((DELETE,), owner(blockOwnerDeletion=True), "to a resource you can't set finalizers on: because, <nil>"),
        ((DELETE,), owner(kind="Nothing", blockOwnerDeletion=True), "cannot find RESTMapping for APIVersion apps/v1"),
    ],
)
async def test_refusals(allowed: tuple[str, ...], given: Any, why: str) -> None:
    with pytest.raises(Forbidden) as caught:
        await asked(Only(*allowed), owned(given))
    assert caught.value.message.startswith('pods "web" is forbidden: cannot set ') and why in caught.value.message


async def test_a_pods_status_is_let_through() -> None:
    authorizer = Only()
    await asked(authorizer, owned(owner()), owned(), subresource="status")
    assert authorizer.asked == []
