"""What OpenAPI tells of a custom resource: its schema, with what every object has, and less of it in version 2.

Pure. OpenAPI v2 knows no nullable values and none of anyOf's kin; old clients refuse fields that a schema does not
name, so where unknown fields are kept nothing is named at all.
Real Kubernetes: apiextensions-apiserver's pkg/controller/openapi/{builder,v2}.
"""

from __future__ import annotations

from typing import Any

from apiserver.openapi import schemas
from apiserver.openapi.field_docs import field_docs
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Object

Doc = dict[str, Any]
_NOT_IN_V2 = ("oneOf", "anyOf", "allOf", "not", "nullable", "default", "x-kubernetes-validations")
_FREE = "x-kubernetes-preserve-unknown-fields"


def definition_name(group: str, version: str, kind: str) -> str:
    """`com.example.v1.Widget`: the group's domain the other way round."""
    return ".".join((*reversed(group.split(".")), version, kind))


def published(schema: Doc, gvk: tuple[str, str, str], refs: str) -> Doc:
    """The schema of a kind, for one version of OpenAPI."""
    own = _in_v2(schema) if refs == schemas.V2 else schema
    docs, meta = field_docs(Object), {"$ref": refs + schemas.definition_name(ObjectMeta)}
    about = {"description": docs["metadata"]}
    common = {
        "apiVersion": {"type": "string", "description": docs["api_version"]},
        "kind": {"type": "string", "description": docs["kind"]},
        "metadata": ({"allOf": [meta]} if refs == schemas.V3 else meta) | about,
    }
    named = dict(zip(("group", "version", "kind"), gvk, strict=True))
    return {**own, "type": "object", "properties": {**own.get("properties", {}), **common},
            "x-kubernetes-group-version-kind": [named]}  # fmt: skip


def _in_v2(schema: Any) -> Any:
    found = {name: value for name, value in schema.items() if name not in _NOT_IN_V2}
    if schema.get("nullable") or schema.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
    if schema.get(_FREE):
        found.pop("properties", None)
        found.pop("items", None)
    if "properties" in found:
        found["properties"] = {name: _in_v2(each) for name, each in found["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(found.get(keyword), dict):
            found[keyword] = _in_v2(found[keyword])
    return found
