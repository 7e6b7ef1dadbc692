"""Whether an object is what its schema demands: every mistake at once, in Kubernetes' words.

Pure. `compiled(schema)` turns the keywords of a schema into functions once, each for the JSON type that it is about;
`errors` runs them. Keywords about other types say nothing, as JSON schema has it. What an update leaves as it was may
stay wrong (see correlation.py). Real Kubernetes: k8s.io/kube-openapi/pkg/validation/validate, apiextensions-apiserver's
pkg/apiserver/validation with its ratcheting.go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from apiserver.apiextensions import formats, patterns
from apiserver.apiextensions.correlation import ABSENT, Correlate, canonical, correlation, same
from machinery.api.errors import FieldError
from machinery.api.field_errors import quote

Doc = Mapping[str, Any]
Check = Callable[[Any, str], Iterator[FieldError]]
"""From a value and its path to what is wrong with it."""
NOWHERE = "<nil>"
"""Where Kubernetes puts what allOf, anyOf, oneOf and not complain of: their text holds the path."""
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class Validator:
    """The checks of one level: those for any value, and those for values of one type; and the schemas below it."""

    always: tuple[Check, ...]
    by_type: Mapping[str, tuple[Check, ...]]
    members: Mapping[str, Validator]
    rest: Validator | None
    items: Validator | None
    correlate: Correlate

    def errors(self, value: Any, path: str = "", before: Any = ABSENT) -> Iterator[FieldError]:
        """All that is wrong with a value, but for what is as it was in `before`."""
        if before is not ABSENT and same(value, before):
            return
        kind = type_of(value)
        for check in self.always:
            yield from check(value, path)
        for check in self.by_type.get("number" if kind == "integer" else kind, ()):
            yield from check(value, path)
        if kind == "object" and (self.members or self.rest):
            yield from self._of_members(value, path, before)
        elif kind == "array" and self.items is not None:
            known = ABSENT if before is ABSENT else self.correlate(before)
            for index, item in enumerate(value):
                was = ABSENT if known is ABSENT else known(index, item)
                yield from self.items.errors(item, f"{path}[{index}]", was)

    def _of_members(self, value: Doc, path: str, before: Any) -> Iterator[FieldError]:
        known = before if isinstance(before, dict) else {}
        for name, item in value.items():
            below = self.members.get(name) or self.rest
            if below is not None:
                yield from below.errors(item, f"{path}.{name}" if path else name, known.get(name, ABSENT))


def type_of(value: Any) -> str:
    """The name that JSON schema has for a value's type."""
    return "null" if value is None else _TYPES.get(type(value), "object")


