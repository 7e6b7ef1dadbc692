"""The CEL rules of a schema, x-kubernetes-validations: `errors(new, old, schema)`.

Rules see `self`; those that mention `oldSelf` look at an update, where the old value can be told: by field, by key, by
the keys of a map list. Bounded: each evaluation by cel/cost.py, all together by BUDGET_SECONDS of the processor.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/cel. Left out: costs estimated when the definition is
written; formats date-time, duration and byte stay texts, so say timestamp(self.when).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apiserver.apiextensions.correlation import ABSENT, correlation, same
from apiserver.apiextensions.structural import Structural
from apiserver.apiextensions.validation import NOWHERE
from apiserver.cel import CompileError, EvaluationError, Program, compile
from apiserver.cel.cost import EXCEEDED
from machinery.api.errors import FieldError
from machinery.api.field_errors import OMITTED

Doc = dict[str, Any]
Rule = dict[str, Any]
BUDGET_SECONDS = 0.1
NAMES = ("self", "oldSelf")
OPTIONAL_NAMES = ("self", "oldSelf__", "hasOldSelf__")
_OLD = re.compile(r"\boldSelf\b")
_OPTIONAL_OLD = "(hasOldSelf__ ? optional.of(oldSelf__) : optional.none())"
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_RESERVED = frozenset((
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "package", "namespace", "return",
))  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NOT_CHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)
_OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"


def rules_of(schema: Structural) -> list[Rule]:
    """The rules of this level."""
    return schema.restrictions.get("x-kubernetes-validations") or []


def any_rules(schema: Structural | None) -> bool:
    """Whether there are rules here or below."""
    if schema is None:
        return False
    below = (*schema.properties.values(), schema.items, schema.additional)
    return bool(rules_of(schema)) or any(any_rules(each) for each in below)


def not_checked() -> FieldError:
    """What stands beside other errors, which rules are not asked about."""
    return FieldError.invalid(NOWHERE, "null", NOT_CHECKED)


@dataclass(slots=True)
class _Run:
    """One object's validation. What compiling takes does not count: that is done once."""

    left: float = BUDGET_SECONDS

    @property
    def over(self) -> bool:
        return self.left <= 0

    def value(self, program: Program, known: Doc) -> Any:
        begun = time.thread_time()
        try:
            return program.evaluate(known)
        finally:
            self.left -= time.thread_time() - begun


@dataclass(frozen=True, slots=True)
class _Part:
    """A value, what it was for rules that ask (`old`), and the nearest part around it whose past is known."""

    path: str
    value: Any
    old: Any
    nearest: tuple[Any, Any]

    @property
    def unchanged(self) -> bool:
        now, before = self.nearest
        return before is not ABSENT and same(now, before)


def errors(new: Any, old: Any, schema: Structural, *, forgiving: bool = True) -> list[FieldError]:
    """All broken rules of a whole object; `old` is None on create. `forgiving`: not of what is as it was."""
    run, before = _Run(), ABSENT if old is None else old
    found = list(_errors(_Part("", new, before, (new, before if forgiving else ABSENT)), schema, run))
    told = any(EXCEEDED in error.detail for error in found)
    return [*found, FieldError.forbidden(NOWHERE, _OUT_OF_BUDGET)] if run.over and not told else found


def _errors(part: _Part, schema: Structural, run: _Run) -> Iterator[FieldError]:
    for rule in rules_of(schema):
        if not run.over:
            yield from _broken(rule, part, schema, run)
    for below, inside in _below(part, schema):
        yield from _errors(below, inside, run)


def _below(part: _Part, schema: Structural) -> Iterator[tuple[_Part, Structural]]:
    """The parts of a value that have schemas."""
    if isinstance(part.value, dict):
        known = part.old if isinstance(part.old, dict) else {}
        past = part.nearest[1] if part.nearest[0] is part.value and isinstance(part.nearest[1], dict) else {}
        for name, value in part.value.items():
            inside = schema.below(name)
            if inside is not None:
                path = f"{part.path}.{name}".lstrip(".") if name in schema.properties else f"{part.path}[{name}]"
                yield _inside(part, (path, value), known.get(name, ABSENT), past.get(name, ABSENT)), inside
    elif isinstance(part.value, list) and schema.items is not None:
        yield from ((each, schema.items) for each in _items(part, schema))


def _items(part: _Part, schema: Structural) -> Iterator[_Part]:
    known = _by_keys(part.old, schema) if isinstance(part.old, list) and schema.list_type == "map" else {}
    past = part.nearest[1] if part.nearest[0] is part.value else ABSENT
    find = correlation(schema.restrictions.get("x-kubernetes-list-type"), schema.list_keys)(past)
    for index, item in enumerate(part.value):
        place = f"{part.path}[{index}]", item
        yield _inside(part, place, known.get(_keys(item, schema), ABSENT), find(index, item))


def _inside(part: _Part, place: tuple[str, Any], old: Any, past: Any) -> _Part:
    path, value = place
    return _Part(path, value, old, part.nearest if past is ABSENT else (value, past))


def _by_keys(items: list[Any], schema: Structural) -> dict[Any, Any]:
    return {_keys(item, schema): item for item in items}


def _keys(item: Any, schema: Structural) -> Any:
    return repr([item.get(key) for key in schema.list_keys]) if isinstance(item, dict) else repr(item)


