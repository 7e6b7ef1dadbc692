"""JSONPath as kubectl knows it: `{.items[*].metadata.name}`, ranges, filters, unions, slices, `..name`.

Pure. `render(template, document)` gives the text; `find(path, document)` the values. In real Kubernetes:
client-go/util/jsonpath. Left out: escapes other than those of JSON strings.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Step = Callable[[Any], Iterator[Any]]

BRACES = re.compile(r"\{((?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^{}'\"])*)\}")
TOKEN = re.compile(
    r"(?P<deep>\.\.)|\.?\[\?\((?P<filter>(?:'[^']*'|\"[^\"]*\"|[^)'\"])*)\)\]|\.?\[(?P<inside>(?:'[^']*'|\"[^\"]*\"|[^\]])*)\]"
    r"|\.?(?P<star>\*)|\.?(?P<name>(?:\\.|[\w$/-])+)|(?P<dot>\.)"
)
CONDITION = re.compile(r"\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*")
COMPARE = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
           ">=": operator.ge}  # fmt: skip


class BadPath(ValueError):
    """A template that cannot be read."""


def render(template: str, document: Any) -> str:
    """The template with every `{…}` replaced."""
    return "".join(_parts(_pieces(template), document, document))


def find(path: str, document: Any) -> list[Any]:
    """Every value at a path such as `.spec.containers[*].name`."""
    values = [document]
    for step in _steps(path.strip().removeprefix("$").removeprefix("@")):
        values = [found for value in values for found in step(value)]
    return values


def _pieces(template: str) -> list[tuple[bool, str]]:
    """Text and expressions in order; (True, …) is an expression."""
    pieces, at = [], 0
    for match in BRACES.finditer(template):
        pieces += [(False, template[at : match.start()]), (True, match[1].strip())]
        at = match.end()
    if "{" in template[at:]:
        raise BadPath("unclosed action")
    return [*pieces, (False, template[at:])]


def _parts(pieces: Sequence[tuple[bool, str]], root: Any, here: Any) -> Iterator[str]:
    index = 0
    while index < len(pieces):
        expression, text = pieces[index]
        index += 1
        if not expression:
            yield text
        elif text.startswith("range"):
            end = _end(pieces, index)
            for value in _values(text[5:], root, here):
                yield from _parts(pieces[index:end], root, value)
            index = end + 1
        elif text[:1] in "'\"" and text:
            yield json.loads('"' + text[1:-1].replace("\\'", "'") + '"')
        else:
            yield " ".join(shown(value) for value in _values(text, root, here))


def _end(pieces: Sequence[tuple[bool, str]], start: int) -> int:
    """Where the range that began before start is closed."""
    depth = 0
    for index in range(start, len(pieces)):
        expression, text = pieces[index]
        if expression and text.startswith("range"):
            depth += 1
        elif expression and text == "end":
            if not depth:
                return index
            depth -= 1
    raise BadPath("unterminated range")


def _values(path: str, root: Any, here: Any) -> list[Any]:
    return find(path, root if path.strip().startswith("$") else here)


def shown(value: Any) -> str:
    """Text as it is, everything else as JSON with sorted keys, as Go writes maps."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _steps(path: str) -> list[Step]:
    steps: list[Step] = []
    at = 0
    while at < len(path):
        match = TOKEN.match(path, at)
        if not match or match.end() == at:
            raise BadPath(f"unrecognized character in action: {path[at:]}")
        at = match.end()
        if match["deep"]:
            steps.append(_deep)
        elif match["filter"] is not None:
            steps.append(_filter(match["filter"]))
        elif match["inside"] is not None:
            steps.append(_union(match["inside"]))
        elif match["star"]:
            steps.append(_children)
        elif match["name"]:
            steps.append(_field(re.sub(r"\\(.)", r"\1", match["name"])))
    return steps


def _field(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _children(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _deep(value: Any) -> Iterator[Any]:
    yield value
    for child in _children(value):
        yield from _deep(child)


def _union(inside: str) -> Step:
    parts = [_selector(part.strip()) for part in inside.split(",")]

    def step(value: Any) -> Iterator[Any]:
        for part in parts:
            yield from part(value)

    return step


def _selector(text: str) -> Step:
    if text == "*":
        return _children
    if text[:1] in "'\"":
        return _field(text[1:-1])
    if not re.fullmatch(r"-?\d*(?::-?\d*)?(?::\d*)?", text):
        raise BadPath(f"invalid array index {text}")
    numbers = [int(part) if part else None for part in text.split(":")]

    def step(value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            return
        if len(numbers) > 1:
            yield from value[slice(*numbers)]
        elif -len(value) <= (numbers[0] or 0) < len(value):
            yield value[numbers[0] or 0]

    return step


def _filter(text: str) -> Step:
    condition = CONDITION.fullmatch(text)

    def step(value: Any) -> Iterator[Any]:
        for child in value if isinstance(value, list) else ():
            if not condition:
                if find(text, child):
                    yield child
                continue
            left, right = _operand(condition[1], child), _operand(condition[3], child)
            if left and right and COMPARE[condition[2]](left[0], right[0]):
                yield child

    return step


def _operand(text: str, here: Any) -> list[Any]:
    if text[:1] == "@":
        return find(text, here)
    if text[:1] in "'\"":
        return [text[1:-1]]
    try:
        return [json.loads(text)]
    except json.JSONDecodeError as error:
        raise BadPath(f"unrecognized literal {text}") from error
