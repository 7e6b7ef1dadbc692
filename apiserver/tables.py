"""Objects as kubectl's tables and as metadata only: the `as=Table` and `as=PartialObjectMetadata` forms.

Columns and cells come from the kind's strategy; this file only lays them out.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/response.go and pkg/printers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.negotiation import Form
from apiserver.registry.strategy import Column, Strategy

Doc = dict[str, Any]
_NAME_DESCRIPTION = (
    "Name must be unique within a namespace. It is required when creating resources, and cannot be changed."
)


def table(strategy: Strategy, bodies: Iterable[bytes], form: Form, *, include: str, meta: Doc) -> Doc:
    """A Table of these objects."""
    now = datetime.now(UTC)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": meta,
        "columnDefinitions": [_definition(column) for column in strategy.columns],
        "rows": [_row(strategy, body, now, include) for body in bodies],
    }


def _definition(column: Column) -> Doc:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description or (_NAME_DESCRIPTION if column.format == "name" else column.name),
        "priority": column.priority,
    }


def _row(strategy: Strategy, body: bytes, now: datetime, include: str) -> Doc:
    typed = strategy.model.from_json(body)
    row: Doc = {"cells": strategy.row(typed, now)}
    if include == "Object":
        row["object"] = orjson.Fragment(body)
    elif include != "None":
        row["object"] = partial(body, "v1")
    return row


def partial(body: bytes, version: str) -> Doc:
    """An object's metadata alone."""
    meta = orjson.loads(body)["metadata"]
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": meta}


def transformed(strategy: Strategy, body: bytes, form: Form, include: str) -> Doc:
    """One object in the form that the client asked for."""
    if form.as_kind == "Table":
        revision = orjson.loads(body)["metadata"].get("resourceVersion", "")
        return table(strategy, [body], form, include=include, meta={"resourceVersion": revision})
    return partial(body, form.version)


def transformed_list(strategy: Strategy, bodies: Iterable[bytes], form: Form, *, include: str, meta: Doc) -> Doc:
    """A list in the form that the client asked for."""
    if form.as_kind == "Table":
        return table(strategy, bodies, form, include=include, meta=meta)
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": meta,
        "items": [partial(body, form.version) for body in bodies],
    }
