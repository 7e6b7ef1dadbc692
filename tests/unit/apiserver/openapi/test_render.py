"""The OpenAPI documents: complete in themselves, and the same in JSON and in protobuf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from apiserver.openapi import gnostic, render
from apiserver.registry.kinds import strategies
from machinery.api.wire import fields

ROWS = [strategy.resource for strategy in strategies(None, event_ttl=1)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def swagger() -> dict[str, Any]:
    return render.version2(ROWS)


def test_every_kind_can_be_patched_with_field_validation(swagger: dict[str, Any]) -> None:
    found = {}
    for item in swagger["paths"].values():
        if (patch := item.get("patch")) and patch["x-kubernetes-action"] != "connect":
            names = {parameter["name"] for parameter in patch["parameters"]}
            found.setdefault(patch["x-kubernetes-group-version-kind"]["kind"], names)
    assert found.keys() >= {row.kind for row in ROWS}
    assert all("fieldValidation" in names for names in found.values())


def test_operation_ids_are_unique(swagger: dict[str, Any]) -> None:
    methods = [value for item in swagger["paths"].values() for value in item.values() if isinstance(value, dict)]
    identities = [method["operationId"] for method in methods]
    assert len(identities) == len(set(identities))


def test_merge_keys_and_formats(swagger: dict[str, Any]) -> None:
    spec = swagger["definitions"]["io.k8s.api.core.v1.PodSpec"]
    containers = spec["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name" and "containers" in spec["required"]
    port = swagger["definitions"]["io.k8s.api.core.v1.ServicePort"]["properties"]["targetPort"]
    assert port["$ref"].endswith("intstr.IntOrString")
    labels = swagger["definitions"]["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]["properties"]["labels"]
    assert labels["type"] == "object" and labels["additionalProperties"] == {"type": "string"}


def test_a_field_that_may_be_any_json_has_no_type(swagger: dict[str, Any]) -> None:
    """kubectl 1.20 holds manifests against this: a default is no object only because it may be one."""
    props = swagger["definitions"]["io.k8s.api.apiextensions.v1.JSONSchemaProps"]["properties"]
    assert not {"type", "$ref"} & set(props["default"]) and "type" not in props["items"]
    assert props["enum"]["items"] == {} and "type" not in props["additionalProperties"]


def only(data: bytes, number: int) -> bytes:
    return next(value for at, value in fields(data) if at == number)


def named(data: bytes, number: int) -> Iterator[tuple[str, bytes]]:
    """The (name, value) pairs of a repeated Named… field."""
    for at, value in fields(data):
        if at == number:
            parts = dict(fields(value))
            yield parts[1].decode(), parts[2]


def test_protobuf_says_the_same(swagger: dict[str, Any]) -> None:
    body = gnostic.document(swagger)
    assert only(body, 1) == b"2.0"
    definitions = dict(named(only(body, 9), 1))
    assert definitions.keys() == swagger["definitions"].keys()
    pod = definitions["io.k8s.api.core.v1.Pod"]
    assert {name for name, _ in named(only(pod, 25), 1)} == {"apiVersion", "kind", "metadata", "spec", "status"}
    extensions = {name: yaml.safe_load(only(value, 2)) for name, value in named(pod, 31)}
    assert extensions["x-kubernetes-group-version-kind"] == [{"group": "", "version": "v1", "kind": "Pod"}]
    paths = dict(named(only(body, 8), 2))
    patch = only(paths["/api/v1/namespaces/{namespace}/pods/{name}"], 8)
    queries = [parameter for at, parameter in fields(patch) if at == 8]
    assert any(b"fieldValidation" in parameter for parameter in queries)


def test_every_property_and_parameter_says_what_it_is_for(swagger: dict[str, Any]) -> None:
    properties = [
        (name, field, shown.get("description"))
        for name, shape in swagger["definitions"].items()
        for field, shown in shape.get("properties", {}).items()
    ]
    assert len(properties) > 2000
    assert not [each for each in properties if not each[2]]
    methods = [value for item in swagger["paths"].values() for value in item.values() if isinstance(value, dict)]
    given = [parameter for method in methods for parameter in method["parameters"] if parameter["in"] == "query"]
    assert given and all(parameter["description"] for parameter in given)
