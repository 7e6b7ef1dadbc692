"""Priority: a pod's class becomes a number; the system's classes stay, and only one class is everybody's.

Real Kubernetes: plugin/pkg/admission/priority, and the Delete of pkg/registry/scheduling/priorityclass/storage.
"""

from __future__ import annotations

from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin, PodPlugin
from machinery.api.errors import Forbidden

SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_POLICY = "PreemptLowerPriority"


class PriorityClasses(Protocol):
    """How the plugins look classes up."""

    async def named(self, name: str) -> Doc | None:
        """The class of this name."""

    async def default(self) -> Doc | None:
        """The class of pods that name none; the least of several."""


class Priority(PodPlugin):
    """Pods get the number of their class, and may not bring another."""

    def __init__(self, classes: PriorityClasses) -> None:
        self._classes = classes

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        if name := spec.get("priorityClassName", ""):
            found = await self._classes.named(name) or _system_class(name)
            if found is None:
                raise Forbidden("pods", attributes.name, f"no PriorityClass with name {name} was found")
        else:
            found = await self._classes.default() or {"value": 0}
            if "metadata" in found:
                spec["priorityClassName"] = found["metadata"]["name"]
        self._set(attributes, spec, "priority", found.get("value", 0))
        self._set(attributes, spec, "preemptionPolicy", found.get("preemptionPolicy") or _POLICY)

    def _set(self, attributes: Attributes, spec: Doc, field: str, computed: int | str) -> None:
        given = spec.setdefault(field, computed)
        if given != computed:
            what = "integer value of priority" if field == "priority" else "string value of PreemptionPolicy"
            why = f"the {what} ({given}) must not be provided in pod spec; priority admission controller computed "
            raise Forbidden("pods", attributes.name, f"{why}{computed} from the given PriorityClass name")


def _system_class(name: str) -> Doc | None:
    """They hold before their objects exist."""
    return {"value": SYSTEM_CLASSES[name]} if name in SYSTEM_CLASSES else None


class PriorityClassRules(Plugin):
    """At most one class is the default; the system's own are not deleted."""

    def __init__(self, classes: PriorityClasses) -> None:
        self._classes = classes

    def handles(self, attributes: Attributes) -> bool:
        return attributes.resource.kind == "PriorityClass"

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        name, resource = attributes.name, attributes.resource
        why = ""
        if attributes.operation == "DELETE" and name in SYSTEM_CLASSES:
            why = "this is a system priority class and cannot be deleted"
        elif obj is not None and obj.get("globalDefault"):
            other = await self._classes.default()
            if other is not None and other["metadata"]["name"] != name:
                marked = other["metadata"]["name"]
                why = f"PriorityClass {marked} is already marked as default. Only one default can exist"
        if why:
            raise Forbidden(resource.plural, name, why, group=resource.group)
