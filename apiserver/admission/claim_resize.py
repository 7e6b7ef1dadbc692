"""PersistentVolumeClaimResize: a claim grows once it is bound, where its storage class allows that.

Real Kubernetes: plugin/pkg/admission/storage/persistentvolume/resize, whose sentences these are.
"""

from __future__ import annotations

from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from machinery.api import quantity
from machinery.api.errors import Forbidden

_UNBOUND = "Only bound persistent volume claims can be expanded"
_UNABLE = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


class Classes(Protocol):
    """How the plugin looks storage classes up."""

    async def named(self, name: str) -> Doc | None:
        """The class of this name."""


class PersistentVolumeClaimResize(Plugin):
    """See the module."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def handles(self, attributes: Attributes) -> bool:
        claims = attributes.resource.kind == "PersistentVolumeClaim"
        return claims and attributes.operation == "UPDATE" and not attributes.subresource

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if _size(obj) <= _size(old):
            return
        why = "" if await self._can_grow(obj, old) else _UNABLE
        if old.get("status", {}).get("phase") != "Bound":
            why = _UNBOUND
        if why:
            raise Forbidden(attributes.resource.plural, attributes.name, why)

    async def _can_grow(self, obj: Doc, old: Doc) -> bool:
        name = obj["spec"].get("storageClassName", "")
        if not name or name != old["spec"].get("storageClassName", ""):
            return False
        found = await self._classes.named(name)
        return found is not None and bool(found.get("allowVolumeExpansion"))


def _size(claim: Doc) -> Any:
    return quantity.parse(claim["spec"].get("resources", {}).get("requests", {}).get("storage", "0"))
