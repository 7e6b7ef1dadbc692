"""Parts of foreign OpenAPI documents: taken, merged, rewritten; nonsense is left out."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.aggregator.openapi import as_version3, merged, part_of, speakable

ROOT = "apis/toys.io/v1"
OK = {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Toy"}}}
DOCUMENT = {
    "paths": {
        "/apis/toys.io/v1/widgets": {
            "post": {"parameters": [{"$ref": "#/parameters/body"}, {"name": "dryRun", "in": "query", "type": "string"}],
                     "responses": OK, "consumes": ["application/json"], "produces": ["application/json"]}},
        "/apis/toys.io/v10/widgets": {}, "/version/": {},
    },
    "definitions": {"Toy": {"properties": {"part": {"$ref": "#/definitions/Part"}}}, "Part": {"type": "string"},
                    "Else": {}},
    "parameters": {"body": {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Toy"}}},
}  # fmt: skip


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"items": found}
    return {"A": found}


def part() -> dict[str, Any]:
    return part_of(DOCUMENT, ROOT) or {}


def test_only_what_is_its_own_is_taken() -> None:
    assert list(part()["paths"]) == ["/apis/toys.io/v1/widgets"] and part()["definitions"].keys() == {"Toy", "Part"}
    (operation,) = part()["paths"]["/apis/toys.io/v1/widgets"].values()
    assert operation["parameters"][0]["schema"] == {"$ref": "#/definitions/Toy"}
    assert part_of(DOCUMENT, "apis/other.io/v1") is None and speakable(None) is None
    assert speakable(part()) == part()


def test_ours_counts_where_both_define_a_name() -> None:
    ours = {"swagger": "2.0", "paths": {"/b": {}}, "definitions": {"Toy": {"type": "integer"}}}
    found = merged(ours, [part()])
    assert list(found["paths"]) == ["/apis/toys.io/v1/widgets", "/b"]
    assert found["definitions"]["Toy"] == {"type": "integer"} and found["definitions"]["Part"]
    assert ours["paths"] == {"/b": {}}


def test_version_3() -> None:
    document = as_version3(part())
    operation = document["paths"]["/apis/toys.io/v1/widgets"]["post"]
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/Toy"}}}
    assert operation["requestBody"] == {"content": shape, "required": True}
    assert operation["responses"] == {"200": {"description": "OK", "content": shape}}
    assert operation["parameters"] == [{"name": "dryRun", "in": "query", "schema": {"type": "string"}}]
    toy = document["components"]["schemas"]["Toy"]
    assert toy["properties"]["part"] == {"$ref": "#/components/schemas/Part"} and "consumes" not in operation


@pytest.mark.parametrize(
    "nonsense",
    [
        {"paths": {"/a": {"get": 5}}, "definitions": {}},
        {"paths": {"/a": {}}, "definitions": {"A": {"type": 7}}},
        {"paths": {"/a": {"get": {"responses": {}, "parameters": [{}]}}}, "definitions": {}},
        {"paths": {"/a": {}}, "definitions": []},
        {"paths": {"/a": {}}, "definitions": deep(250)},
        {"paths": {"/a": {}}, "definitions": deep(5000)},
    ],
)
def test_nonsense_is_left_out(nonsense: Any) -> None:
    assert speakable(nonsense) is None
