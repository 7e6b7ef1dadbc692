"""CustomResourceDefinition: defaults, every mistake, what cannot change, structural schemas."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.apiextensions.custom_resource_definition import CustomResourceDefinitionStrategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = CustomResourceDefinitionStrategy()
GOOD = sample("CustomResourceDefinition").document()
V, P = "spec.versions.0", "spec.versions[0]"


def test_defaults() -> None:
    made = created(STRATEGY, GOOD)
    assert made["spec"]["names"] == {
        "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList",
    }  # fmt: skip
    assert made["spec"]["conversion"] == {"strategy": "None"} and made["status"]["storedVersions"] == ["v1"]
    assert made["metadata"]["generation"] == 1 and made["status"]["conditions"] == []


WEBHOOK = {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://a"}, "conversionReviewVersions": ["v1"]}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.names.plural", "gadgets", 'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plu'),
        ("spec.group", "", "spec.group: Required value"),
        ("spec.group", "x", 'spec.group: Invalid value: "x": should be a domain with at least one dot'),
        ("spec.scope", "", "spec.scope: Required value"),
        ("spec.scope", "Odd", 'spec.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespaced"'),
        ("spec.preserveUnknownFields", True, "spec.preserveUnknownFields: Invalid value: true: cannot set to true, se"),
        ("spec.names.kind", "", "spec.names.kind: Required value"),
        ("spec.names.kind", "a_b", 'spec.names.kind: Invalid value: "a_b": may have mixed case, but should otherwise'),
        ("spec.names.listKind", "Widget", 'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be'),
        ("spec.names.shortNames", ["A"], 'spec.names.shortNames[0]: Invalid value: "A"'),
        ("spec.names.categories", [""], 'spec.names.categories[0]: Invalid value: ""'),
        ("spec.versions", [], "spec.versions: Invalid value: []: must have exactly one version marked as storage vers"),
        ("spec.versions", GOOD["spec"]["versions"] * 2, 'spec.versions: Invalid value: ["v1","v1"]: must contain uniq'),
        (f"{V}.name", "V1", f'{P}.name: Invalid value: "V1": a DNS-1035 label'),
        (f"{V}.schema", None, f"{P}.schema.openAPIV3Schema: Required value: schemas are required"),
        (f"{V}.deprecationWarning", "x", f'{P}.deprecationWarning: Invalid value: "x": can only be set for deprecated'),
        (f"{V}.additionalPrinterColumns", [{"name": "a"}], f"{P}.additionalPrinterColumns[0].type: Required value: mu"),
        (
            f"{V}.additionalPrinterColumns", [{"name": "a", "type": "string", "format": "odd", "jsonPath": ".spec"}],
            f'{P}.additionalPrinterColumns[0].format: Invalid value: "odd": must be one of byte,date,date-time',
        ),
        (
            f"{V}.additionalPrinterColumns", [{"name": "a", "type": "string", "jsonPath": "spec"}],
            f'{P}.additionalPrinterColumns[0].jsonPath: Invalid value: "spec": must be a simple json path containing o',
        ),
        (
            f"{V}.subresources", {"scale": {"specReplicasPath": ".x.replicas", "statusReplicasPath": ".status.n"}},
            f'{P}.subresources.scale.specReplicasPath: Invalid value: ".x.replicas": should be a json path under .spec',
        ),
        (f"{V}.subresources", {"scale": {}}, f"{P}.subresources.scale.specReplicasPath: Required value"),
        ("spec.conversion", {"strategy": "Odd"}, 'spec.conversion.strategy: Unsupported value: "Odd": supported value'),
        ("spec.conversion", {"strategy": "Webhook"}, "spec.conversion.webhook.clientConfig: Required value: required"),
        ("spec.conversion", {**WEBHOOK, "strategy": "None"}, "spec.conversion.webhook: Forbidden: should not be set w"),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert errors_of(STRATEGY, GOOD) == []
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_a_conversion_by_webhook() -> None:
    assert errors_of(STRATEGY, changed(GOOD, "spec.conversion", WEBHOOK)) == []


@pytest.mark.parametrize(
    ("mark", "bad"), [("", True), ("later", True), ("unapproved, a test", False), ("https://a", False)]
)
def test_kubernetes_own_groups(mark: str, bad: bool) -> None:
    given = changed(GOOD, "spec.group", "x.k8s.io")
    given["metadata"] |= {"name": "widgets.x.k8s.io", "annotations": {"api-approved.kubernetes.io": mark}}
    assert bool(errors_of(STRATEGY, given)) == bad


S = f"{P}.schema.openAPIV3Schema"
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, f"{S}.type: Required value: must not be empty at the root"),
        ({"type": "array", "items": {"type": "string"}}, f'{S}.type: Invalid value: "array": must be object at the ro'),
        ({"type": "object", "nullable": True}, f"{S}.nullable: Forbidden: nullable cannot be true at the root"),
        ({"type": "object", "properties": {"a": {}}}, f"{S}.properties[a].type: Required value: must not be empty for"),
        ({"type": "object", "properties": {"a": {"type": "odd"}}}, f'{S}.properties[a].type: Unsupported value: "odd"'),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, f"{S}.properties[a].items: Required value: must"),
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {}}}},
            f"{S}.properties[a].items.type: Required value: must not be empty for specified array items",
        ),
        ({"type": "object", "additionalProperties": True}, f"{S}.additionalProperties: Forbidden: must not be used at"),
        (
            {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"labels": {}}}}},
            f"{S}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but met",
        ),
        ({"type": "object", "properties": {"kind": {"type": "object"}}}, f'{S}.properties[kind].type: Invalid value:'),
        ({"type": "object", "allOf": [{"type": "object"}]}, f"{S}.allOf[0].type: Forbidden: must be empty to be struc"),
        (
            {"type": "object", "not": {"properties": {"a": {"nullable": True}}}},
            f"{S}.not.properties[a].nullable: Forbidden: must be false to be structural",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
            f'{S}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t:',
        ),
        (
            {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True, "items": TEXT}}},
            f"{S}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "array", "x-kubernetes-list-type": "map", "items": {}}}},
            f"{S}.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-typ",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "object", "x-kubernetes-list-type": "set"}}},
            f'{S}.properties[a].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified',
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string", "x-kubernetes-embedded-resource": True}}},
            f'{S}.properties[a].type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is tru',
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object", "properties": {"b": TEXT}, "additionalProperties": False}},
            },
            f"{S}.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclus",
        ),
    ],
)  # fmt: skip
def test_schemas_that_are_not_structural(schema: dict[str, Any], expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, f"{V}.schema", {"openAPIV3Schema": schema}))
    assert any(error.startswith(expected) for error in found), found


def test_schemas_that_are() -> None:
    either = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    schema = {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}},
            "spec": {
                "type": "object",
                "properties": {
                    "port": either,
                    "any": {"x-kubernetes-preserve-unknown-fields": True},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "rows": {
                        "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                        "items": {"type": "object", "properties": {"name": {"type": "string", "default": "x"}}},
                    },
                },
                "oneOf": [{"required": ["port"]}, {"properties": {"labels": {"minProperties": 1}}}],
            },
        },
    }  # fmt: skip
    assert errors_of(STRATEGY, changed(GOOD, f"{V}.schema", {"openAPIV3Schema": schema})) == []


def test_what_stays() -> None:
    old = created(STRATEGY, GOOD)
    renamed = changed(changed(old, "spec.group", "other.com"), "spec.names.plural", "gadgets")
    renamed["metadata"]["name"] = "gadgets.other.com"
    assert update_errors_of(STRATEGY, old, renamed) == [
        'spec.group: Invalid value: "other.com": field is immutable',
        'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ]
    assert update_errors_of(STRATEGY, old, changed(old, "spec.scope", "Cluster")) == []
    old["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    assert update_errors_of(STRATEGY, old, changed(old, "spec.scope", "Cluster")) == [
        'spec.scope: Invalid value: "Cluster": field is immutable'
    ]


def test_versions_in_which_objects_may_be_stored_stay() -> None:
    old = created(STRATEGY, GOOD)
    (first,) = old["spec"]["versions"]
    second = [{**first, "storage": False}, {**first, "name": "v2"}]
    moved = updated(STRATEGY, old, changed(old, "spec.versions", second))
    assert moved["status"]["storedVersions"] == ["v1", "v2"]
    assert update_errors_of(STRATEGY, moved, changed(moved, "spec.versions", second[1:])) == [
        'status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions'
    ]


def test_row() -> None:
    assert row_of(STRATEGY, GOOD)[1] == "2026-01-01T00:57:26Z"
