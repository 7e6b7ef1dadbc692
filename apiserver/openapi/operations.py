"""Every operation that the server offers, as neutral rows from which OpenAPI v2 and v3 are rendered.

Pure. Real Kubernetes: the routes of k8s.io/apiserver/pkg/endpoints/installer.go, read by kube-openapi.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apiserver.openapi import schemas
from machinery.api.meta.v1 import DeleteOptions, ListMeta, Status
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
    parameters: tuple[str, ...] = ()
    body: str = ""
    answer: str = ""


PARAMETERS: dict[str, tuple[str, str]] = {
    "pretty": ("string", "Whether the output is indented; ignored."),
    "dryRun": ("string", "All: do everything except storing the result."),
    "fieldManager": ("string", "The name of the program that makes this change."),
    "fieldValidation": ("string", "What to do with unknown or duplicate fields: Ignore, Warn or Strict."),
    "force": ("boolean", "Take fields over from other managers; for apply patches only."),
    "allowWatchBookmarks": ("boolean", "Send BOOKMARK events now and then."),
    "continue": ("string", "Where the previous page ended."),
    "fieldSelector": ("string", "Restrict the list by fields."),
    "labelSelector": ("string", "Restrict the list by labels."),
    "limit": ("integer", "At most so many objects in one answer."),
    "resourceVersion": ("string", "How fresh the answer must be."),
    "resourceVersionMatch": ("string", "How resourceVersion is meant: Exact or NotOlderThan."),
    "sendInitialEvents": ("boolean", "Begin a watch with the objects that exist."),
    "timeoutSeconds": ("integer", "End the call after this time."),
    "watch": ("boolean", "Send changes as they happen."),
    "gracePeriodSeconds": ("integer", "Seconds until the object is gone."),
    "propagationPolicy": ("string", "What becomes of dependents: Orphan, Background or Foreground."),
    "orphanDependents": ("boolean", "Older form of propagationPolicy."),
    "container": ("string", "The container whose log is wanted."),
    "follow": ("boolean", "Go on as the log grows."),
    "previous": ("boolean", "The log of the container's previous run."),
    "sinceSeconds": ("integer", "Only lines of the last so many seconds."),
    "tailLines": ("integer", "Only the last so many lines."),
    "timestamps": ("boolean", "Begin each line with its time."),
    "limitBytes": ("integer", "Stop after so many bytes."),
    "command": ("string", "One word of the command; give it once for each."),
    "ports": ("integer", "A port to forward; WebSocket clients name them here."),
    "stdin": ("boolean", "Connect the container's standard input."),
    "stdout": ("boolean", "Connect the container's standard output."),
    "stderr": ("boolean", "Connect the container's standard error."),
    "tty": ("boolean", "Use a terminal."),
    "path": ("string", "What to ask of the target."),
}
_LIST = (
    "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
    "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
)  # fmt: skip
_WRITE = ("dryRun", "fieldManager", "fieldValidation")
_DELETE = ("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy")
_LOG = ("container", "follow", "previous", "sinceSeconds", "tailLines", "timestamps", "limitBytes")
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
        ("list", collection, _LIST, "", listed),
        ("create", collection, _WRITE, name, name),
        ("deletecollection", collection, (*_DELETE, *_LIST[1:-1]), _OPTIONS, _STATUS),
        ("get", item, (), "", name),
        ("update", item, _WRITE, name, name),
        ("patch", item, (*_WRITE, "force"), PATCH, name),
        ("delete", item, _DELETE, _OPTIONS, _STATUS),
    )
    for verb, path, parameters, body, answer in plans:
        if verb in row.verbs:
            yield _operation(row, verb, path, parameters=parameters, body=body, answer=answer)
    if row.namespaced and "list" in row.verbs:
        yield _operation(row, "list", row.path(), parameters=_LIST, body="", answer=listed, everywhere=True)


def _connections(row: Resource, part: Subresource) -> Iterator[Operation]:
    """Where the request is led on to something else, whatever that answers."""
    model, place = _model(row, part), "Namespaced" if row.namespaced else ""
    known = sorted(field.alias or name for name, field in model.model_fields.items())
    parameters = tuple(name for name in known if name in PARAMETERS)
    path = row.path("{namespace}" if row.namespaced else "", "{name}", part.name)
    ways = {"": path, "WithPath": f"{path}/{{path}}"} if "path" in known else {"": path}
    for tail, way in ways.items():
        for verb in part.verbs:
            method = _CONNECT[verb]
            identity = f"connect{tag(row)}{method.title()}{place}{row.kind}{part.name.title()}{tail}"
            about = f"connect {method.upper()} requests to {part.name} of {row.kind}"
            yield Operation(way, method, "connect", identity, about, schemas.kind_of(model), parameters)


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
            yield _operation(row, verb, path, parameters=_LOG, body="", answer="", part=part.name, kind=kind)
            continue
        parameters = {"get": (), "patch": (*_WRITE, "force")}.get(verb, _WRITE)
        body = {"get": "", "patch": PATCH}.get(verb, name)
        yield _operation(row, verb, path, parameters=parameters, body=body, answer=name, part=part.name, kind=kind)


def _operation(
    row: Resource,
    verb: str,
    path: str,
    *,
    parameters: tuple[str, ...],
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
    return Operation(path, method, action, identity, about, gvk, parameters, body, answer)


def tag(row: Resource) -> str:
    """`CoreV1`, `AppsV1`."""
    return (row.group.split(".")[0] or "core").title() + row.version.title()
