"""Fields that no schema mentions are dropped, and named: `prune(document, schema)`.

Works in place. apiVersion, kind and metadata stay at the root and in embedded resources; below
x-kubernetes-preserve-unknown-fields only what is described is looked into.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/pruning.
"""

from __future__ import annotations

from typing import Any

from apiserver.apiextensions.structural import RESOURCE_FIELDS, Structural

Doc = dict[str, Any]


def prune(document: Doc, schema: Structural) -> list[str]:
    """Drop what is unknown; the paths of all that was dropped: `spec.colour`, `spec.parts[0].x`."""
    dropped: list[str] = []
    _prune_object(document, schema, "", dropped, is_resource=True)
    return dropped


def prune_value(value: Any, schema: Structural) -> list[str]:
    """The same for a part of an object."""
    dropped: list[str] = []
    _prune(value, schema, "", dropped)
    return dropped


def _prune(value: Any, schema: Structural | None, path: str, dropped: list[str]) -> None:
    if isinstance(value, dict):
        _prune_object(value, schema, path, dropped, is_resource=schema is not None and schema.embedded)
    elif isinstance(value, list) and not (schema is not None and schema.items is None and schema.preserve):
        for index, item in enumerate(value):
            _prune(item, schema and schema.items, f"{path}[{index}]", dropped)


def _prune_object(
    value: Doc, schema: Structural | None, path: str, dropped: list[str], *, is_resource: bool
) -> None:
    for name in list(value):
        if is_resource and name in RESOURCE_FIELDS:
            continue
        where = f"{path}.{name}" if path else name
        if schema is not None and (name in schema.properties or schema.free_keys):
            below = schema.below(name)
            if below is not None or not schema.preserve:
                _prune(value[name], below, where, dropped)
        elif schema is None or not schema.preserve:
            del value[name]
            dropped.append(where)
