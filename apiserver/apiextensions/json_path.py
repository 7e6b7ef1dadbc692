"""The JSON paths of definitions: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.a['b.c'][0]`.

Pure: `parse(text)` once, then `found(path, document)` gives every value it leads to.
Real Kubernetes: k8s.io/client-go/util/jsonpath. Left out: ranges, unions, `..` and functions.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson

Step = Callable[[Any], Iterator[Any]]
_STEP = re.compile(
    r"""\.(?P<every>\*)|\.(?P<name>(?:\\.|[^.\[\]'"\\*])+)|\.?\[(?P<index>-?\d+)\]|\.?\[(?P<all>\*)\]"""
    r"""|\.?\['(?P<quoted>[^']*)'\]|\.?\[\s*\?\s*\(\s*@(?P<left>\.[^=!<>\s]+)\s*(?P<op>[=!<>]=|[<>])\s*(?P<right>[^)]*?)\s*\)\s*\]"""
)
_COMPARE = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le,
            ">=": operator.ge}  # fmt: skip


@lru_cache(maxsize=1024)
def parse(text: str) -> tuple[Step, ...]:
    """The steps of a path; ValueError for what is none."""
    steps, at = [], 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"unrecognized path {text!r} at {at}")
        steps.append(_step(match))
        at = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    parts = match.groupdict()
    if parts["every"] or parts["all"]:
        return lambda value: iter(value.values() if isinstance(value, dict) else value if _is_list(value) else ())
    if parts["index"] is not None:
        return _at(int(parts["index"]))
    if parts["left"] is not None:
        return _filter(parse(parts["left"]), _COMPARE[parts["op"]], _literal(parts["right"]))
    name = parts["quoted"] if parts["quoted"] is not None else re.sub(r"\\(.)", r"\1", parts["name"])
    return lambda value: iter((value[name],) if isinstance(value, dict) and name in value else ())


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _at(index: int) -> Step:
    return lambda value: iter((value[index],) if _is_list(value) and -len(value) <= index < len(value) else ())


def _literal(text: str) -> Any:
    if text[:1] == text[-1:] == "'":
        return text[1:-1]
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _filter(left: tuple[Step, ...], compare: Callable[[Any, Any], bool], right: Any) -> Step:
    def holds(item: Any) -> bool:
        for value in found(left, item):
            try:
                return compare(value, right)
            except TypeError:
                return False
        return False

    return lambda value: iter([item for item in value if holds(item)] if _is_list(value) else ())


def found(path: tuple[Step, ...], document: Any) -> list[Any]:
    """Every value at the end of the path."""
    values = [document]
    for step in path:
        values = [inner for value in values for inner in step(value)]
    return values


def first(text: str, document: Any) -> Any:
    """The first value at the end of a path, or None."""
    return next(iter(found(parse(text), document)), None)


def names(text: str) -> tuple[str, ...]:
    """The names of a path that has nothing but names: `.spec.replicas` -> spec, replicas."""
    return tuple(part for part in text.split(".") if part)


def put(document: dict[str, Any], text: str, value: Any) -> dict[str, Any]:
    """The document with a value at the end of a path of names; what is above it is made anew."""
    return _put(document, names(text), value)


def _put(document: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    inside = document if isinstance(document, dict) else {}
    return {**inside, path[0]: _put(inside.get(path[0]), path[1:], value)}