def compiled(schema: Doc) -> Validator:
    """The validator of a schema in its JSON form."""
    always = (*_type_checks(schema), *_junctors(schema))
    by_type: dict[str, list[Check]] = {}
    for keyword, (kind, make) in _KEYWORDS.items():
        if _said(schema.get(keyword)):
            by_type.setdefault(kind, []).append(make(schema))
    if schema.get("format") in formats.INTEGERS:
        by_type.setdefault("number", []).append(_number_format(schema))
    if schema.get("enum"):
        always += (_enum(schema["enum"], bool(schema.get("nullable"))),)
    rest, items = schema.get("additionalProperties"), schema.get("items")
    return Validator(
        always,
        {kind: tuple(checks) for kind, checks in by_type.items()},
        {name: compiled(each) for name, each in (schema.get("properties") or {}).items()},
        compiled(rest) if isinstance(rest, dict) else None,
        compiled(items) if isinstance(items, dict) else None,
        correlation(schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys", ())),
    )


def _said(value: Any) -> bool:
    """0 says something, where nothing, false and what is empty do not."""
    return value is not None and value is not False and value not in ("", [], {})


# --- types ----------------------------------------------------------------------------------------------


def _type_checks(schema: Doc) -> tuple[Check, ...]:
    wanted = ("integer", "string") if schema.get("x-kubernetes-int-or-string") else (schema.get("type", ""),)
    if wanted == ("",):
        return ()
    words, nullable = ",".join(wanted), bool(schema.get("nullable"))

    def check(value: Any, path: str) -> Iterator[FieldError]:
        kind = type_of(value)
        if not (kind in wanted or (nullable and value is None) or _fits(kind, value, wanted)):
            why = f"{path} in body must be of type {words}: {quote(kind)}"
            yield FieldError.type_invalid(path or NOWHERE, kind, why)

    return (check,)


def _fits(kind: str, value: Any, wanted: tuple[str, ...]) -> bool:
    """Whole numbers are numbers, and 1.0 is a whole one."""
    if kind == "integer":
        return "number" in wanted
    return kind == "number" and "integer" in wanted and value.is_integer()


# --- allOf, anyOf, oneOf, not ---------------------------------------------------------------------------


def _junctors(schema: Doc) -> tuple[Check, ...]:
    found: list[Check] = []
    for keyword, make in (("anyOf", _any_of), ("oneOf", _one_of), ("allOf", _all_of)):
        if schema.get(keyword):
            found.append(make([compiled(each) for each in schema[keyword]]))
    if schema.get("not") is not None:
        found.append(_not(compiled(schema["not"])))
    return tuple(found)


def _complaint(path: str, why: str) -> FieldError:
    return FieldError.invalid(NOWHERE, "", f"{quote(path)} {why}")


def _any_of(branches: list[Validator]) -> Check:
    def check(value: Any, path: str) -> Iterator[FieldError]:
        outcomes = _outcomes(branches, value, path)
        if all(outcomes):
            yield _complaint(path, "must validate at least one schema (anyOf)")
            yield from min(outcomes, key=len)

    return check


def _one_of(branches: list[Validator]) -> Check:
    def check(value: Any, path: str) -> Iterator[FieldError]:
        outcomes = _outcomes(branches, value, path)
        fitting = sum(not outcome for outcome in outcomes)
        if fitting == 0:
            yield _complaint(path, "must validate one and only one schema (oneOf). Found none valid")
            yield from min(outcomes, key=len)
        elif fitting > 1:
            why = f"must validate one and only one schema (oneOf). Found {fitting} valid alternatives"
            yield _complaint(path, why)

    return check


def _all_of(branches: list[Validator]) -> Check:
    def check(value: Any, path: str) -> Iterator[FieldError]:
        outcomes = _outcomes(branches, value, path)
        for outcome in outcomes:
            yield from outcome
        if any(outcomes):
            none = ". None validated" if all(outcomes) else ""
            yield _complaint(path, f"must validate all the schemas (allOf){none}")

    return check


def _not(branch: Validator) -> Check:
    def check(value: Any, path: str) -> Iterator[FieldError]:
        if next(branch.errors(value, path), None) is None:
            yield _complaint(path, "must not validate the schema (not)")

    return check


def _outcomes(branches: list[Validator], value: Any, path: str) -> list[list[FieldError]]:
    return [list(branch.errors(value, path)) for branch in branches]


# --- values ---------------------------------------------------------------------------------------------


def _enum(allowed: list[Any], nullable: bool) -> Check:
    known = {canonical(value) for value in allowed}
    words = [value if isinstance(value, str) else orjson.dumps(value).decode() for value in allowed]

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if canonical(value) not in known and not (nullable and value is None):
            yield FieldError.not_supported(path or NOWHERE, value, words)

    return check


def _complains(holds: Callable[[Any], bool], words: str) -> Check:
    """A check whose complaint is one sentence about the value."""

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if not holds(value):
            yield FieldError.invalid(path or NOWHERE, value, f"{path} in body {words}")

    return check


def _maximum(schema: Doc) -> Check:
    most = schema["maximum"]
    if schema.get("exclusiveMaximum"):
        return _complains(lambda value: value < most, f"should be less than {_number(most)}")
    return _complains(lambda value: value <= most, f"should be less than or equal to {_number(most)}")


def _minimum(schema: Doc) -> Check:
    least = schema["minimum"]
    if schema.get("exclusiveMinimum"):
        return _complains(lambda value: value > least, f"should be greater than {_number(least)}")
    return _complains(lambda value: value >= least, f"should be greater than or equal to {_number(least)}")


def _number(value: float) -> str:
    """As Go's %v prints a float64."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e21):
        return str(int(value)) if abs(value) < 1e21 else f"{value:e}"
    return repr(value)


def _multiple_of(schema: Doc) -> Check:
    unit = Decimal(str(schema["multipleOf"]))

    def holds(value: Any) -> bool:
        return math.isfinite(value) and (unit == 0 or (Decimal(str(value)) / unit) % 1 == 0)

    return _complains(holds, f"should be a multiple of {_number(schema['multipleOf'])}")


def _number_format(schema: Doc) -> Check:
    name = schema["format"]
    least, most = formats.INTEGERS.get(name, (-math.inf, math.inf))

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if not least <= value <= most:
            kind = schema.get("type", "integer")
            why = f"Checked value must be of type {kind} with format {name} in {path}"
            yield FieldError.invalid(NOWHERE, "", why)

    return check


def _text_format(schema: Doc) -> Check:
    name = schema["format"]
    test = formats.TEXTS.get(name, lambda _: True)

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if not test(value):
            why = f"{path} in body must be of type {name}: {quote(value)}"
            yield FieldError.type_invalid(path or NOWHERE, value, why)

    return check


def _pattern(schema: Doc) -> Check:
    text = schema["pattern"]
    try:
        expression = patterns.compiled(text)
    except ValueError as error:
        why = f"should match '{text}', but pattern is invalid: {error}"
        return _complains(lambda _: False, why)
    return _complains(lambda value: expression.search(value) is not None, f"should match '{text}'")


def _max_length(schema: Doc) -> Check:
    most = schema["maxLength"]

    def check(value: Any, path: str) -> Iterator[FieldError]:
        if len(value) > most:
            yield FieldError.too_long(path or NOWHERE, value, most)

    return check


def _min_length(schema: Doc) -> Check:
    least = schema["minLength"]
    return _complains(lambda value: len(value) >= least, f"should be at least {least} chars long")


# --- lists ----------------------------------------------------------------------------------------------


def _max_items(schema: Doc) -> Check:
    return _at_most(schema["maxItems"])


def _at_most(most: int) -> Check:
    def check(value: Any, path: str) -> Iterator[FieldError]:
        if len(value) > most:
            yield FieldError.too_many(path or NOWHERE, len(value), most)

    return check


def _min_items(schema: Doc) -> Check:
    least = schema["minItems"]
    return _complains(lambda value: len(value) >= least, f"should have at least {least} items")


def _unique_items(_: Doc) -> Check:
    return _complains(lambda value: len({canonical(item) for item in value}) == len(value),
                      "shouldn't contain duplicates")


# --- objects --------------------------------------------------------------------------------------------


def _max_properties(schema: Doc) -> Check:
    return _at_most(schema["maxProperties"])


def _min_properties(schema: Doc) -> Check:
    least = schema["minProperties"]
    return _complains(lambda value: len(value) >= least, f"should have at least {least} properties")


def _required(schema: Doc) -> Check:
    wanted = tuple(schema["required"])

    def check(value: Any, path: str) -> Iterator[FieldError]:
        for name in wanted:
            if name not in value:
                yield FieldError.required(f"{path}.{name}" if path else name)

    return check


_KEYWORDS: dict[str, tuple[str, Callable[[Doc], Check]]] = {
    "maxLength": ("string", _max_length),
    "minLength": ("string", _min_length),
    "pattern": ("string", _pattern),
    "format": ("string", _text_format),
    "multipleOf": ("number", _multiple_of),
    "maximum": ("number", _maximum),
    "minimum": ("number", _minimum),
    "maxItems": ("array", _max_items),
    "minItems": ("array", _min_items),
    "uniqueItems": ("array", _unique_items),
    "maxProperties": ("object", _max_properties),
    "minProperties": ("object", _min_properties),
    "required": ("object", _required),
}