def _broken(rule: Rule, part: _Part, schema: Structural, run: _Run) -> Iterator[FieldError]:
    """The rule's error, if it does not hold. Who asks for the old value is asked also where nothing changed."""
    text, optional = rule["rule"], bool(rule.get("optionalOldSelf"))
    asks = _OLD.search(text) is not None
    if (asks and part.old is ABSENT and not optional) or (not asks and part.unchanged):
        return
    known = _variables(part.value, part.old, schema, optional=optional)
    where = part.path + (rule.get("fieldPath") or "")
    where = where.lstrip(".") or NOWHERE
    try:
        if run.value(compile(_with_optional(text, optional), _names(optional)), known) is not True:
            yield _error(rule, where, schema, _message(rule, known))
    except (CompileError, EvaluationError) as error:
        yield FieldError.invalid(where, schema.type or "object", _failed(rule, str(error), run))


def _failed(rule: Rule, why: str, run: _Run) -> str:
    if why == EXCEEDED:
        run.left = 0
        stopped = "no further validation rules will be run due to call cost exceeds limit"
        return f"'{why}': {stopped} for rule: {_told(rule)}"
    if why.startswith("no such overload"):
        sides = "call arguments did not match a supported operator, function or macro signature"
        return f"'{why}': {sides} for rule: {_told(rule)}"
    return f"{why} evaluating rule: {_told(rule)}"


def _names(optional: bool) -> tuple[str, ...]:
    return OPTIONAL_NAMES if optional else NAMES


def _with_optional(text: str, optional: bool) -> str:
    return _OLD.sub(_OPTIONAL_OLD, text) if optional else text


def _variables(new: Any, old: Any, schema: Structural, *, optional: bool) -> Doc:
    before = None if old is ABSENT else visible(old, schema)
    known = {"self": visible(new, schema)}
    return known | ({"oldSelf__": before, "hasOldSelf__": old is not ABSENT} if optional else {"oldSelf": before})


def _told(rule: Rule) -> str:
    return rule.get("message") or f"failed rule: {rule['rule'].strip()}"


def _message(rule: Rule, known: Doc) -> str:
    """messageExpression's words, if it has any to say; else the message."""
    text, optional = rule.get("messageExpression"), bool(rule.get("optionalOldSelf"))
    if not text:
        return _told(rule)
    try:
        said = compile(_with_optional(text, optional), _names(optional)).evaluate(known)
    except (CompileError, EvaluationError):
        return _told(rule)
    usable = isinstance(said, str) and said.strip() and "\n" not in said
    return said if usable else _told(rule)


def _error(rule: Rule, path: str, schema: Structural, message: str) -> FieldError:
    match rule.get("reason"):
        case "FieldValueForbidden":
            return FieldError.forbidden(path, message)
        case "FieldValueRequired":
            return FieldError.required(path, message)
        case "FieldValueDuplicate":
            return FieldError.duplicate(path, schema.type or OMITTED)
    return FieldError.invalid(path, schema.type or "object", message)


def visible(value: Any, schema: Structural) -> Any:
    """A value as rules see it: only what the schema describes, under names that CEL can say, numbers as typed."""
    if isinstance(value, dict):
        return _visible_map(value, schema)
    if isinstance(value, list):
        return [visible(item, schema.items) for item in value] if schema.items is not None else value
    if schema.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return int(value) if schema.type == "integer" and isinstance(value, float) and value.is_integer() else value


def _visible_map(value: Doc, schema: Structural) -> Doc:
    if schema.additional is not None and not schema.properties:
        return {name: visible(item, schema.additional) for name, item in value.items()}
    found = {
        name: visible(value[key], below)
        for key, below in schema.properties.items()
        if key in value and (name := escaped(key))
    }
    for key in ("apiVersion", "kind"):
        if isinstance(value.get(key), str):
            found.setdefault(key, value[key])
    meta = value.get("metadata")
    if isinstance(meta, dict):
        found["metadata"] = {key: meta[key] for key in ("name", "generateName") if meta.get(key)}
    return found


def escaped(name: str) -> str:
    """A field's name as rules say it: `foo-bar` is foo__dash__bar; "" for what cannot be said."""
    if name in _RESERVED:
        return f"__{name}__"
    for text, word in _ESCAPES:
        name = name.replace(text, word)
    return name if _NAME.fullmatch(name) else ""


def compile_errors(rule: Rule, path: str) -> list[FieldError]:
    """What is wrong with a rule in a definition."""
    text, optional = (rule.get("rule") or "").strip(), bool(rule.get("optionalOldSelf"))
    if not text:
        return [FieldError.required(f"{path}.rule", "rule is not specified")]
    found = []
    if "\n" in text and not rule.get("message"):
        found.append(FieldError.required(f"{path}.message", "message must be specified if rule contains line breaks"))
    for name, wanted in (("rule", "bool"), ("messageExpression", "string")):
        given = rule.get(name)
        if given:
            why = _compile_error(given, wanted, optional=optional)
            found += [FieldError.invalid(f"{path}.{name}", given, why)] if why else []
    return found


def _compile_error(text: str, wanted: str, *, optional: bool) -> str:
    try:
        program = compile(_with_optional(text, optional), _names(optional))
    except CompileError as error:
        return f"compilation failed: {error}"
    return "" if program.type in (wanted, "dyn") else f"must evaluate to a {wanted}"
