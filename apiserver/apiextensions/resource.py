"""One served version of a definition: its row, its class and what it says of itself. Pure.

Real Kubernetes: crdInfo of apiextensions-apiserver's pkg/apiserver/customresource_handler.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from apiserver.apiextensions.custom_object import CustomObject, class_for
from apiserver.apiextensions.published import definition_name, published
from apiserver.apiextensions.structural import structural
from machinery.api.scheme import SCALE, STATUS, Resource, Subresource

Doc = dict[str, Any]
PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml")


@dataclass(frozen=True, slots=True)
class CustomResource(Resource):
    """A row of the scheme that a definition made."""

    singular_name: str = ""
    listed_as: str = ""
    custom_class: type[CustomObject] | None = None

    @property
    def singular(self) -> str:
        return self.singular_name

    @property
    def patches(self) -> tuple[str, ...]:
        """A strategic merge needs a class."""
        return PATCHES

    @property
    def list_kind(self) -> str:
        return self.listed_as

    @property
    def model(self) -> Any:
        return self.custom_class


def served_versions(definition: Doc) -> list[Doc]:
    """The versions that the API offers, in the order in which clients shall try them."""
    versions = [each for each in definition["spec"]["versions"] if each.get("served")]
    return sorted(versions, key=lambda each: version_order(each["name"]))


def version_order(name: str) -> tuple[Any, ...]:
    """v2 before v1 before v1beta1 before v1alpha2; what looks otherwise comes last, by name."""
    letters = {"": 0, "beta": 1, "alpha": 2}
    text = name[1:]
    for stage in ("beta", "alpha", ""):
        major, mark, minor = text.partition(stage) if stage else (text, "", "")
        if major.isdecimal() and (mark == stage) and (not stage or minor.isdecimal()):
            return (0, letters[stage], -int(major), -int(minor or 0))
    return (1, name)


def resource_of(definition: Doc, version: Doc) -> CustomResource:
    """The row of one version, with a class of its own."""
    spec, accepted = definition["spec"], definition["status"]["acceptedNames"]
    group, name, kind = spec["group"], version["name"], accepted["kind"]
    return CustomResource(
        group, name, kind, accepted["plural"], tuple(accepted.get("shortNames", ())),
        tuple(accepted.get("categories", ())), spec["scope"] == "Namespaced",
        subresources=tuple(_subresources(version)),
        singular_name=accepted.get("singular") or kind.lower(),
        listed_as=accepted.get("listKind") or f"{kind}List",
        custom_class=_class_of((group, name, kind), version),
    )  # fmt: skip


def _class_of(gvk: tuple[str, str, str], version: Doc) -> type[CustomObject]:
    group, name, kind = gvk
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"}
    tell = partial(published, schema, gvk)
    return class_for(f"{group}/{name}", kind, structural(schema), openapi=tell, definition=definition_name(*gvk))


def _subresources(version: Doc) -> Iterator[Subresource]:
    parts = version.get("subresources") or {}
    if parts.get("scale"):
        yield SCALE
    if parts.get("status") is not None:
        yield STATUS
