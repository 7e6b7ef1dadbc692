"""What an admission plugin is told about a request, beside the object itself.

Real Kubernetes: k8s.io/apiserver/pkg/admission.Attributes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apiserver.registry.ownership import Owners, carried_over
from apiserver.user import User
from machinery.api.scheme import Resource


@dataclass(frozen=True, slots=True)
class Attributes:
    """`operation` is CREATE, UPDATE, DELETE or CONNECT; what is appended to `warnings` reaches the client."""

    operation: str
    resource: Resource
    namespace: str
    name: str
    user: User
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)
    owners: Owners = carried_over
    """What becomes of managedFields; plugins leave that alone."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The options in the request's URL."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What a DELETE asks for beside its object."""
    settled: bool = False
    """The write follows from a request that has passed admission: an eviction's delete, a binding's update."""
    annotations: dict[str, str] = field(default_factory=dict)
    """What plugins want the audit log to say."""
    reserved: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """How to give back what plugins reserved for this write, should it not happen."""

    @property
    def shown_kind(self) -> tuple[str, str]:
        """apiVersion and kind of the object: the resource's own, but for subresources such as scale and eviction."""
        row = self.resource.subresource(self.subresource) if self.subresource else None
        if row is None or not row.kind:
            return self.resource.api_version, self.resource.kind
        version, _, kind = row.kind.rpartition("/")
        return version, kind

    async def give_back(self) -> None:
        """The write did not happen, or is tried afresh."""
        while self.reserved:
            await self.reserved.pop()()
