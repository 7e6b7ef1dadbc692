"""The columns of a custom resource's table, and its cells by JSON paths.

Real Kubernetes: apiextensions-apiserver's pkg/registry/customresource/tableconvertor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from apiserver import durations
from apiserver.apiextensions import json_path
from apiserver.registry.strategy import Column

Doc = Mapping[str, Any]
_AGE: Doc = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_AGE_ABOUT = "When the object was created, as the time since then."


def given(version: Doc) -> Sequence[Doc]:
    """The column definitions of a version; without any, the age."""
    return version.get("additionalPrinterColumns") or ({**_AGE, "description": _AGE_ABOUT},)


def columns(definitions: Sequence[Doc]) -> tuple[Column, ...]:
    """Name, and what the definition adds."""
    return (Column("Name", format="name"), *(_column(each) for each in definitions))


def _column(definition: Doc) -> Column:
    path = definition["jsonPath"]
    about = definition.get("description") or f"Custom resource definition column (in JSONPath format): {path}"
    return Column(
        definition["name"], definition.get("priority", 0), definition["type"], definition.get("format", ""), about
    )


def cells(document: Doc, definitions: Sequence[Doc], now: datetime) -> list[Any]:
    """The cells of one object, after its name."""
    return [_cell(document, each, now) for each in definitions]


def _cell(document: Doc, definition: Doc, now: datetime) -> Any:
    try:
        values = json_path.found(json_path.parse(definition["jsonPath"]), document)
    except ValueError:
        return None
    if not values or (values[0] is None and definition["type"] != "string"):
        return None
    return _READ[definition["type"]](values[0]) if definition["type"] != "date" else _age(values[0], now)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "<nil>" if value is None else orjson.dumps(value).decode()


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _age(value: Any, now: datetime) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        then = datetime.fromisoformat(value)
    except ValueError:
        return "<invalid>"
    return durations.age(then, now) if then.tzinfo is not None else "<invalid>"


_READ = {"string": _text, "integer": _whole, "number": _number, "boolean": _boolean}
