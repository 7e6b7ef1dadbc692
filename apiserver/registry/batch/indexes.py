"""Lists of a job's indexes: `0-3,5,7-9`. Pure. Real Kubernetes: validateIndexesFormat in pkg/apis/batch/validation."""

from __future__ import annotations

import re

from machinery.api.field_errors import quote


class BadIndexes(ValueError):
    """What is wrong with a list."""


def intervals(text: str, completions: int) -> list[tuple[int, int]]:
    """The list as pairs of first and last, in rising order. Raises BadIndexes."""
    found: list[tuple[int, int]] = []
    for part in text.split(",") if text else ():
        first, last = _interval(part, completions)
        if found and found[-1][1] >= first:
            raise BadIndexes(f"non-increasing order, previous: {found[-1][1]}, current: {first}")
        found.append((first, last))
    return found


def count(text: str, completions: int) -> int:
    """How many indexes are listed."""
    return sum(last - first + 1 for first, last in intervals(text, completions))


def overlap(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> int | None:
    """The first index that both lists have."""
    common = [max(a, x) for a, b in one for x, y in other if a <= y and x <= b]
    return min(common, default=None)


def _interval(part: str, completions: int) -> tuple[int, int]:
    ends = part.split("-")
    if len(ends) > 2:
        raise BadIndexes(
            f"the fragment {quote(part)} violates the requirement that an index interval can have at most two parts "
            "separated by '-'"
        )
    first = _index(ends[0], completions)
    if len(ends) == 1:
        return first, first
    last = _index(ends[1], completions)
    if first >= last:
        raise BadIndexes(f"non-increasing order, previous: {first}, current: {last}")
    return first, last


def _index(text: str, completions: int) -> int:
    if not re.fullmatch("[+]?[0-9]+", text):
        raise BadIndexes(f"cannot convert string to integer for index: {quote(text)}")
    if int(text) >= completions:
        raise BadIndexes(f"too large index: {quote(text)}")
    return int(text)
