"""Every operation that the server offers, as neutral rows from which OpenAPI v2 and v3 are rendered.

Pure. Real Kubernetes: the routes of k8s.io/apiserver/pkg/endpoints/installer.go, read by kube-openapi.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from apiserver.openapi import schemas
from apiserver.openapi.parameters import Parameter, parameters
from machinery.api.core.v1 import PodLogOptions
from machinery.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    ListMeta,
    ListOptions,
    PatchOptions,
    Status,
    UpdateOptions,
)
from machinery.api.model import Model
from machinery.api.scheme import Resource, Subresource, model_of

Doc = dict[str, Any]
PATCH = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `body` and `answer` are names of schemas; `text` answers are plain text."""

    path: str
    method: str
    action: str
    identity: str
    description: str
    kind: Doc
    parameters: tuple[Parameter, ...] = ()
    body: str = ""
    answer: str = ""
    patches: tuple[str, ...] = ()
    """The media types of patches, where not all are taken."""


_TAKES: dict[str, type[Model]] = {
    "list": ListOptions,
    "create": CreateOptions,
    "update": UpdateOptions,
    "patch": PatchOptions,
    "delete": DeleteOptions,
}
_ONLY_FOR_WATCHES = ("allowWatchBookmarks", "watch")
_STATUS = schemas.definition_name(Status)
_OPTIONS = schemas.definition_name(DeleteOptions)
_CONNECT = {"create": "post", "get": "get", "update": "put", "patch": "patch", "delete": "delete"}
_VERBS = {
    "get": ("get", "get", "read"),
    "list": ("get", "list", "list"),
    "create": ("post", "post", "create"),
    "update": ("put", "put", "replace"),
    "patch": ("patch", "patch", "patch"),
    "delete": ("delete", "delete", "delete"),
    "deletecollection": ("delete", "deletecollection", "deleteCollection"),
}


def operations(resources: Iterable[Resource]) -> Iterator[Operation]:
    """All operations of these resources."""
    for row in resources:
        yield from _of_resource(row)
        for part in row.subresources:
            yield from _of_subresource(row, part)


def extra_models(resources: Iterable[Resource]) -> list[type[Model]]:
    """Classes that bodies and answers use beside the kinds themselves."""
    found: list[type[Model]] = [DeleteOptions, Status, ListMeta]
    for row in resources:
        found += [_model(row, part) for part in row.subresources]
    return found


def _model(row: Resource, part: Subresource) -> type[Model]:
    if not part.kind:
        return row.model
    group, version, kind = ("", *part.kind.split("/"))[-3:]
    return model_of(group, version, kind)


def _of_resource(row: Resource) -> Iterator[Operation]:
    name, listed = schemas.definition_name(row.model), schemas.list_name(row)
    collection = row.path("{namespace}" if row.namespaced else "")
    item = f"{collection}/{{name}}"
    plans = (
        ("list", collection, "", listed),
        ("create", collection, name, name),
        ("deletecollection", collection, _OPTIONS, _STATUS),
        ("get", item, "", name),
        ("update", item, name, name),
        ("patch", item, PATCH, name),
        ("delete", item, _OPTIONS, _STATUS),
    )
    for verb, path, body, answer in plans:
        if verb in row.verbs:
            yield _operation(row, verb, path, body=body, answer=answer)
    if row.namespaced and "list" in row.verbs:
        yield _operation(row, "list", row.path(), body="", answer=listed, everywhere=True)


def _parameters(verb: str) -> tuple[Parameter, ...]:
    if verb == "deletecollection":
        found = parameters(DeleteOptions, ListOptions)
        return tuple(parameter for parameter in found if parameter.name not in _ONLY_FOR_WATCHES)
    return parameters(_TAKES[verb]) if verb in _TAKES else ()


def _connections(row: Resource, part: Subresource) -> Iterator[Operation]:
    """Where the request is led on to something else, whatever that answers."""
    model, place = _model(row, part), "Namespaced" if row.namespaced else ""
    found = parameters(model)
    path = row.path("{namespace}" if row.namespaced else "", "{name}", part.name)
    ways = {"": path, "WithPath": f"{path}/{{path}}"} if any(each.name == "path" for each in found) else {"": path}
    for tail, way in ways.items():
        for verb in part.verbs:
            method = _CONNECT[verb]
            identity = f"connect{tag(row)}{method.title()}{place}{row.kind}{part.name.title()}{tail}"
            about = f"connect {method.upper()} requests to {part.name} of {row.kind}"
            yield Operation(way, method, "connect", identity, about, schemas.kind_of(model), found)


def _of_subresource(row: Resource, part: Subresource) -> Iterator[Operation]:
    if part.connects:
        yield from _connections(row, part)
        return
    path = row.path("{namespace}" if row.namespaced else "", "{name}", part.name)
    model = _model(row, part)
    name = schemas.definition_name(model)
    kind = schemas.kind_of(model)
    for verb in part.verbs:
        if part.name == "log":
            found = _operation(row, verb, path, body="", answer="", part=part.name, kind=kind)
            yield replace(found, parameters=parameters(PodLogOptions))
            continue
        body = {"get": "", "patch": PATCH}.get(verb, name)
        yield _operation(row, verb, path, body=body, answer=name, part=part.name, kind=kind)


def _operation(
    row: Resource,
    verb: str,
    path: str,
    *,
    body: str,
    answer: str,
    part: str = "",
    kind: Doc | None = None,
    everywhere: bool = False,
) -> Operation:
    method, action, word = _VERBS[verb]
    place = "" if everywhere or not row.namespaced else "Namespaced"
    tail = "ForAllNamespaces" if everywhere else ""
    identity = f"{word}{tag(row)}{place}{row.kind}{part.title()}{tail}"
    about = f"{word} {part + ' of ' if part else ''}{row.kind}"
    gvk = kind or {"group": row.group, "version": row.version, "kind": row.kind}
    return Operation(path, method, action, identity, about, gvk, _parameters(verb), body, answer, row.patches)


def tag(row: Resource) -> str:
    """`CoreV1`, `AppsV1`."""
    return (row.group.split(".")[0] or "core").title() + row.version.title()
