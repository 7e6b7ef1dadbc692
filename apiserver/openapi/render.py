"""The same operations and schemas as an OpenAPI v3 document per group and as one v2 document.

Pure. Real Kubernetes: k8s.io/kube-openapi/pkg/builder and builder3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apiserver.openapi import schemas
from apiserver.openapi.operations import PATCH, Operation, extra_models, operations, tag
from apiserver.version import INFO
from machinery.api.scheme import Resource

Doc = dict[str, Any]
_JSON, _YAML = "application/json", "application/yaml"
_PATCH_TYPES = (
    "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)  # fmt: skip
_PATCH_SCHEMA = {"description": "A change, in one of several forms.", "type": "object"}
_ABOUT_PATH = {
    "namespace": "The namespace of the object.",
    "name": "The name of the object.",
    "path": "What to ask of the target.",
}


def version3(resources: Sequence[Resource]) -> Doc:
    """The document of one group and version."""
    found = schemas.definitions(resources, extra_models(resources), schemas.V3)
    found[PATCH] = _PATCH_SCHEMA
    paths: Doc = {}
    for operation in operations(resources):
        item = paths.setdefault(operation.path, _path_item3(operation.path))
        item[operation.method] = _operation3(operation, tag(resources[0]))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": INFO["gitVersion"]},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(found.items()))},
    }


def _path_item3(path: str) -> Doc:
    parameters = [
        {"name": name, "in": "path", "required": True, "description": _ABOUT_PATH[name], "schema": {"type": "string"}}
        for name in _in_path(path)
    ]
    return {"parameters": parameters} if parameters else {}


def _in_path(path: str) -> list[str]:
    return [name for name in _ABOUT_PATH if f"{{{name}}}" in path]


def _operation3(operation: Operation, group: str) -> Doc:
    answer: Doc = {"description": "OK"}
    if operation.answer:
        shape = {"schema": {"$ref": schemas.V3 + operation.answer}}
        answer["content"] = {_JSON: shape, _YAML: shape}
    shown: Doc = {
        "tags": [group],
        "description": operation.description,
        "operationId": operation.identity,
        "parameters": [
            {"name": each.name, "in": "query", "description": each.description, "schema": {"type": each.type}}
            for each in operation.parameters
        ],
        "responses": {"200": answer, "401": {"description": "Unauthorized"}},
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": operation.kind,
    }
    if operation.body:
        types = (operation.patches or _PATCH_TYPES) if operation.body == PATCH else ("*/*",)
        content = {media: {"schema": {"$ref": schemas.V3 + operation.body}} for media in types}
        shown["requestBody"] = {"content": content, "required": operation.method != "delete"}
    return shown


def version2(resources: Sequence[Resource]) -> Doc:
    """The one document of the whole API."""
    found = schemas.definitions(resources, extra_models(resources), schemas.V2)
    found[PATCH] = _PATCH_SCHEMA
    paths: Doc = {}
    for version in dict.fromkeys(row.api_version for row in resources):
        rows = [row for row in resources if row.api_version == version]
        for operation in operations(rows):
            item = paths.setdefault(operation.path, _path_item2(operation.path))
            item[operation.method] = _operation2(operation, tag(rows[0]))
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": INFO["gitVersion"]},
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(found.items())),
    }


def _path_item2(path: str) -> Doc:
    parameters = [
        {"name": name, "in": "path", "required": True, "description": _ABOUT_PATH[name], "type": "string"}
        for name in _in_path(path)
    ]
    return {"parameters": parameters} if parameters else {}


def _operation2(operation: Operation, group: str) -> Doc:
    parameters: list[Doc] = [
        {"name": each.name, "in": "query", "description": each.description, "type": each.type}
        for each in operation.parameters
    ]
    if operation.body:
        body = {"name": "body", "in": "body", "schema": {"$ref": schemas.V2 + operation.body}}
        parameters.insert(0, body | ({"required": True} if operation.method != "delete" else {}))
    answer: Doc = {"description": "OK"}
    if operation.answer:
        answer["schema"] = {"$ref": schemas.V2 + operation.answer}
    return {
        "tags": [group],
        "description": operation.description,
        "operationId": operation.identity,
        "consumes": list(operation.patches or _PATCH_TYPES) if operation.body == PATCH else ["*/*"],
        "produces": [_JSON, _YAML],
        "parameters": parameters,
        "responses": {"200": answer, "401": {"description": "Unauthorized"}},
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": operation.kind,
    }
