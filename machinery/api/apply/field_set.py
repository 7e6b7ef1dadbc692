"""Sets of fields, and their algebra, on FieldsV1 as it stands in managedFields: nothing to decode, nothing to encode.

A set is a tree of steps: `{"f:spec": {"f:replicas": {}}}` has one member, .spec.replicas. A step is itself a member
when its subtree is empty or holds ".": `{"f:labels": {".": {}, "f:app": {}}}` has two. No subtree is ever without a
member. Sets are shared, never changed: every operation answers a new tree, with the untouched branches of the old.
In Kubernetes: structured-merge-diff's fieldpath.Set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from machinery.api.apply.elements import field_step, normal, order, shown

Fields = dict[str, Any]
Path = tuple[str, ...]
MEMBER: Fields = {}
ITSELF = "."


def is_member(subtree: Mapping[str, Any]) -> bool:
    """Whether a step with this subtree is a member, not only the way to one."""
    return not subtree or ITSELF in subtree


def children(subtree: Fields) -> Fields:
    """What is below a step, without the step itself."""
    if ITSELF not in subtree:
        return subtree
    return {step: below for step, below in subtree.items() if step != ITSELF}


def subtree_of(member: bool, below: Fields) -> Fields | None:
    """A step's subtree from its two halves; None when there is nothing to keep."""
    if below:
        return {ITSELF: MEMBER, **below} if member else below
    return MEMBER if member else None


def union(one: Fields, other: Fields) -> Fields:
    """Members of either; the first itself when it has them all."""
    if not one:
        return in_order(other)
    merged, grown = one, False
    for step, theirs in other.items():
        ours = one.get(step)
        both = in_order(theirs) if ours is None else ours if ours is theirs else _united(ours, theirs)
        if both is not ours:
            merged = dict(one) if merged is one else merged
            merged[step] = both
            grown = grown or ours is None
    return sorted_level(merged) if grown else merged


def _united(ours: Fields, theirs: Fields) -> Fields:
    above, below = children(ours), children(theirs)
    both = union(above, below) if below else above
    member = is_member(ours) or is_member(theirs)
    if both is above and member is is_member(ours):
        return ours
    return subtree_of(member, both) or MEMBER


def difference(one: Fields, other: Fields) -> Fields:
    """Members of the first that are not in the second; a member's children are members of their own."""
    return _without(one, other, recursive=False)


def recursive_difference(one: Fields, other: Fields) -> Fields:
    """The first without the members of the second and all that is below them."""
    return _without(one, other, recursive=True)


def _without(one: Fields, other: Fields, *, recursive: bool) -> Fields:
    """The first itself when nothing goes."""
    kept = one
    for step, theirs in other.items():
        ours = one.get(step)
        if ours is None or step == ITSELF:
            continue
        left = _left(ours, theirs, recursive=recursive)
        if left is not ours:
            kept = dict(one) if kept is one else kept
            if left is None:
                del kept[step]
            else:
                kept[step] = left
    return kept


def _left(ours: Fields, theirs: Fields, *, recursive: bool) -> Fields | None:
    gone = is_member(theirs)
    if not ours or (gone and recursive):
        return None if gone else ours
    above = children(ours)
    below = _without(above, theirs, recursive=recursive)
    member = is_member(ours)
    if below is above and not (gone and member):
        return ours
    return subtree_of(member and not gone, below)


def intersection(one: Fields, other: Fields) -> Fields:
    """Members of both."""
    common: Fields = {}
    for step, ours in one.items():
        theirs = other.get(step) if step != ITSELF else None
        if theirs is not None:
            below = intersection(ours, theirs) if ours and theirs else {}
            kept = subtree_of(is_member(ours) and is_member(theirs), below)
            if kept is not None:
                common[step] = kept
    return common


def leaves(fields: Fields) -> Fields:
    """The members that have no members below them."""
    return {step: leaves(children(below)) if below else MEMBER for step, below in fields.items()}


def has(fields: Fields, path: Iterable[str]) -> bool:
    """Whether the path (of steps) is a member."""
    at: Fields | None = None
    for step in path:
        at = (fields if at is None else at).get(step)
        if at is None:
            return False
    return at is not None and is_member(at)


def of_paths(*paths: Iterable[str]) -> Fields:
    """The set of these paths of steps."""
    result: Fields = {}
    for path in paths:
        one: Fields = MEMBER
        for step in reversed(tuple(path)):
            one = {step: one}
        result = union(result, one)
    return result


def named(*dotted: str) -> Fields:
    """The set of these plain fields: `named("spec", "metadata.labels")`."""
    return of_paths(*([field_step(name) for name in path.split(".")] for path in dotted))


def paths(fields: Fields) -> Iterator[Path]:
    """Every member, in Kubernetes' order: those of a level first, then what is below them."""
    steps = sorted((step for step in fields if step != ITSELF), key=order)
    yield from ((step,) for step in steps if is_member(fields[step]))
    for step in steps:
        yield from ((step, *rest) for rest in paths(fields[step]))


def path_text(path: Iterable[str]) -> str:
    """`.spec.containers[name="web"].image`"""
    return "".join(map(shown, path))


def sorted_level(fields: Fields) -> Fields:
    return {step: fields[step] for step in sorted(fields)}


def in_order(fields: Fields) -> Fields:
    """The same set, its steps sorted: so that equal sets are equal texts."""
    try:
        return orjson.loads(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))
    except (TypeError, ValueError):  # deeper than orjson goes
        return _in_order(fields)


def _in_order(fields: Fields) -> Fields:
    return {step: _in_order(fields[step]) if fields[step] else MEMBER for step in sorted(fields)}


def checked(fields: Any) -> Fields:
    """A set from FieldsV1 that a client wrote, in our spelling. Raises ValueError."""
    if not isinstance(fields, Mapping):
        raise ValueError("fieldsV1 must be an object of objects")
    result: Fields = {}
    for step, below in fields.items():
        if step == ITSELF:
            continue
        inner = checked(below)
        member = is_member(below) or not inner
        result[normal(step)] = subtree_of(member, inner) or MEMBER
    return in_order(result)
