"""DefaultStorageClass and DefaultIngressClass: a claim or an Ingress that names no class gets the default one.

A class is the default by an annotation; of several, the newest is.
Real Kubernetes: plugin/pkg/admission/storage/storageclass/setdefault and plugin/pkg/admission/network/
defaultingressclass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin


class Classes(Protocol):
    """How the plugins look classes up."""

    @property
    def any(self) -> bool:
        """Whether there are any at all."""

    async def of(self) -> Sequence[Doc]:
        """All of them."""


class _DefaultClass(Plugin):
    kind: str
    field: str
    named_by: str
    """The annotation that names a class the old way."""
    marks: tuple[str, ...]
    """The annotations that make a class the default."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def handles(self, attributes: Attributes) -> bool:
        creates = attributes.operation == "CREATE" and not attributes.subresource
        return creates and attributes.resource.kind == self.kind and self._classes.any

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj.setdefault("spec", {})
        if self.field in spec or self.named_by in obj["metadata"].get("annotations", {}):
            return
        marked = [each["metadata"] for each in await self._classes.of() if self._is_default(each)]
        if marked:
            newest = max(meta.get("creationTimestamp", "") for meta in marked)
            names = (meta["name"] for meta in marked if meta.get("creationTimestamp", "") == newest)
            spec[self.field] = min(names)

    def _is_default(self, found: Doc) -> bool:
        notes = found["metadata"].get("annotations", {})
        return any(notes.get(mark) == "true" for mark in self.marks)


class DefaultStorageClass(_DefaultClass):
    """For PersistentVolumeClaims; "" is a class, too: the one of volumes that were made by hand."""

    kind, field = "PersistentVolumeClaim", "storageClassName"
    named_by = "volume.beta.kubernetes.io/storage-class"
    marks = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


class DefaultIngressClass(_DefaultClass):
    """For Ingresses."""

    kind, field = "Ingress", "ingressClassName"
    named_by = "kubernetes.io/ingress.class"
    marks = ("ingressclass.kubernetes.io/is-default-class",)
