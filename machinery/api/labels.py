"""Label selectors: `app=web,tier in (a, b),!canary`.

Pure. `parse` reads the query string, `from_label_selector` the object inside a spec; a Selector matches dicts of
labels and prints itself back. A text that cannot be understood raises BadRequest, in the API server's words.
In Kubernetes: k8s.io/apimachinery/pkg/labels. Left out: nothing that a client can ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from machinery.api import names
from machinery.api.errors import BadRequest
from machinery.api.field_errors import FieldError, joined, quote

if TYPE_CHECKING:
    from machinery.api.meta.v1 import LabelSelector

_BINARY = ("in", "notin", "=", "==", "!=", "gt", "lt")
_SYMBOLS = {"=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt", "in": "in", "notin": "notin"}
_WRITTEN = {"in": " in ", "notin": " notin ", "gt": ">", "lt": "<"}
_SET_BASED = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


class _Unreadable(ValueError):
    """What is wrong with a selector's text."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one key. op: = == != in notin exists ! gt lt."""

    key: str
    op: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.op in ("=", "==", "in"):
            return value in self.values if value is not None else False
        if self.op in ("!=", "notin"):
            return value is None or value not in self.values
        if self.op in ("exists", "!"):
            return (value is not None) == (self.op == "exists")
        return value is not None and _beyond(value, self.op, self.values[0])

    def __str__(self) -> str:
        if self.op in ("exists", "!"):
            return ("!" if self.op == "!" else "") + self.key
        values = ",".join(sorted(self.values))
        return self.key + _WRITTEN.get(self.op, self.op) + (f"({values})" if self.op in ("in", "notin") else values)


def _beyond(value: str, op: str, bound: str) -> bool:
    if not (_is_integer(value) and _is_integer(bound)):
        return False
    return int(value) > int(bound) if op == "gt" else int(value) < int(bound)


