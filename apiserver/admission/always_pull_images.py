"""AlwaysPullImages: every container pulls its image, so that nobody runs what only others may pull. Off by default.

Real Kubernetes: plugin/pkg/admission/alwayspullimages.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin

_FIELDS = ("initContainers", "containers", "ephemeralContainers")


class AlwaysPullImages(Plugin):
    """See the module."""

    def handles(self, attributes: Attributes) -> bool:
        pods = attributes.resource.plural == "pods" and not attributes.resource.group
        return pods and attributes.operation != "DELETE" and attributes.subresource in ("", "ephemeralcontainers")

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        for field in _FIELDS:
            known = {each["name"]: each for each in (old or {}).get("spec", {}).get(field, ())}
            for container in obj["spec"].get(field, ()):
                before = known.get(container["name"])
                if before is None or before.get("image") != container.get("image"):
                    container["imagePullPolicy"] = "Always"
