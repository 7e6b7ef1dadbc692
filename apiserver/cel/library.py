"""The functions that Kubernetes adds to CEL: of lists and regular expressions; see also values, formats, authorizer.

Pure. Real Kubernetes: k8s.io/apiserver/pkg/cel/library/{lists,regex}.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import re2

from apiserver.cel import authorizer, formats, values


def _find(text: str, pattern: str) -> str:
    found = re2.search(pattern, text)
    return found.group(0) if found else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [each.group(0) for each in re2.finditer(pattern, text)]
    return found if limit < 0 else found[:limit]


def _is_sorted(values: Sequence[Any]) -> bool:
    return all(left <= right for left, right in pairwise(values))


def _index(values: Sequence[Any], wanted: Any) -> int:
    return next((index for index, value in enumerate(values) if value == wanted), -1)


def _last_index(values: Sequence[Any], wanted: Any) -> int:
    return next((index for index in range(len(values) - 1, -1, -1) if values[index] == wanted), -1)


def functions(cel: Any) -> list[Any]:
    """Their declarations, for the library's module."""
    t = cel.Type
    rows: list[tuple[str, Callable[..., Any], Any, tuple[Any, ...]]] = [
        ("find", _find, t.STRING, (t.STRING, t.STRING)),
        ("findAll", _find_all, t.LIST, (t.STRING, t.STRING)),
        ("findAll", _find_all, t.LIST, (t.STRING, t.STRING, t.INT)),
        ("isSorted", _is_sorted, t.BOOL, (t.LIST,)),
        ("sum", sum, t.DYN, (t.LIST,)),
        ("min", min, t.DYN, (t.LIST,)),
        ("max", max, t.DYN, (t.LIST,)),
        ("indexOf", _index, t.INT, (t.LIST, t.DYN)),
        ("lastIndexOf", _last_index, t.INT, (t.LIST, t.DYN)),
    ]
    overloads: dict[str, list[Any]] = {}
    members = [*rows, *values.members_of(t), *formats.members_of(t), *authorizer.members_of(t)]
    for member, given in ((True, members), (False, [*values.globals_of(t), *formats.globals_of(t)])):
        for name, does, returns, takes in given:
            key = f"k8s_{'of_' * member}{name.replace('.', '_')}_{len(takes)}"
            one = cel.Overload(key, return_type=returns, parameters=takes, is_member=member, impl=does)
            overloads.setdefault(name, []).append(one)
    return [cel.FunctionDecl(name, given) for name, given in overloads.items()]