def _is_integer(text: str) -> bool:
    return bool(re.fullmatch("[+-]?[0-9]+", text)) and -(2**63) <= int(text) < 2**63


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements must hold; none at all matches everything. `selectable` False matches nothing."""

    requirements: tuple[Requirement, ...] = ()
    selectable: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        return self.selectable and all(requirement.matches(labels) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """True where it matches everything."""
        return self.selectable and not self.requirements

    def exact(self, key: str) -> str | None:
        """The only value that `key` may have, where there is just one: lets an index answer."""
        for requirement in self.requirements:
            if requirement.key == key:
                one = requirement.op in ("=", "==", "in") and len(requirement.values) == 1
                return requirement.values[0] if one else None
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


_EVERYTHING, _NOTHING = Selector(), Selector(selectable=False)


def everything() -> Selector:
    return _EVERYTHING


def nothing() -> Selector:
    return _NOTHING


def from_labels(labels: Mapping[str, str]) -> Selector:
    """Matches objects that have all these labels: a Service's or a ReplicationController's selector."""
    return _sorted(Requirement(key, "=", (value,)) for key, value in labels.items())


def from_label_selector(selector: LabelSelector | None) -> Selector:
    """The selector of a spec: None matches nothing, an empty one everything. Unknown operators raise BadRequest."""
    if selector is None:
        return _NOTHING
    found = [Requirement(key, "=", (value,)) for key, value in selector.match_labels.items()]
    for expression in selector.match_expressions:
        if expression.operator not in _SET_BASED:
            raise BadRequest(f"{quote(expression.operator)} is not a valid label selector operator")
        op = _SET_BASED[expression.operator]
        found.append(_checked(Requirement(expression.key, op, tuple(sorted(set(expression.values))))))
    return _sorted(found)


def _sorted(requirements: Iterable[Requirement]) -> Selector:
    return Selector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector:
    """Reads the query-string form. Raises BadRequest."""
    try:
        return _sorted(_Parser(text).requirements())
    except _Unreadable as why:
        raise BadRequest(str(why)) from None


def _checked(requirement: Requirement) -> Requirement:
    """The same requirement. Raises BadRequest for a key, a value or a number of values that cannot be."""
    complaints = list(_complaints(requirement))
    if complaints:
        raise BadRequest(joined(complaints))
    return requirement


def _complaints(requirement: Requirement) -> Iterable[FieldError]:
    op, values = requirement.op, requirement.values
    if what := names.label_key(requirement.key):
        yield FieldError.invalid("key", requirement.key, "; ".join(what))
    if op in ("in", "notin") and not values:
        yield FieldError.invalid("values", list(values), "for 'in', 'notin' operators, values set can't be empty")
    if op in ("exists", "!") and values:
        yield FieldError.invalid("values", list(values), "values set must be empty for exists and does not exist")
    for index, value in enumerate(values):
        if op in ("gt", "lt") and not _is_integer(value):
            yield FieldError.invalid(f"values[{index}]", value,
                                     "for 'Gt', 'Lt' operators, the value must be an integer")
        if what := names.label_value(value):
            yield FieldError.invalid(f"values[{index}][{requirement.key}]", value, "; ".join(what))


_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+)")
_MARKS = frozenset(("", "=", "==", "!=", "!", "(", ")", ",", "<", ">"))


class _Parser:
    """Recursive descent over the tokens; the empty token ends the text."""

    def __init__(self, text: str) -> None:
        self.tokens = [*_TOKEN.findall(text), ""]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at]

    def next(self) -> str:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def requirements(self) -> Iterable[Requirement]:
        if self.peek() and self.peek() in _MARKS - {"!"}:
            raise _Unreadable(f"found '{self.peek()}', expected: !, identifier, or 'end of string'")
        while self.peek():
            yield self.requirement()
            separator = self.next()
            if separator not in ("", ","):
                raise _Unreadable(f"found '{separator}', expected: ',' or 'end of string'")
            if separator and self.peek() in _MARKS - {"!"}:
                raise _Unreadable(f"found '{self.peek()}', expected: identifier after ','")

    def requirement(self) -> Requirement:
        try:
            return _checked(self.condition())
        except (_Unreadable, BadRequest) as why:
            raise _Unreadable(f"unable to parse requirement: {why}") from None

    def condition(self) -> Requirement:
        absent = self.peek() == "!"
        if absent:
            self.next()
        key = self.next()
        if key in _MARKS:
            raise _Unreadable(f"found '{key}', expected: identifier")
        if what := names.label_key(key):
            raise _Unreadable(str(FieldError.invalid("<nil>", key, "; ".join(what))))
        if absent or self.peek() in ("", ","):
            return Requirement(key, "!" if absent else "exists")
        return self.comparison(key)

    def comparison(self, key: str) -> Requirement:
        symbol = self.next()
        if symbol not in _SYMBOLS:
            raise _Unreadable(f"found '{symbol}', expected: {', '.join(_BINARY)}")
        op = _SYMBOLS[symbol]
        values = set(self.value_set()) if op in ("in", "notin") else {self.value()}
        return Requirement(key, op, tuple(sorted(values)))

    def value(self) -> str:
        """One value; nothing at all is the empty value."""
        if self.peek() in ("", ","):
            return ""
        if self.peek() in _MARKS:
            raise _Unreadable(f"found '{self.peek()}', expected: identifier")
        return self.next()

    def value_set(self) -> Iterable[str]:
        """`(a, b)`; an empty place between commas or brackets is the empty value."""
        if (opening := self.next()) != "(":
            raise _Unreadable(f"found '{opening}' expected: '('")
        if self.peek() in _MARKS - {",", ")"}:
            raise _Unreadable(f"found '{self.peek()}', expected: ',', ')' or identifier")
        while True:
            token = self.next()
            if token not in _MARKS:
                yield token
                token = self.next()
                if token not in (",", ")"):
                    raise _Unreadable(f"found '{token}', expected: ',' or ')'")
            elif token in (",", ")"):
                yield ""
            else:
                raise _Unreadable(f"found '{token}', expected: ',', or identifier")
            if token == ")":
                return
