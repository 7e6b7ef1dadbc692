"""The fields that a configuration mentions: what an applier owns after it.

Pure. Every leaf is a member, and every item of a keyed list or key of a map; a struct's named fields are not members
by what is inside them (else two appliers could not share `spec`), only when they are empty.
In Kubernetes: structured-merge-diff's typed/tofieldset.go, and Set.EnsureNamedFieldsAreMembers.
"""

from __future__ import annotations

from typing import Any

from machinery.api.apply.compare import by_step
from machinery.api.apply.field_set import ITSELF, MEMBER, Fields, children, is_member, subtree_of
from machinery.api.apply.shapes import LIST, MAP, Shape


def fields_of(value: Any, shape: Shape) -> Fields:
    """The set of a whole value (an object, mostly)."""
    return _extracted(value, shape)[1]


def _extracted(value: Any, shape: Shape) -> tuple[bool, Fields]:
    """Whether the value is a member by itself, and its members."""
    shape = shape.concrete(value)
    if shape.atomic:
        return True, {}
    if shape.kind == MAP and isinstance(value, dict):
        return False, _of_map(value, shape)
    if shape.kind == LIST and isinstance(value, list):
        return False, _of_list(value, shape)
    return False, {}


def _of_map(value: dict[str, Any], shape: Shape) -> Fields:
    found: Fields = {}
    for name in sorted(value):
        item = value[name]
        member, below = _extracted(item, shape.member(name))
        member = member or item is None or item == {} or name not in shape.fields
        subtree = subtree_of(member, below)
        if subtree is not None:
            found[f"f:{name}"] = subtree
    return found


def _of_list(value: list[Any], shape: Shape) -> Fields:
    found: Fields = {}
    for step, items in sorted(by_step(value, shape).items()):
        below = _extracted(items[0], shape.item)[1] if len(items) == 1 else {}
        found[step] = subtree_of(True, below) or MEMBER
    return found


def with_named(fields: Fields, shape: Shape) -> Fields:
    """The set, with each named field on the way to a member as a member too."""
    result: Fields = {}
    for step, below in fields.items():
        if step == ITSELF:
            continue
        name = step[2:] if step[0] == "f" else None
        inner = with_named(below, _below(step, shape)) if below else {}
        member = is_member(below) or (name is not None and name in shape.fields)
        result[step] = subtree_of(member, children(inner)) or MEMBER
    return result


def _below(step: str, shape: Shape) -> Shape:
    if step[0] == "f":
        return shape.member(step[2:])
    return shape.item or shape
