"""Our classes against Kubernetes' published schemas: names, types, merge keys, list types, required fields."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.resources import files
from typing import Any

import pytest

from machinery.api.model import FieldFact, Model

GROUPS = (
    "admissionregistration.v1", "apps.v1", "authentication.v1", "authorization.v1", "autoscaling.v1", "autoscaling.v2",
    "batch.v1", "certificates.v1", "coordination.v1", "core.v1", "discovery.v1", "events.v1", "flowcontrol.v1",
    "networking.v1", "node.v1", "policy.v1", "rbac.v1", "scheduling.v1", "storage.v1",
)  # fmt: skip
PACKAGES = {f"io.k8s.api.{group}.": group for group in GROUPS} | {
    "io.k8s.apimachinery.pkg.apis.meta.v1.": "meta.v1",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.": "apiextensions.v1",
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.": "apiregistration.v1",
}
SCHEMA_TYPES = {
    "string": "string", "bytes": "string", "bool": "boolean", "int32": "integer", "int64": "integer",
    "double": "number", "meta/v1.Time": "string", "meta/v1.MicroTime": "string", "meta/v1.Duration": "string",
    "meta/v1.FieldsV1": "object", "runtime.RawExtension": "object",
}  # fmt: skip


def definitions() -> dict[str, Any]:
    path = files("kubernetes_validate") / "kubernetes-json-schema" / "v1.32.0-local" / "_definitions.json"
    return json.loads(path.read_text())["$defs"]


def our_class(definition: str) -> type[Model] | None:
    for prefix, package in PACKAGES.items():
        if definition.startswith(prefix):
            module = import_module(f"machinery.api.{package}")
            found = getattr(module, definition.removeprefix(prefix), None)
            return found if isinstance(found, type) and issubclass(found, Model) else None
    return None


DEFINITIONS = definitions()
OURS = {name: model for name in DEFINITIONS if (model := our_class(name)) is not None}


def schema_type(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "")
    return next(kind for kind in kinds if kind != "null") if isinstance(kinds, list) else kinds


def reference(schema: dict[str, Any]) -> str:
    """The definition that a property refers to; nullable references stand in oneOf or anyOf."""
    options = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return next((option["$ref"].rpartition("/")[2] for option in options if "$ref" in option), "")


def fits(fact: FieldFact, schema: dict[str, Any]) -> bool:
    if fact.repeated:
        return schema_type(schema) == "array" and fits_item(fact, schema["items"])
    if fact.type.startswith("map<"):
        return schema_type(schema) == "object"
    return fits_item(fact, schema)


def fits_item(fact: FieldFact, schema: dict[str, Any]) -> bool:
    target = reference(schema)
    if target.endswith(("Quantity", "IntOrString")) or ("anyOf" in str(schema) and fact.model is None):
        return True
    if fact.model is not None:
        return not target or target.rpartition(".")[2] == fact.model.__name__
    return fact.type == "any" or bool(target) or SCHEMA_TYPES.get(fact.type) == (schema_type(schema) or None) or (
        fact.type in ("resource.Quantity", "intstr.IntOrString")
    )


def test_enough_definitions_are_compared() -> None:
    assert len(OURS) > 440


@pytest.mark.parametrize("name", sorted(OURS))
def test_fields_agree_with_the_published_schema(name: str) -> None:
    schema, table = DEFINITIONS[name], OURS[name].fields_table()
    properties = schema.get("properties", {})
    assert set(table) == set(properties)
    for wire, fact in table.items():
        published = properties[wire]
        assert fits(fact, published), (wire, fact.type, published)
        assert fact.merge == published.get("x-kubernetes-patch-strategy"), wire
        assert fact.merge_key == published.get("x-kubernetes-patch-merge-key"), wire
        assert fact.list_type == published.get("x-kubernetes-list-type"), wire
        assert list(fact.list_keys) == published.get("x-kubernetes-list-map-keys", []), wire


@pytest.mark.parametrize("name", sorted(OURS))
def test_required_fields_agree_with_the_published_schema(name: str) -> None:
    ours = {wire for wire, fact in OURS[name].fields_table().items() if fact.schema_required}
    assert ours - {"apiVersion", "kind"} == set(DEFINITIONS[name].get("required", ())) - {"apiVersion", "kind"}
