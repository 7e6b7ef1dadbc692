"""RuntimeClass: a pod of a class gets what the class costs beside its containers, and goes where the class can run.

Real Kubernetes: plugin/pkg/admission/runtimeclass, whose sentences these are.
"""

from __future__ import annotations

from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, PodPlugin
from machinery.api import quantity
from machinery.api.errors import Forbidden


class Classes(Protocol):
    """How the plugin looks classes up."""

    async def named(self, name: str) -> Doc | None:
        """The class of this name."""


class RuntimeClass(PodPlugin):
    """See the module."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if found := await self._class(attributes, obj["spec"]):
            self._set_overhead(attributes, obj["spec"], found)
            self._set_place(attributes, obj["spec"], found.get("scheduling", {}))

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        spec = obj["spec"]
        if not spec.get("overhead"):
            return
        found = await self._class(attributes, spec)
        if found is None or not _fixed(found):
            raise _rejected(attributes, "Pod Overhead set without corresponding RuntimeClass defined Overhead")
        self._set_overhead(attributes, spec, found)

    async def _class(self, attributes: Attributes, spec: Doc) -> Doc | None:
        name = spec.get("runtimeClassName", "")
        found = await self._classes.named(name) if name else None
        if name and found is None:
            raise _rejected(attributes, f'RuntimeClass "{name}" not found')
        return found

    def _set_overhead(self, attributes: Attributes, spec: Doc, found: Doc) -> None:
        if (fixed := _fixed(found)) and _amounts(spec.setdefault("overhead", dict(fixed))) != _amounts(fixed):
            raise _rejected(attributes, "Pod's Overhead doesn't match RuntimeClass's defined Overhead")

    def _set_place(self, attributes: Attributes, spec: Doc, scheduling: Doc) -> None:
        given, wanted = spec.get("nodeSelector", {}), scheduling.get("nodeSelector", {})
        for key, value in wanted.items():
            if given.get(key, value) != value:
                why = f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                raise Forbidden("pods", attributes.name, f"{why}pod.spec.nodeSelector[{key}] = {given[key]}")
        if wanted:
            spec["nodeSelector"] = {**given, **wanted}
        if more := [each for each in scheduling.get("tolerations", ()) if each not in spec.get("tolerations", ())]:
            spec["tolerations"] = [*spec.get("tolerations", ()), *map(dict, more)]


def _fixed(found: Doc) -> dict[str, str]:
    return found.get("overhead", {}).get("podFixed", {})


def _amounts(given: dict[str, str]) -> dict[str, Any]:
    return {name: quantity.parse(amount) for name, amount in given.items()}


def _rejected(attributes: Attributes, why: str) -> Forbidden:
    return Forbidden("pods", attributes.name, f"pod rejected: {why}")
