"""The OpenAPI v3 document as protobuf says what the JSON says."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from apiserver.openapi import gnostic3, render
from machinery.api import scheme
from machinery.api.wire import fields

Doc = dict[str, Any]


def only(data: bytes, *numbers: int) -> Any:
    """The first field of each number, one inside the other."""
    for number in numbers:
        data = next(value for at, value in fields(data) if at == number)
    return data


def all_of(data: bytes, number: int) -> list[Any]:
    return [value for at, value in fields(data) if at == number]


def named(data: bytes, number: int) -> Iterator[tuple[str, bytes]]:
    for value in all_of(data, number):
        parts = dict(fields(value))
        yield parts[1].decode(), parts.get(2, b"")


@pytest.fixture(scope="module")
def document() -> Doc:
    return render.version3([row for row in scheme.resources() if row.api_version == "apps/v1"])


def test_it_says_the_same(document: Doc) -> None:
    body = gnostic3.document(document)
    assert only(body, 1) == b"3.0.0" and only(body, 2, 1) == b"Kubernetes"
    schemas = dict(named(only(body, 5, 1), 1))
    assert schemas.keys() == document["components"]["schemas"].keys()
    shown = only(schemas["io.k8s.api.apps.v1.Deployment"], 1)
    properties = dict(named(only(shown, 31), 1))
    assert properties.keys() == {"apiVersion", "kind", "metadata", "spec", "status"}
    extensions = {name: yaml.safe_load(only(value, 2)) for name, value in named(shown, 36)}
    assert extensions["x-kubernetes-group-version-kind"][0]["kind"] == "Deployment"
    paths = dict(named(only(body, 4), 1))
    assert paths.keys() == document["paths"].keys()
    place = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    assert [only(each, 1, 1) for each in all_of(paths[place], 13)] == [b"namespace", b"name"]
    patch = only(paths[place], 10)
    assert only(patch, 5).decode() == document["paths"][place]["patch"]["operationId"]
    media = [name for name, _ in named(only(patch, 7, 1, 2), 1)]
    assert "application/apply-patch+yaml" in media
    assert [name for name, _ in named(only(patch, 8), 2)] == ["200", "401"]


def test_every_keyword_of_a_schema() -> None:
    shape = {
        "type": "object", "maximum": 1.5, "maxLength": 3, "enum": ["a", 1], "default": True, "nullable": True,
        "additionalProperties": False, "not": {"type": "null"}, "items": {"$ref": "#/x"}, "required": ["a", "b"],
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    }  # fmt: skip
    body = gnostic3._schema(shape)
    found = {number: all_of(body, number) for number in (1, 11, 15, 23, 24, 25, 27, 29, 30, 32, 33)}
    assert found[1] == [1] and found[15] == [3] and found[25] == [b"object"] and found[23] == [b"a", b"b"]
    assert struct.unpack("<d", found[11][0]) == (1.5,)
    assert [yaml.safe_load(only(each, 2)) for each in found[24]] == ["a", 1]
    assert [only(each, 1, 25) for each in found[27]] == [b"integer", b"string"]
    assert only(found[29][0], 25) == b"null" and only(found[30][0], 1, 2, 1) == b"#/x"
    assert dict(fields(found[32][0])) == {2: 0} and dict(fields(found[33][0])) == {2: 1}
