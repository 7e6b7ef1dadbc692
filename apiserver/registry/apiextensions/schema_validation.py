"""Whether a custom resource's schema is structural: every field has a type outside of anyOf and its kin.

Pure. Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/validation.go. Left out: whether fields inside
anyOf are also specified outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from apiserver.apiextensions import patterns
from apiserver.apiextensions.rules import compile_errors
from apiserver.registry.apiextensions.default_validation import default_errors
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.apiextensions.v1 import JSONSchemaProps

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_WHERE = {"root": "at the root", "item": "for specified array items", "field": "for specified object fields"}
_SIMPLE_PATH = re.compile(r"(\.[A-Za-z0-9_\-/\\]+(\[[^\]]*\])*|\.\[[^\]]*\])+")
_NESTED_FORBIDDEN = (
    ("type", "be empty"), ("title", "be empty"), ("description", "be empty"), ("default", "be undefined"),
    ("nullable", "be false"), ("additionalProperties", "be undefined"), ("externalDocs", "be undefined"),
    ("x-kubernetes-preserve-unknown-fields", "be false"), ("x-kubernetes-embedded-resource", "be false"),
    ("x-kubernetes-int-or-string", "be false"), ("x-kubernetes-list-type", "be undefined"),
    ("x-kubernetes-list-map-keys", "be empty"), ("x-kubernetes-map-type", "be undefined"),
    ("x-kubernetes-validations", "be empty"),
)  # fmt: skip
_EITHER = [{"type": "integer"}, {"type": "string"}]
Doc = dict[str, Any]


def schema_errors(schema: JSONSchemaProps, path: str) -> list[FieldError]:
    """Everything wrong with the schema of one version, in the order of its text."""
    doc = schema.to_dict()
    found = []
    if doc.get("nullable"):
        found.append(FieldError.forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    found += sorted(_errors(doc, path, "root"), key=str)
    return found or list(_default_errors(doc, path))


def _default_errors(doc: Doc, path: str) -> Iterator[FieldError]:
    """Of a schema that is sound, at every level."""
    yield from default_errors(doc, path)
    for name, child in doc.get("properties", {}).items():
        yield from _default_errors(child, f"{path}.properties[{name}]")
    for keyword in ("items", "additionalProperties"):
        if isinstance(doc.get(keyword), dict):
            yield from _default_errors(doc[keyword], f"{path}.{keyword}")


def _errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    return [
        *_type_errors(doc, path, level),
        *_extension_errors(doc, path),
        *_metadata_errors(doc, path, level),
        *_forbidden_errors(doc, path, level),
        *_value_errors(doc, path, level),
        *_rule_errors(doc, path),
        *_children_errors(doc, path),
    ]


def _type_errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    kind, where = doc.get("type", ""), f"{path}.type"
    if doc.get("x-kubernetes-embedded-resource") and kind != "object":
        why = "must be object if x-kubernetes-embedded-resource is true"
        return [FieldError.invalid(where, kind, why) if kind else FieldError.required(where, why)]
    free = doc.get("x-kubernetes-int-or-string") or doc.get("x-kubernetes-preserve-unknown-fields")
    if not kind:
        return [] if free else [FieldError.required(where, f"must not be empty {_WHERE[level]}")]
    if kind not in _TYPES:
        return [FieldError.not_supported(where, kind, _TYPES)]
    if level == "root" and kind != "object":
        return [FieldError.invalid(where, kind, "must be object at the root")]
    return [FieldError.required(f"{path}.items", "must be specified")] if kind == "array" and "items" not in doc else []


def _extension_errors(doc: Doc, path: str) -> list[FieldError]:
    found = []
    if doc.get("x-kubernetes-int-or-string"):
        for other in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
            if doc.get(other):
                why = "must be false if x-kubernetes-int-or-string is true"
                found.append(FieldError.invalid(f"{path}.{other}", True, why))
    if doc.get("x-kubernetes-preserve-unknown-fields") is False:
        where = f"{path}.x-kubernetes-preserve-unknown-fields"
        found.append(FieldError.invalid(where, False, "must be true or undefined"))
    if doc.get("x-kubernetes-embedded-resource") and "additionalProperties" in doc:
        why = "must not be used if x-kubernetes-embedded-resource is set"
        found.append(FieldError.forbidden(f"{path}.additionalProperties", why))
    return found + _list_errors(doc, path)


def _list_errors(doc: Doc, path: str) -> list[FieldError]:
    found, kind, keys = [], doc.get("x-kubernetes-list-type"), doc.get("x-kubernetes-list-map-keys", [])
    where = f"{path}.x-kubernetes-list-type"
    if kind is not None and kind not in ("atomic", "set", "map"):
        found.append(FieldError.not_supported(where, kind, ("atomic", "set", "map")))
    if kind is not None and doc.get("type") != "array":
        why = "must be array if x-kubernetes-list-type is specified"
        found.append(FieldError.invalid(f"{path}.type", doc.get("type", ""), why))
    if kind == "map" and not keys:
        why = "must not be empty if x-kubernetes-list-type is map"
        found.append(FieldError.required(f"{path}.x-kubernetes-list-map-keys", why))
    if keys and kind != "map":
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        found.append(FieldError.invalid(where, kind, why) if kind else FieldError.required(where, why))
    if doc.get("x-kubernetes-map-type") not in (None, "atomic", "granular"):
        where = f"{path}.x-kubernetes-map-type"
        found.append(FieldError.not_supported(where, doc["x-kubernetes-map-type"], ("granular", "atomic")))
    return found


def _metadata_errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    """Every object has apiVersion, kind and metadata; a schema may restrict the name alone."""
    parts, found = doc.get("properties", {}), []
    if level != "root" and not doc.get("x-kubernetes-embedded-resource"):
        return found
    for name, kind in (("apiVersion", "string"), ("kind", "string"), ("metadata", "object")):
        if name in parts and parts[name].get("type") != kind:
            where = f"{path}.properties[{name}].type"
            found.append(FieldError.invalid(where, parts[name].get("type", ""), f"must be {kind}"))
    rest = {key: value for key, value in parts.get("metadata", {}).items() if key not in ("type", "description")}
    if level == "root" and (set(rest) - {"properties"} or set(rest.get("properties", {})) - {"name", "generateName"}):
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        found.append(FieldError.forbidden(f"{path}.properties[metadata]", why))
    return found


def _forbidden_errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    found = []
    if doc.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        found.append(FieldError.forbidden(f"{path}.uniqueItems", why))
    for field in ("id", "$schema", "$ref", "patternProperties", "definitions", "dependencies", "additionalItems"):
        if field in doc:
            found.append(FieldError.forbidden(f"{path}.{field}", f"{field} is not supported"))
    if "additionalProperties" in doc and level == "root":
        found.append(FieldError.forbidden(f"{path}.additionalProperties", "must not be used at the root"))
    elif doc.get("additionalProperties") not in (None, True) and doc.get("properties"):
        why = "additionalProperties and properties are mutual exclusive"
        found.append(FieldError.forbidden(f"{path}.additionalProperties", why))
    return found


def _value_errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    """What stands under anyOf, allOf, oneOf and not restricts values; it cannot give structure."""
    found = []
    int_or_string = bool(doc.get("x-kubernetes-int-or-string"))
    for junctor in ("anyOf", "allOf", "oneOf"):
        branches = doc.get(junctor, [])
        if junctor == "anyOf" and branches == _EITHER and int_or_string:
            continue
        for index, branch in enumerate(branches):
            if not (int_or_string and junctor == "allOf" and index == 0 and branch.get("anyOf") == _EITHER):
                found += _nested_errors(branch, f"{path}.{junctor}[{index}]", level)
    if "not" in doc:
        found += _nested_errors(doc["not"], f"{path}.not", level)
    return found + _pattern_errors(doc, path)


def _pattern_errors(doc: Doc, path: str) -> list[FieldError]:
    if not doc.get("pattern"):
        return []
    try:
        patterns.compiled(doc["pattern"])
    except ValueError as error:
        why = f"must be a valid regular expression, but isn't: {error}"
        return [FieldError.invalid(f"{path}.pattern", doc["pattern"], why)]
    return []


def _nested_errors(doc: Doc, path: str, level: str) -> list[FieldError]:
    found = [
        FieldError.forbidden(f"{path}.{field}", f"must {rule} to be structural")
        for field, rule in _NESTED_FORBIDDEN
        if doc.get(field) not in (None, "", False, [])
    ]
    if "metadata" in doc.get("properties", {}):
        why = "must not be specified in a nested context"
        found.append(FieldError.forbidden(f"{path}.properties[metadata]", why))
    for name, child in doc.get("properties", {}).items():
        found += _nested_errors(child, f"{path}.properties[{name}]", "field")
    if isinstance(doc.get("items"), dict):
        found += _nested_errors(doc["items"], f"{path}.items", level)
    return found + _value_errors(doc, path, level)


def _rule_errors(doc: Doc, path: str) -> list[FieldError]:
    found = []
    for index, rule in enumerate(doc.get("x-kubernetes-validations", ())):
        found += compile_errors(rule, f"{path}.x-kubernetes-validations[{index}]")
    return found


def _children_errors(doc: Doc, path: str) -> list[FieldError]:
    found = []
    for name, child in doc.get("properties", {}).items():
        found += _errors(child, f"{path}.properties[{name}]", "field")
    if isinstance(doc.get("items"), list):
        why = "items must be a schema object and not an array"
        found.append(FieldError.forbidden(f"{path}.items", why))
    elif "items" in doc:
        found += _errors(doc["items"], f"{path}.items", "item")
    if isinstance(doc.get("additionalProperties"), dict):
        found += _errors(doc["additionalProperties"], f"{path}.additionalProperties", "field")
    return found


def simple_path_errors(text: str, path: str) -> list[FieldError]:
    """`.spec.replicas`: a JSON path without filters or ranges."""
    if _SIMPLE_PATH.fullmatch(text):
        return []
    return [FieldError.invalid(path, text, "must be a simple json path containing only field names and indexes")]
