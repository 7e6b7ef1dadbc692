"""JSON schemas of the API's classes, generated from their fields' facts; the same for OpenAPI v2 and v3.

Pure. Real Kubernetes: k8s.io/kube-openapi and the generated openapi definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apiserver.openapi.field_docs import field_docs, says_its_kind
from machinery.api.model import FieldFact, Model, Object
from machinery.api.scheme import Resource

Doc = dict[str, Any]
V2, V3 = "#/definitions/", "#/components/schemas/"
_APIMACHINERY = "io.k8s.apimachinery.pkg."
_META = _APIMACHINERY + "apis.meta.v1."
SCALARS: dict[str, Doc] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
    "bytes": {"type": "string", "format": "byte"},
    **{key: {} for key in ("any", "json", "schemaOrArray", "schemaOrBool", "schemaOrStringArray")},
    "meta/v1.Duration": {"type": "string"},
}
_NAMED: dict[str, tuple[str, Doc]] = {
    "meta/v1.Time": (_META + "Time", {"type": "string", "format": "date-time"}),
    "meta/v1.MicroTime": (_META + "MicroTime", {"type": "string", "format": "date-time"}),
    "meta/v1.FieldsV1": (_META + "FieldsV1", {"type": "object"}),
    "resource.Quantity": (_APIMACHINERY + "api.resource.Quantity", {"type": "string"}),
    "intstr.IntOrString": (_APIMACHINERY + "util.intstr.IntOrString", {"type": "string", "format": "int-or-string"}),
    "runtime.RawExtension": (_APIMACHINERY + "runtime.RawExtension", {"type": "object"}),
}
_ABOUT_NAMED = {
    "meta/v1.Time": "A moment to the second, in RFC 3339: 2025-01-31T12:00:00Z.",
    "meta/v1.MicroTime": "A moment to the microsecond, in RFC 3339: 2025-01-31T12:00:00.000000Z.",
    "meta/v1.FieldsV1": "A set of fields as nested maps: f:name is a field, k:{…} an item by its key, v:… a value.",
    "resource.Quantity": "An amount with an optional suffix: 500m is a half, 2k is 2000, 1Ki is 1024, 1Gi is 1024³.",
    "intstr.IntOrString": "A number, or a text such as a port's name or a percentage.",
    "runtime.RawExtension": "Any object, with its own apiVersion and kind.",
}
_NAMED_V3 = {
    "resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "intstr.IntOrString": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
}


def definition_name(model: type[Model]) -> str:
    """`io.k8s.api.core.v1.Pod`; the class of a custom resource knows its own."""
    if hasattr(model, "definition"):
        return model.definition
    group, version = model.__module__.split(".")[2:4]
    return f"{_META}{model.__name__}" if group == "meta" else f"io.k8s.api.{group}.{version}.{model.__name__}"


def list_name(resource: Resource) -> str:
    return definition_name(resource.model) + "List"


def reachable(models: Iterable[type[Model]]) -> list[type[Model]]:
    """These classes and all that their fields mention, each once."""
    found: dict[type[Model], None] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model not in found:
            found[model] = None
            waiting += [fact.model for fact in model.fields_table().values() if fact.model is not None]
    return sorted(found, key=definition_name)


def definitions(resources: Iterable[Resource], extra: Iterable[type[Model]], refs: str) -> Doc:
    """Every schema that these resources need, by name."""
    resources = list(resources)
    kinds = {row.model: row for row in resources}
    found: Doc = {name: dict(shape) for name, shape in _named(refs)}
    for model in reachable([*kinds, *extra]):
        found[definition_name(model)] = schema(model, refs)
    for row in resources:
        found[list_name(row)] = _list_schema(row, refs)
    return dict(sorted(found.items()))


def _named(refs: str) -> Iterator[tuple[str, Doc]]:
    for key, (name, shape) in _NAMED.items():
        form = _NAMED_V3.get(key, shape) if refs == V3 else shape
        yield name, {"description": _ABOUT_NAMED[key], **form}


def schema(model: type[Model], refs: str) -> Doc:
    """One class as an object schema."""
    if hasattr(model, "openapi"):
        return model.openapi(refs)
    table, docs = model.fields_table(), field_docs(model)
    shape: Doc = {"description": _text(model), "type": "object"}
    shape["properties"] = {wire: _property(fact, docs[fact.attr], refs) for wire, fact in table.items()}
    implied = ("apiVersion", "kind") if says_its_kind(model) else ()
    required = [wire for wire, fact in table.items() if fact.schema_required and wire not in implied]
    if required:
        shape["required"] = sorted(required)
    if vars(model).get("atomic"):
        shape["x-kubernetes-map-type"] = "atomic"
    if gvk := kind_of(model):
        shape["x-kubernetes-group-version-kind"] = [gvk]
    return shape


def kind_of(model: type[Model]) -> Doc | None:
    """Group, version and kind of a class that stands by itself."""
    fields = model.model_fields
    if "kind" not in fields or "api_version" not in fields or not fields["kind"].default:
        return None
    group, _, version = fields["api_version"].default.rpartition("/")
    return {"group": group, "version": version, "kind": fields["kind"].default}


def _text(model: type[Model]) -> str:
    return " ".join((model.__doc__ or model.__name__).split())


def _property(fact: FieldFact, description: str, refs: str) -> Doc:
    item = _type(fact, refs)
    if fact.repeated:
        shape: Doc = {"type": "array", "items": item}
    elif fact.type.startswith("map<"):
        shape = {"type": "object", "additionalProperties": item}
    elif "$ref" in item and refs == V3:
        shape = {"allOf": [item]}
    else:
        shape = dict(item)
    shape["description"] = description
    return shape | _extensions(fact)


def _type(fact: FieldFact, refs: str) -> Doc:
    """The schema of a value, a list's item or a map's value."""
    if fact.model is not None:
        return {"$ref": refs + definition_name(fact.model)}
    name = fact.type
    if name.startswith("map<"):
        name = name[len("map<string,") : -1]
    if name.startswith("list<"):
        return {"type": "array", "items": SCALARS.get(name[5:-1], {"type": "string"})}
    if name in _NAMED:
        return {"$ref": refs + _NAMED[name][0]}
    return dict(SCALARS.get(name, {"type": "object"}))


def _extensions(fact: FieldFact) -> Doc:
    """What patches and apply need to know of a field."""
    found: Doc = {}
    if fact.merge:
        found["x-kubernetes-patch-strategy"] = fact.merge
    if fact.merge_key:
        found["x-kubernetes-patch-merge-key"] = fact.merge_key
    if fact.list_type and fact.repeated:
        found["x-kubernetes-list-type"] = fact.list_type
    if fact.list_keys:
        found["x-kubernetes-list-map-keys"] = list(fact.list_keys)
    if fact.atomic:
        found["x-kubernetes-map-type"] = "atomic"
    if fact.published_default is not None:
        found["default"] = fact.published_default
    return found


def _list_schema(row: Resource, refs: str) -> Doc:
    kind = {"group": row.group, "version": row.version, "kind": row.list_kind}
    docs, meta = field_docs(Object), {"$ref": f"{refs}{_META}ListMeta"}
    about_meta = {"description": "The revision at which the list was read, and where its next page begins."}
    return {
        "description": f"A list of {row.plural}.",
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string", "description": docs["api_version"]},
            "kind": {"type": "string", "description": docs["kind"]},
            "metadata": (meta if refs == V2 else {"allOf": [meta]}) | about_meta,
            "items": {
                "type": "array", "items": {"$ref": refs + definition_name(row.model)},
                "description": f"The {row.plural}.",
            },
        },
        "x-kubernetes-group-version-kind": [kind],
    }  # fmt: skip
