"""fieldValidation: which fields of a body its class does not know, and which are given twice.

Pure. Found in the order of the body, each once, a hundred at most: a refusal when Strict, warnings when Warn (and when
nothing is said). Bodies without duplicates, nearly all, are told from the others without reading them again.
Real Kubernetes: sigs.k8s.io/json (UnmarshalStrict), handlers/rest.go (addStrictDecodingWarnings, parseYAMLWarnings).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from machinery.api.field_errors import quote
from machinery.api.model import Model
from machinery.api.yaml import duplicate_keys

MOST = 100
_YAML = "yaml: unmarshal errors:\n  "


class _Pairs(list):
    """A JSON object with its keys in order, duplicates included."""


def strict_errors(document: Any, model: type[Model], body: bytes = b"") -> list[str]:
    """All that is unknown or duplicate in a document; `body` is the JSON text that it was read from, if it was."""
    if hasattr(model, "unknown_fields"):
        return _once((*model.unknown_fields(document), *(duplicates(document, body) if body else ())))
    if body and may_have_duplicates(document, body):
        document = _with_duplicates(body) or document
    elif all_known(document, model):
        return []
    return _once(_errors_of(document, model, ""))


def nothing_lost(document: Any, decoded: Any) -> bool:
    """Whether its class writes back all that the document says: then nothing in it is unknown.

    False may mean no more than another spelling. Equal branches are not looked into, and most are.
    """
    return document == decoded or (
        isinstance(document, dict)
        and isinstance(decoded, dict)
        and all(name in decoded and nothing_lost(item, decoded[name]) for name, item in document.items())
    )


def duplicates(document: Any, body: bytes) -> list[str]:
    """All that is given twice in a JSON text, whatever class it is of."""
    if not may_have_duplicates(document, body):
        return []
    return _once(_errors_of(_with_duplicates(body), None, ""))


def yaml_duplicates(text: bytes) -> str:
    """One error for all keys that a YAML text gives twice, or nothing."""
    found = [f"line {line}: key {quote(key)} already set in map" for line, key in duplicate_keys(text)]
    return _YAML + "\n  ".join(found) if found else ""


def warnings_of(errors: Iterable[str]) -> list[str]:
    """The errors as warnings: one line each."""
    return [line.strip() for error in errors for line in error.removeprefix(_YAML).split("\n")]


def may_have_duplicates(document: Any, body: bytes) -> bool:
    """A key that is given twice is read once: then the text has a colon more than the document."""
    try:
        return body.count(b":") != orjson.dumps(document).count(b":")
    except TypeError:
        return True


def all_known(document: Any, model: type[Model]) -> bool:
    """Whether the class knows every field: so it is nearly always, and this says it three times as fast."""
    table = model.fields_table()
    for key, value in document.items():
        fact = table.get(key)
        if fact is None:
            return False
        inside = fact.model
        if inside is None or not isinstance(value, dict | list):
            continue
        items = value if isinstance(value, list) else value.values() if fact.type.startswith("map<") else (value,)
        for item in items:
            if isinstance(item, dict) and not all_known(item, inside):
                return False
    return True


def _with_duplicates(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None


def _once(errors: Iterable[str]) -> list[str]:
    try:
        return list(islice(dict.fromkeys(errors), MOST))
    except RecursionError:
        return []  # what is nested that deeply has no place in any class


def _errors_of(value: Any, model: type[Model] | None, path: str, *, is_map: bool = False) -> Iterator[str]:
    """`path` ends in a dot, or is empty."""
    if isinstance(value, list) and not isinstance(value, _Pairs):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _errors_of(item, model, f"{path[:-1]}[{index}].")
        return
    table = model.fields_table() if model is not None and not is_map else None
    seen: set[str] = set()
    for key, item in value.items() if isinstance(value, dict) else value:
        fact = None if table is None else table.get(key)
        if table is not None and fact is None:
            yield f"unknown field {quote(path + key)}"
            continue
        if key in seen:
            yield f"duplicate field {quote(path + key)}"
        seen.add(key)
        inside = model if is_map else fact.model if fact else None
        if isinstance(item, dict | list) and (inside is not None or isinstance(value, _Pairs)):
            into_map = fact is not None and fact.type.startswith("map<")
            yield from _errors_of(item, inside, f"{path}{key}.", is_map=into_map)
