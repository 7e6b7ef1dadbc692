"""How server-side apply sees a custom resource: which lists have keys, which maps are one field, by its schema.

Pure. Real Kubernetes: kube-openapi's schemaconv over the published schema; its list and map types.
"""

from __future__ import annotations

from collections.abc import Mapping

from apiserver.apiextensions.structural import NO_DEFAULT, Structural
from machinery.api.apply.shapes import ANYTHING, LIST, MAP, SCALAR, Shape, struct
from machinery.api.meta.v1 import PartialObjectMetadata

_SCALARS = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool"}


def shape_of(schema: Structural, *, root: bool = False) -> Shape:
    """The shape of a value of this schema."""
    if schema.type == "array":
        return _list(schema)
    if schema.type == "object" or root:
        return _map(schema, with_metadata=root or schema.embedded)
    if schema.type in _SCALARS:
        return Shape(SCALAR, atomic=True, scalar=_SCALARS[schema.type])
    return Shape(SCALAR, atomic=True) if schema.int_or_string else ANYTHING


def _map(schema: Structural, *, with_metadata: bool) -> Shape:
    members = {name: shape_of(each) for name, each in schema.properties.items()}
    if with_metadata:
        known = struct(PartialObjectMetadata).fields
        members |= {name: known[name] for name in ("apiVersion", "kind", "metadata")}
    item = shape_of(schema.additional) if schema.additional is not None else None
    if item is None and (schema.preserve or schema.free_keys):
        item = ANYTHING
    return Shape(MAP, atomic=schema.atomic_map, members=members, item=item)


def _list(schema: Structural) -> Shape:
    item = shape_of(schema.items) if schema.items is not None else ANYTHING
    if schema.list_type not in ("set", "map"):
        return Shape(LIST, atomic=True, item=item)
    return Shape(LIST, item=item, keys=schema.list_keys, defaults=_key_defaults(schema))


def _key_defaults(schema: Structural) -> Mapping[str, object]:
    parts = schema.items.properties if schema.items is not None else {}
    return {key: parts[key].default for key in schema.list_keys
            if key in parts and parts[key].default is not NO_DEFAULT}  # fmt: skip
