"""NamespaceLifecycle: nothing enters a namespace that is missing or going; three namespaces cannot be deleted.

Real Kubernetes: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle.
"""

from __future__ import annotations

from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin
from machinery.api.errors import Cause, Forbidden, NotFound

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


class Namespaces(Protocol):
    """How the plugin looks namespaces up."""

    async def phase(self, name: str) -> str | None:
        """Active or Terminating; None when there is no such namespace."""


class NamespaceLifecycle(Plugin):
    """See the module."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        """A create needs a living namespace."""
        if attributes.operation != "CREATE" or not attributes.namespace or not attributes.resource.namespaced:
            return
        phase = await self._namespaces.phase(attributes.namespace)
        if phase is None:
            raise NotFound("namespaces", attributes.namespace)
        if phase == "Terminating":
            raise _terminating(attributes)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        """default, kube-system and kube-public stay."""
        if attributes.operation != "DELETE" or attributes.resource.kind != "Namespace":
            return
        if attributes.name in IMMORTAL:
            raise Forbidden("namespaces", attributes.name, "this namespace may not be deleted")


def _terminating(attributes: Attributes) -> Forbidden:
    namespace, resource = attributes.namespace, attributes.resource
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = Forbidden(resource.plural, attributes.name, why, group=resource.group)
    cause = Cause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
    error.details = type(error.details)(
        name=error.details.name, group=error.details.group, kind=error.details.kind, causes=(cause,)
    )
    return error
