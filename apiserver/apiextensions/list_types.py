"""What lists of the types `set` and `map` promise: no item twice, no keys twice. `errors(document, schema)`.

Pure. Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/listtype.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from apiserver.apiextensions.structural import Structural
from machinery.api.errors import FieldError

_SORTED = orjson.OPT_SORT_KEYS


def errors(value: Any, schema: Structural, path: str = "") -> Iterator[FieldError]:
    """Every duplicate."""
    if isinstance(value, dict):
        for name, item in value.items():
            below = schema.below(name)
            if below is not None and isinstance(item, dict | list):
                yield from errors(item, below, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield from _of_list(value, schema, path)
        for index, item in enumerate(value):
            if schema.items is not None and isinstance(item, dict | list):
                yield from errors(item, schema.items, f"{path}[{index}]")


def _of_list(value: list[Any], schema: Structural, path: str) -> Iterator[FieldError]:
    if schema.list_type == "set":
        yield from _duplicates(value, path)
    elif schema.list_type == "map":
        odd = next((index for index, item in enumerate(value) if not (item is None or isinstance(item, dict))), None)
        if odd is not None:
            why = "must be an object for an array of list-type map"
            yield FieldError.invalid(f"{path}[{odd}]", value[odd], why)
            return
        keys = [{key: item[key] for key in schema.list_keys if key in item} for item in (each or {} for each in value)]
        yield from _duplicates(keys, path)


def _duplicates(items: Sequence[Any], path: str) -> Iterator[FieldError]:
    """Each value that is there more than once, told at its second place."""
    seen: dict[bytes, int] = {}
    for index, item in enumerate(items):
        text = orjson.dumps(item, option=_SORTED)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield FieldError.duplicate(f"{path}[{index}]", item)
