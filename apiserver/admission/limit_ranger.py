"""LimitRanger: containers that ask for nothing get their namespace's defaults; what asks too little or much is refused.

Real Kubernetes: plugin/pkg/admission/limitranger, whose sentences these are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from machinery.api import quantity
from machinery.api.errors import Forbidden
from machinery.api.quota import amounts_of

ANNOTATION = "kubernetes.io/limit-ranger"
CONTAINER, POD, CLAIM = "Container", "Pod", "PersistentVolumeClaim"


class LimitRanges(Protocol):
    """How the plugin looks limit ranges up."""

    @property
    def any(self) -> bool:
        """Whether there are any at all."""

    async def of(self, namespace: str) -> Sequence[Doc]:
        """Those of a namespace."""


class LimitRanger(Plugin):
    """See the module."""

    def __init__(self, ranges: LimitRanges) -> None:
        self._ranges = ranges

    def handles(self, attributes: Attributes) -> bool:
        resource, operation = attributes.resource, attributes.operation
        if resource.group or not self._ranges.any:
            return False
        if resource.plural == "pods":
            resizes = operation == "UPDATE" and attributes.subresource == "resize"
            return resizes or (operation == "CREATE" and not attributes.subresource)
        return resource.plural == "persistentvolumeclaims" and operation != "DELETE" and not attributes.subresource

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if attributes.operation != "CREATE" or attributes.resource.plural != "pods":
            return
        for each in await self._ranges.of(attributes.namespace):
            fill_pod(obj, items_of(each, CONTAINER))

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        if "deletionTimestamp" in obj["metadata"]:
            return
        found = pod_errors if attributes.resource.plural == "pods" else claim_errors
        for each in await self._ranges.of(attributes.namespace):
            if errors := list(dict.fromkeys(found(obj, each))):
                why = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
                raise Forbidden(attributes.resource.plural, attributes.name, why)


def items_of(found: Doc, kind: str) -> list[Doc]:
    return [item for item in found.get("spec", {}).get("limits", ()) if item.get("type") == kind]


# --- defaults ---


def fill_pod(pod: Doc, items: Sequence[Doc]) -> None:
    """Defaults for what containers leave open; an annotation says which."""
    requests = {name: amount for item in items for name, amount in item.get("defaultRequest", {}).items()}
    limits = {name: amount for item in items for name, amount in item.get("default", {}).items()}
    told: list[str] = []
    for field, words in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field, ()):
            for what, defaults in (("request", requests), ("limit", limits)):
                if filled := _fill(container, f"{what}s", defaults):
                    told.append(f"{', '.join(filled)} {what} for {words} {container['name']}")
    if told:
        notes = pod["metadata"].setdefault("annotations", {})
        notes[ANNOTATION] = f"LimitRanger plugin set: {'; '.join(told)}"


def _fill(container: Doc, field: str, defaults: Mapping[str, str]) -> list[str]:
    given = container.get("resources", {}).get(field, {})
    missing = {name: amount for name, amount in defaults.items() if name not in given}
    if missing:
        container["resources"] = {**container.get("resources", {}), field: given | missing}
    return sorted(missing)


# --- bounds ---


def pod_errors(pod: Doc, limits: Doc) -> Iterator[str]:
    """Everything in which a pod's containers, or all of them together, leave the bounds."""
    spec = pod["spec"]
    for item in limits.get("spec", {}).get("limits", ()):
        if item.get("type") == CONTAINER:
            for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
                resources = container.get("resources", {})
                yield from _errors(item, resources.get("requests", {}), resources.get("limits", {}))
        elif item.get("type") == POD:
            yield from _errors(item, amounts_of(spec, "requests"), amounts_of(spec, "limits"))


def claim_errors(claim: Doc, limits: Doc) -> Iterator[str]:
    """Where a claim asks for too little or too much storage."""
    requests = claim.get("spec", {}).get("resources", {}).get("requests", {})
    for item in items_of(limits, CLAIM):
        for name, bound in item.get("min", {}).items():
            yield from _least(f"minimum {name} usage per {CLAIM} is {bound}", bound, requests.get(name), None)
        for name, bound in item.get("max", {}).items():
            sentence, asked = f"maximum {name} usage per {CLAIM} is {bound}", requests.get(name)
            if asked is None:
                yield f"{sentence}.  No request is specified"
            elif quantity.parse(asked) > quantity.parse(bound):
                yield f"{sentence}, but request is {asked}"


def _errors(item: Doc, requests: Mapping[str, str], limits: Mapping[str, str]) -> Iterator[str]:
    kind = item["type"]
    for name, bound in item.get("min", {}).items():
        sentence = f"minimum {name} usage per {kind} is {bound}"
        yield from _least(sentence, bound, requests.get(name), limits.get(name))
    for name, bound in item.get("max", {}).items():
        sentence = f"maximum {name} usage per {kind} is {bound}"
        yield from _greatest(sentence, bound, requests.get(name), limits.get(name))
    for name, bound in item.get("maxLimitRequestRatio", {}).items():
        sentence = f"{name} max limit to request ratio per {kind} is {bound}"
        yield from _ratio(sentence, bound, requests.get(name), limits.get(name))


def _least(sentence: str, bound: str, request: str | None, limit: str | None) -> Iterator[str]:
    least = quantity.parse(bound)
    if request is None:
        yield f"{sentence}.  No request is specified"
    elif quantity.parse(request) < least:
        yield f"{sentence}, but request is {request}"
    elif limit is not None and quantity.parse(limit) < least:
        yield f"{sentence}, but limit is {limit}"


def _greatest(sentence: str, bound: str, request: str | None, limit: str | None) -> Iterator[str]:
    most = quantity.parse(bound)
    if limit is None:
        yield f"{sentence}.  No limit is specified"
    elif quantity.parse(limit) > most:
        yield f"{sentence}, but limit is {limit}"
    elif request is not None and quantity.parse(request) > most:
        yield f"{sentence}, but request is {request}"


def _ratio(sentence: str, bound: str, request: str | None, limit: str | None) -> Iterator[str]:
    asked, most = (quantity.parse(amount or "0") for amount in (request, limit))
    if not asked:
        yield f"{sentence}, but no request is specified or request is 0"
    elif not most:
        yield f"{sentence}, but no limit is specified or limit is 0"
    elif most / asked > quantity.parse(bound):
        yield f"{sentence}, but provided ratio is {most / asked:.6f}"
