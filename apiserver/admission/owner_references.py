"""OwnerReferencesPermissionEnforcement: who changes an object's owners must be allowed to delete it, and who lets it
block its owner's deletion must be allowed to set the owner's finalizers. Off by default, as in Kubernetes.

Real Kubernetes: plugin/pkg/admission/gc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from apiserver.authorization.authorizer import Authorizer, decide
from apiserver.request_info import RequestInfo
from machinery.api.errors import Forbidden
from machinery.api.scheme import Resource

ResourceOf = Callable[[str, str], Resource | None]
"""From apiVersion and kind of an owner to its resource."""
_IGNORED = ("pods", "status")
"""A status update cannot change owners, and old kubelets send wrong ones."""


class OwnerReferencesPermissionEnforcement(Plugin):
    """Wants the authorizers, and to know the resources of kinds."""

    def __init__(self, authorizers: Sequence[Authorizer], resource_of: ResourceOf) -> None:
        self._authorizers, self._resource_of = authorizers, resource_of

    def handles(self, attributes: Attributes) -> bool:
        resource = attributes.resource
        ignored = not resource.group and (resource.plural, attributes.subresource) == _IGNORED
        return attributes.operation in ("CREATE", "UPDATE") and not ignored

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        owners, before = owners_of(obj), owners_of(old)
        if owners == before:
            return
        resource = attributes.resource
        own = _question("delete", resource, attributes.namespace, attributes.name, subresource=attributes.subresource)
        why = "cannot set an ownerRef on a resource you can't delete"
        self._confirm(attributes, own, why)
        for owner in newly_blocking(owners, before):
            self._may_block(attributes, owner)

    def _may_block(self, attributes: Attributes, owner: Doc) -> None:
        version, kind = owner["apiVersion"], owner["kind"]
        found = self._resource_of(version, kind)
        if found is None:
            raise _forbidden(attributes, "cannot set blockOwnerDeletion in this case because cannot find RESTMapping "
                                         f"for APIVersion {version} Kind {kind}: no matches for kind")  # fmt: skip
        namespace = attributes.namespace if found.namespaced else ""
        question = _question("update", found, namespace, owner["name"], subresource="finalizers")
        why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on"
        self._confirm(attributes, question, why)

    def _confirm(self, attributes: Attributes, question: RequestInfo, why: str) -> None:
        opinion = decide(self._authorizers, attributes.user, question)
        if not opinion.allowed:
            raise _forbidden(attributes, f"{why}: {opinion.reason}, <nil>")


def owners_of(obj: Doc | None) -> list[Doc]:
    return (obj or {}).get("metadata", {}).get("ownerReferences") or []


def newly_blocking(owners: Sequence[Doc], before: Sequence[Doc]) -> list[Doc]:
    """The references that block their owner's deletion, and did not do so before."""
    blocked = {owner["uid"] for owner in before if owner.get("blockOwnerDeletion")}
    return [owner for owner in owners if owner.get("blockOwnerDeletion") and owner["uid"] not in blocked]


def _question(verb: str, resource: Resource, namespace: str, name: str, *, subresource: str) -> RequestInfo:
    return RequestInfo(
        path="", verb=verb, is_resource=True, group=resource.group, version=resource.version, namespace=namespace,
        resource=resource.plural, name=name, subresource=subresource,
    )  # fmt: skip


def _forbidden(attributes: Attributes, why: str) -> Forbidden:
    return Forbidden(attributes.resource.plural, attributes.name, why, group=attributes.resource.group)
