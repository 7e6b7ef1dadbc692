"""How much an expression may cost: refused before it runs, when its loops look again and again at large data.

Loops end by themselves after LONGEST turns. But one that names a variable of the outside, as in
`object.items.all(i, object.text.contains(i))`, pays for all of that variable in each turn, and one that makes a list
(`map`, `filter`) for the whole list so far. `depth` finds that in the compiled expression once; `too_much` multiplies
it with the size of the values. Expressions that do nothing of the kind cost nothing more.
Real Kubernetes: cel-go counts the cost of each step while it runs; the limit is the same tenth of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from machinery.api.wire import fields

LONGEST = 10_000
"""The library's own limit of turns, of all loops of one expression together."""
MOST_PARTS = 2_000_000
MOST_LETTERS = 200_000_000
EXCEEDED = "operation cancelled: actual cost limit exceeded"
_CHECKED, _EXPRESSION = 2, 4
"""Any.value, CheckedExpr.expr."""
_IDENTIFIER, _LIST, _LOOP = 4, 7, 9
_PARTS_BELOW = {5: (1,), 6: (1, 3), _LIST: (1,), 8: (2,)}
"""Select.operand; Call.target and .args; CreateList.elements; CreateStruct.entries."""
_ENTRY = (3, 4)
_NAME, _RANGE, _BEFORE, _INSIDE, _RESULT = (1, 3), 2, 4, (5, 6), 7


def depth(serialized: bytes) -> int:
    """How many loops there are around what is costly: a variable that no loop made, a list that grows. 0: none."""
    whole = _all(serialized, _CHECKED)[0]
    return max(_depths(_all(whole, _EXPRESSION)[0], frozenset(), 0), default=0)


def _all(data: bytes, *numbers: int) -> list[bytes]:
    return [value for number, value in fields(data) if number in numbers]


def _depths(node: bytes, own: frozenset[bytes], around: int) -> Iterator[int]:
    """Of everything costly in this part of the tree; `own`: variables that loops made."""
    for number, value in fields(node):
        if number == _IDENTIFIER:
            (name,) = _all(value, 1) or [b""]
            if name not in own:
                yield around
        elif number == _LOOP:
            yield from _of_loop(value, own, around)
        elif number in _PARTS_BELOW:
            for part in _all(value, *_PARTS_BELOW[number]):
                for below in _all(part, *_ENTRY) if number == 8 else (part,):
                    yield from _depths(below, own, around)


def _of_loop(loop: bytes, own: frozenset[bytes], around: int) -> Iterator[int]:
    names = own | set(_all(loop, *_NAME))
    for part in _all(loop, _RANGE, _BEFORE):
        yield from _depths(part, own, around)
    if any(number == _LIST for part in _all(loop, _BEFORE) for number, _ in fields(part)):
        yield around + 1
    for part in _all(loop, *_INSIDE):
        yield from _depths(part, names, around + 1)
    for part in _all(loop, _RESULT):
        yield from _depths(part, names, around)


class Size(NamedTuple):
    """Of values: how many parts they have, how many the widest list or map has, how long the longest text is."""

    parts: int
    widest: int
    longest: int


def size_of(value: Any) -> Size:
    parts, widest, longest, waiting = 0, 0, 0, [value]
    while waiting:
        each = waiting.pop()
        parts += 1
        if isinstance(each, str):
            longest = max(longest, len(each))
        elif isinstance(each, Mapping | list):
            widest = max(widest, len(each))
            waiting.extend(each.values() if isinstance(each, Mapping) else each)
    return Size(parts, widest, longest)


def too_much(loops: int, values: Mapping[str, Any]) -> bool:
    """Whether an expression of such a depth is not to be run over these values."""
    size = size_of(values)
    turns = min(size.widest**loops, LONGEST)
    return turns * size.parts > MOST_PARTS or turns * size.longest > MOST_LETTERS
