"""A structural schema, read once from a definition's JSONSchemaProps into a compact tree.

Pure. The tree holds what pruning, defaulting and apply need to know; `checks` holds the keywords that restrict values
(see validation.py, which compiles them). Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Doc = dict[str, Any]
NO_DEFAULT: Any = object()
RESOURCE_FIELDS = frozenset(("apiVersion", "kind", "metadata"))
"""What every object has, whatever its schema says."""


@dataclass(slots=True)
class Structural:
    """One level of a schema. `restrictions` is the JSON of this level, for the keywords that only restrict values."""

    type: str = ""
    nullable: bool = False
    int_or_string: bool = False
    preserve: bool = False
    embedded: bool = False
    properties: Mapping[str, Structural] = field(default_factory=dict)
    items: Structural | None = None
    additional: Structural | None = None
    """The schema of the values of a map."""
    free_keys: bool = False
    """additionalProperties: true, or a schema."""
    default: Any = NO_DEFAULT
    list_type: str = "atomic"
    list_keys: tuple[str, ...] = ()
    atomic_map: bool = False
    restrictions: Doc = field(default_factory=dict)

    def below(self, name: str) -> Structural | None:
        """The schema of a member of this object or map."""
        return self.properties.get(name) or self.additional


def structural(schema: Mapping[str, Any]) -> Structural:
    """The tree of a schema in its JSON form."""
    additional = schema.get("additionalProperties")
    return Structural(
        type=schema.get("type", ""),
        nullable=bool(schema.get("nullable")),
        int_or_string=bool(schema.get("x-kubernetes-int-or-string")),
        preserve=bool(schema.get("x-kubernetes-preserve-unknown-fields")),
        embedded=bool(schema.get("x-kubernetes-embedded-resource")),
        properties={name: structural(each) for name, each in schema.get("properties", {}).items()},
        items=structural(schema["items"]) if isinstance(schema.get("items"), dict) else None,
        additional=structural(additional) if isinstance(additional, dict) else None,
        free_keys=additional is not None and additional is not False,
        default=schema.get("default", NO_DEFAULT),
        list_type=schema.get("x-kubernetes-list-type") or "atomic",
        list_keys=tuple(schema.get("x-kubernetes-list-map-keys", ())),
        atomic_map=schema.get("x-kubernetes-map-type") == "atomic",
        restrictions=dict(schema),
    )
