"""Defaults of a schema, filled in where a value is missing, or null where null is not allowed.

Works in place. A null that may not be and has no default is dropped instead. What is stored gets its defaults when it
is read, so that a new default shows in old objects. Real Kubernetes: pkg/apiserver/schema/defaulting.
"""

from __future__ import annotations

import copy
from typing import Any

from apiserver.apiextensions.structural import NO_DEFAULT, RESOURCE_FIELDS, Structural

Doc = dict[str, Any]


def default(document: Doc, schema: Structural) -> None:
    """Fill a whole object; its metadata is not the schema's business."""
    _default_object(document, schema, skipped=RESOURCE_FIELDS)
    _drop_nulls(document, schema)


def _default(value: Any, schema: Structural) -> None:
    if isinstance(value, dict):
        _default_object(value, schema)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            if _is_wrong_null(item, schema.items):
                value[index] = item = _of(schema.items)
            _default(item, schema.items)


def _default_object(value: Doc, schema: Structural, *, skipped: frozenset[str] = frozenset()) -> None:
    for name, below in schema.properties.items():
        if below.default is NO_DEFAULT or name in skipped:
            continue
        if name not in value or _is_wrong_null(value[name], below):
            value[name] = _of(below)
    for name, item in value.items():
        below = schema.below(name)
        if below is None or name in skipped:
            continue
        if name not in schema.properties and below.default is not NO_DEFAULT and _is_wrong_null(item, below):
            value[name] = item = _of(below)
        _default(item, below)


def _of(schema: Structural) -> Any:
    return None if schema.default is NO_DEFAULT else copy.deepcopy(schema.default)


def _is_wrong_null(value: Any, schema: Structural) -> bool:
    return value is None and not schema.nullable


def _drop_nulls(value: Any, schema: Structural) -> None:
    if isinstance(value, dict):
        for name in list(value):
            below = schema.below(name)
            if below is None:
                continue
            if name in schema.properties and _is_wrong_null(value[name], below) and below.default is NO_DEFAULT:
                del value[name]
            else:
                _drop_nulls(value[name], below)
    elif isinstance(value, list) and schema.items is not None:
        for item in value:
            _drop_nulls(item, schema.items)
