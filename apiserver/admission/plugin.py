"""What an admission plugin looks like.

Real Kubernetes: k8s.io/apiserver/pkg/admission/interfaces.go.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes

Doc = dict[str, Any]


class Plugin:
    """Admits everything and changes nothing, until a subclass says otherwise."""

    def handles(self, attributes: Attributes) -> bool:
        """Whether this plugin wants to see the request at all."""
        return True

    async def admit(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """May change `obj`; may refuse by raising Forbidden."""

    async def validate(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """May refuse by raising Forbidden."""


class PodPlugin(Plugin):
    """A plugin that looks at new pods only."""

    def handles(self, attributes: Attributes) -> bool:
        return (
            attributes.operation == "CREATE"
            and attributes.resource.plural == "pods"
            and not attributes.resource.group
            and not attributes.subresource
        )
