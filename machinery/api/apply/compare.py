"""What differs between two versions of an object, as three sets: fields added, modified, removed.

Pure. Branches that are equal are passed over without a look inside: a status patch costs what the status costs.
Lists with keys are compared item by item whatever their order; atomic values are one field, modified or not.
What is added or removed counts with all that is inside it, and itself.
In Kubernetes: structured-merge-diff's typed/compare.go.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from machinery.api.apply.elements import NoElement, item_step
from machinery.api.apply.field_set import ITSELF, MEMBER, Fields, in_order, union
from machinery.api.apply.shapes import LIST, MAP, Shape, struct
from machinery.api.model import Model

Document = dict[str, Any]
_ABSENT: Any = object()
_BRANCHES = (dict, list)
NEVER_OWNED = frozenset((
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields",
    "resourceVersion",
))  # fmt: skip
_ELSEWHERE = frozenset(("apiVersion", "kind", "metadata"))


class Comparison(NamedTuple):
    """Three sets without a common member."""

    added: Fields
    modified: Fields
    removed: Fields

    @property
    def written(self) -> Fields:
        """What the new object has and the old did not have so; its steps sorted."""
        return union(in_order(self.modified), self.added)


_EQUAL = Comparison({}, {}, {})


def compare_objects(old: Document, new: Document, model: type[Model]) -> Comparison:
    """Compare two objects of a kind, but for what nobody owns: their type, name, and what the server keeps."""
    found = _Found()
    shape = struct(model)
    _compare_members(old, new, shape, found, skipped=_ELSEWHERE)
    meta, inner = shape.member("metadata"), _Found()
    _compare_members(old.get("metadata") or {}, new.get("metadata") or {}, meta, inner, skipped=NEVER_OWNED)
    found.put("f:metadata", inner)
    return Comparison(found.added, found.modified, found.removed)


def compare(old: Any, new: Any, shape: Shape) -> Comparison:
    """Compare two values that are both there."""
    if old == new:
        return _EQUAL
    found = _differ(old, new, shape)
    return Comparison(*(branch or {} for branch in (found.added, found.modified, found.removed)))


def everything(value: Any, shape: Shape) -> Fields:
    """The subtree of a value that came or went: each step inside is a member, and so is the value."""
    if shape.atomic or not value:
        return MEMBER
    shape = shape.concrete(value)
    inside: Fields = {ITSELF: MEMBER}
    if shape.atomic:
        return MEMBER
    if isinstance(value, dict):
        for name, item in value.items():
            inside[f"f:{name}"] = everything(item, shape.member(name)) if type(item) in _BRANCHES else MEMBER
    elif isinstance(value, list):
        for step, items in by_step(value, shape).items():
            inside[step] = everything(items[0], shape.item) if len(items) == 1 else MEMBER
    return inside if len(inside) > 1 else MEMBER


class _Found:
    """Three trees that grow. Only here are trees changed, before anybody else sees them."""

    __slots__ = ("added", "modified", "removed")

    def __init__(self) -> None:
        self.added: Fields = {}
        self.modified: Fields = {}
        self.removed: Fields = {}

    def put(self, step: str, inner: _Found) -> None:
        """What was found below a step."""
        if inner.added:
            self.added[step] = inner.added
        if inner.modified:
            self.modified[step] = inner.modified
        if inner.removed:
            self.removed[step] = inner.removed


def _differ(old: Any, new: Any, shape: Shape) -> _Found:
    """Look inside two different values, neither of them a leaf."""
    found, shape = _Found(), shape.concrete(old, new)
    if shape.kind == MAP:
        _compare_members(_map(old), _map(new), shape, found)
    elif shape.kind == LIST:
        _compare_items(_list(old), _list(new), shape, found)
    return found


def _map(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _compare_members(
    old: Document, new: Document, shape: Shape, found: _Found, *, skipped: frozenset[str] = frozenset()
) -> None:
    for name, value in new.items():
        before = old.get(name, _ABSENT)
        if name in skipped or before == value:
            continue
        if before is _ABSENT:
            found.added[f"f:{name}"] = everything(value, shape.member(name))
        else:
            _compare_both(f"f:{name}", (before, value), shape.member(name), found)
    for name, before in old.items():
        if name not in new and name not in skipped:
            found.removed[f"f:{name}"] = everything(before, shape.member(name))


def _compare_both(step: str, pair: tuple[Any, Any], shape: Shape, found: _Found) -> None:
    """Two different values that are both there."""
    old, new = pair
    if shape.atomic or not (old or new):
        found.modified[step] = MEMBER
        return
    before, after = shape.concrete(old, new), shape.concrete(new, old)
    if before.kind != after.kind:
        _compare_kinds(step, pair, (before, after), found)
    elif after.atomic:
        found.modified[step] = MEMBER
    else:
        found.put(step, _differ(old, new, after))


def _compare_kinds(step: str, pair: tuple[Any, Any], shapes: tuple[Shape, Shape], found: _Found) -> None:
    """A value that no class describes became one of another kind: modified, and what was inside came or went."""
    found.modified[step] = MEMBER
    for value, shape, tree in zip(pair, shapes, (found.removed, found.added), strict=True):
        inside = {key: below for key, below in everything(value, shape).items() if key != ITSELF}
        if inside:
            tree[step] = inside


def by_step(items: list[Any], shape: Shape) -> dict[str, list[Any]]:
    """Items under their steps, more than one where keys repeat; what has no step cannot be owned."""
    found: dict[str, list[Any]] = {}
    for item in items:
        try:
            found.setdefault(item_step(item, shape), []).append(item)
        except NoElement:
            continue
    return found


def _compare_items(old: list[Any], new: list[Any], shape: Shape, found: _Found) -> None:
    item = shape.item
    before, after = by_step(old, shape), by_step(new, shape)
    for step in before | after:
        was, now = before.get(step, ()), after.get(step, ())
        if was == now:
            continue
        if len(was) > 1 or len(now) > 1:
            _compare_repeated(step, (was, now), item, found)
        elif not was:
            found.added[step] = everything(now[0], item)
        elif not now:
            found.removed[step] = everything(was[0], item)
        else:
            _compare_both(step, (was[0], now[0]), item, found)


def _compare_repeated(step: str, pair: tuple[Any, Any], item: Shape, found: _Found) -> None:
    """Items with one key in common: together they are one atomic field."""
    was, now = pair
    if len(was) > 1 and len(now) > 1:
        found.modified[step] = MEMBER
        return
    if len(was) > 1:
        found.removed[step] = MEMBER
        if now:
            found.added[step] = everything(now[0], item)
        return
    found.added[step] = MEMBER
    if was:
        found.removed[step] = everything(was[0], item)
