"""The CEL rules of a schema, x-kubernetes-validations: `errors(new, old, schema)`.

Rules see `self`; those that mention `oldSelf` look at an update, where the old value can be told: by field, by key, by
the keys of a map list. Bounded: each evaluation by the language's own limit, all together by BUDGET_SECONDS.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/cel. Left out: costs estimated when the definition is
written; formats date-time, duration and byte stay texts, so say timestamp(self.when).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apiserver.apiextensions.structural import Structural
from apiserver.apiextensions.validation import NOWHERE
from apiserver.cel import CompileError, EvaluationError, compile
from machinery.api.errors import FieldError
from machinery.api.field_errors import OMITTED

Doc = dict[str, Any]
Rule = dict[str, Any]
BUDGET_SECONDS = 1.0
NAMES = ("self", "oldSelf")
OPTIONAL_NAMES = ("self", "oldSelf__", "hasOldSelf__")
_OLD = re.compile(r"\boldSelf\b")
_OPTIONAL_OLD = "(hasOldSelf__ ? optional.of(oldSelf__) : optional.none())"
_ABSENT: Any = object()
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
    """One object's validation."""

    ends: float = field(default_factory=lambda: time.monotonic() + BUDGET_SECONDS)

    @property
    def over(self) -> bool:
        return time.monotonic() > self.ends


def errors(new: Any, old: Any, schema: Structural) -> list[FieldError]:
    """All broken rules of a whole object; `old` is None on create."""
    run = _Run()
    found = list(_errors(new, _ABSENT if old is None else old, schema, ("", run)))
    return [*found, FieldError.forbidden(NOWHERE, _OUT_OF_BUDGET)] if run.over else found


def _errors(new: Any, old: Any, schema: Structural, place: tuple[str, _Run]) -> Iterator[FieldError]:
    path, run = place
    for rule in rules_of(schema):
        if not run.over:
            yield from _broken(rule, (new, old), schema, path)
    for name, value, before, below in _below(new, old, schema):
        where = f"{path}{name}" if name.startswith("[") else f"{path}.{name}".lstrip(".")
        yield from _errors(value, before, below, (where, run))


def _below(new: Any, old: Any, schema: Structural) -> Iterator[tuple[str, Any, Any, Structural]]:
    """The parts of a value that have schemas, each with its path and with what it was."""
    if isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        for name, value in new.items():
            below = schema.below(name)
            if below is not None:
                label = name if name in schema.properties else f"[{name}]"
                yield label, value, before.get(name, _ABSENT), below
    elif isinstance(new, list) and schema.items is not None:
        known = _by_keys(old, schema) if isinstance(old, list) and schema.list_type == "map" else {}
        for index, item in enumerate(new):
            yield f"[{index}]", item, known.get(_keys(item, schema), _ABSENT), schema.items


def _by_keys(items: list[Any], schema: Structural) -> dict[Any, Any]:
    return {_keys(item, schema): item for item in items}


def _keys(item: Any, schema: Structural) -> Any:
    return repr([item.get(key) for key in schema.list_keys]) if isinstance(item, dict) else repr(item)


def _broken(rule: Rule, values: tuple[Any, Any], schema: Structural, path: str) -> Iterator[FieldError]:
    """The rule's error, if it does not hold."""
    new, old = values
    text, optional = rule["rule"], bool(rule.get("optionalOldSelf"))
    if old is _ABSENT and not optional and _OLD.search(text):
        return
    known = _variables(new, old, schema, optional=optional)
    where = path + (rule.get("fieldPath") or "")
    where = where.lstrip(".") or NOWHERE
    try:
        if compile(_with_optional(text, optional), _names(optional)).evaluate(known) is not True:
            yield _error(rule, where, schema, _message(rule, known))
    except (CompileError, EvaluationError) as error:
        yield FieldError.invalid(where, schema.type or "object", f"{error} evaluating rule: {_told(rule)}")


def _names(optional: bool) -> tuple[str, ...]:
    return OPTIONAL_NAMES if optional else NAMES


def _with_optional(text: str, optional: bool) -> str:
    return _OLD.sub(_OPTIONAL_OLD, text) if optional else text


def _variables(new: Any, old: Any, schema: Structural, *, optional: bool) -> Doc:
    before = None if old is _ABSENT else visible(old, schema)
    known = {"self": visible(new, schema)}
    return known | ({"oldSelf__": before, "hasOldSelf__": old is not _ABSENT} if optional else {"oldSelf": before})


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
