"""Whether a document is already as its class would write it, told in one walk: most bodies are, and need no decoding.

`completed` also fills in what is always written. It answers False whenever in doubt (an unknown field, a null, an empty
member, an unusual spelling, base64): then decoding decides. One table of tests per class, made from its facts.
In Kubernetes: nothing alike; there a body is decoded into its struct, which is the canonical form.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from machinery.api.model import FieldFact, Model
from machinery.api.quantity import QuantityError
from machinery.api.quantity import canonical as canonical_quantity

Document = dict[str, Any]
Missing = list[tuple[Document, str, Any]]
"""Members that are always written and were not there: what they belong to, their name, their zero value."""
Test = Callable[[Any, Missing], bool]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class _Row(NamedTuple):
    """What a field's value must be: of one of these types, not empty unless that is written too, and pass the test."""

    types: tuple[type, ...]
    empty: bool
    test: Test | None


class _Table(NamedTuple):
    """The rows of a class by their wire names, and its members that are always written."""

    rows: Mapping[str, _Row]
    always: tuple[tuple[str, Any], ...]


def completed(document: Document, model: type[Model]) -> bool:
    """Whether decoding and encoding would change nothing but add what is always written; if so, that is added."""
    missing: Missing = []
    if not _fits(document, _table(model), missing):
        return False
    for owner, name, zero in missing:
        owner[name] = copy.deepcopy(zero) if zero else zero.__class__()
    return True


def _fits(document: Document, table: _Table, missing: Missing) -> bool:
    rows = table.rows
    for name, value in document.items():
        row = rows.get(name)
        if row is None:
            return False
        types, empty, test = row
        if value.__class__ not in types or not (value or empty) or (test is not None and not test(value, missing)):
            return False
    for name, zero in table.always:
        if name not in document:
            missing.append((document, name, zero))
    return True


@cache
def _table(model: type[Model]) -> _Table:
    always = model().to_dict()
    rows = {}
    for name, fact in model.fields_table().items():
        test = _test(fact)
        if test is not None:
            types, passes = test
            rows[name] = _Row(types, empty=name in always or fact.pointer, test=passes)
    return _Table(rows, tuple(always.items()))


def _test(fact: FieldFact) -> tuple[tuple[type, ...], Test | None] | None:
    """The types and the test of a field's values; None for what cannot be told without decoding."""
    if fact.type.startswith("map<"):
        return _map_of(fact.type[len("map<string,") : -1], fact.model)
    one = _one(fact.type, fact.model)
    if one is None or not fact.repeated:
        return one
    types, test = one
    return (list,), _each(types, test)


def _one(wire_type: str, model: type[Model] | None) -> tuple[tuple[type, ...], Test | None] | None:
    return ((dict,), _struct(model)) if model is not None else _SCALARS.get(wire_type)


def _map_of(wire_type: str, model: type[Model] | None) -> tuple[tuple[type, ...], Test | None] | None:
    one = _one(wire_type, model)
    if one is None:
        return None
    each = _each(*one)
    return (dict,), lambda value, missing: each(value.values(), missing)


def _struct(model: type[Model]) -> Test:
    """On demand: some classes hold themselves."""
    return lambda value, missing: _fits(value, _table(model), missing)


def _each(types: tuple[type, ...], test: Test | None) -> Callable[[Any, Missing], bool]:
    def fit(values: Any, missing: Missing) -> bool:
        for value in values:
            if value.__class__ not in types or (test is not None and not test(value, missing)):
                return False
        return True

    return fit


def _between(low: int, high: int) -> Test:
    return lambda value, _: low <= value < high


def _quantity(value: str, _: Missing) -> bool:
    try:
        return canonical_quantity(value) == value
    except QuantityError:
        return False


@lru_cache(maxsize=1024)
def _is_time(value: str, form: re.Pattern[str]) -> bool:
    try:
        return form.fullmatch(value) is not None and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _without_null(value: Any, _: Missing) -> bool:
    if value.__class__ is dict:
        return all(_without_null(item, _) for item in value.values())
    return all(_without_null(item, _) for item in value) if value.__class__ is list else value is not None


_SCALARS: dict[str, tuple[tuple[type, ...], Test | None]] = {
    "string": ((str,), None),
    "bool": ((bool,), None),
    "int32": ((int,), _between(-(2**31), 2**31)),
    "int64": ((int,), _between(-(2**63), 2**63)),
    "intstr.IntOrString": ((int, str), None),
    "meta/v1.Duration": ((str,), None),
    "resource.Quantity": ((str,), _quantity),
    "meta/v1.Time": ((str,), lambda value, _: _is_time(value, _TIME)),
    "meta/v1.MicroTime": ((str,), lambda value, _: _is_time(value, _MICRO_TIME)),
    "meta/v1.FieldsV1": ((dict,), _without_null),
    "runtime.RawExtension": ((dict,), _without_null),
}
