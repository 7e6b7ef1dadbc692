"""Objects as kubectl's tables and as metadata only: the `as=Table` and `as=PartialObjectMetadata` forms.

Columns and cells come from the kind's strategy; this file only lays them out, and says what cannot be had.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/response.go and pkg/printers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.negotiation import Form
from apiserver.registry.strategy import Column, Strategy
from machinery.api.errors import ApiError, BadRequest, FieldError, NotAcceptable

Doc = dict[str, Any]
_PARTIAL, _PARTIAL_LIST = "PartialObjectMetadata", "PartialObjectMetadataList"
_INCLUDE = ("", "None", "Metadata", "Object")
_NAME_DESCRIPTION = (
    "Name must be unique within a namespace. It is required when creating resources, and cannot be changed."
)


def included(form: Form, query: Mapping[str, str]) -> str:
    """What rows are to hold of their objects: None, Metadata or Object; BadRequest for anything else."""
    asked = query.get("includeObject", "")
    if form.as_kind == "Table" and asked not in _INCLUDE:
        wrong = FieldError.invalid("includeObject", asked, "must be 'Metadata', 'Object', 'None', or empty")
        raise BadRequest(f"Unable to convert to Table as requested: {wrong}")
    return asked or "Metadata"


def check_one(strategy: Strategy, form: Form) -> None:
    """One object is no list."""
    if form.as_kind == _PARTIAL_LIST:
        raise _not_that(_PARTIAL_LIST, "not a list", strategy, "")


def check_list(strategy: Strategy, form: Form) -> None:
    """A list is no object."""
    if form.as_kind == _PARTIAL:
        raise _not_that(_PARTIAL, "a list", strategy, "List")


def _not_that(asked: str, what: str, strategy: Strategy, suffix: str) -> ApiError:
    group = strategy.resource.group.split(".")[0] or "core"
    error = NotAcceptable(())
    error.message = (
        f"you requested {asked}, but the requested object is {what} (*{group}.{strategy.resource.kind}{suffix})"
    )
    return error


def table(strategy: Strategy, rows: Sequence[Doc], form: Form, *, meta: Doc, columns: bool = True) -> Doc:
    """A Table of these rows; in a watch, only the first has columns."""
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": meta,
        "columnDefinitions": [_definition(column) for column in strategy.columns] if columns else None,
        "rows": rows,
    }


def _definition(column: Column) -> Doc:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description or (_NAME_DESCRIPTION if column.format == "name" else column.name),
        "priority": column.priority,
    }


def row(strategy: Strategy, body: bytes, form: Form, include: str) -> Doc:
    """One object's cells, and of the object what was asked for."""
    typed = strategy.model.from_json(body)
    return {"cells": strategy.row(typed, datetime.now(UTC)), **_object(body, form, include)}


def blank_row(strategy: Strategy, body: bytes, form: Form, include: str) -> Doc:
    """The row of a bookmark, which has metadata and no object."""
    cells = [0 if column.type in ("integer", "number") else "" for column in strategy.columns]
    return {"cells": cells, **_object(body, form, include)}


def _object(body: bytes, form: Form, include: str) -> Doc:
    if include == "None":
        return {"object": None}
    return {"object": orjson.Fragment(body) if include == "Object" else partial(body, form.version)}


def partial(body: bytes, version: str) -> Doc:
    """An object's metadata alone."""
    meta = orjson.loads(body)["metadata"]
    return {"kind": _PARTIAL, "apiVersion": f"meta.k8s.io/{version}", "metadata": meta}


def transformed(strategy: Strategy, body: bytes, form: Form, include: str) -> Doc:
    """One object in the form that the client asked for."""
    if form.as_kind == "Table":
        revision = orjson.loads(body)["metadata"].get("resourceVersion", "")
        found = [row(strategy, body, form, include)]
        return table(strategy, found, form, meta={"resourceVersion": revision} if revision else {})
    return partial(body, form.version)


def item(strategy: Strategy, body: bytes, form: Form, include: str) -> Doc:
    """One object of a list in that form: a row, or its metadata."""
    return row(strategy, body, form, include) if form.as_kind == "Table" else partial(body, form.version)


def transformed_list(strategy: Strategy, items: Sequence[Doc], form: Form, meta: Doc) -> Doc:
    """A list of such items."""
    if form.as_kind == "Table":
        return table(strategy, items, form, meta=meta)
    return {"kind": _PARTIAL_LIST, "apiVersion": f"meta.k8s.io/{form.version}", "metadata": meta, "items": items}
