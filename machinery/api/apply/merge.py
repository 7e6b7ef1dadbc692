"""A configuration laid over an object, and fields taken out of one.

Pure: documents in, a new document out. Merging removes nothing: a null for a list or map means nothing, a null for a
scalar clears it. A list's items keep their place; what the configuration orders otherwise takes its order.
In Kubernetes: structured-merge-diff's typed/merge.go and typed/remove.go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from machinery.api.apply.elements import NoElement, field_step, item_step
from machinery.api.apply.field_set import Fields, children, is_member
from machinery.api.apply.shapes import LIST, MAP, Shape


def merge(live: Any, config: Any, shape: Shape) -> Any:
    """The live value with the configuration's fields in it."""
    shape = shape.concrete(config, live)
    if shape.atomic or not (live or config):
        return config
    if shape.kind == MAP:
        return _merged_map(_as(live, dict), _as(config, dict), shape)
    if shape.kind == LIST:
        return _merged_list(_as(live, list), _as(config, list), shape)
    return config


def _as(value: Any, kind: type) -> Any:
    return value if isinstance(value, kind) else kind()


def _merged_map(live: dict[str, Any], config: dict[str, Any], shape: Shape) -> dict[str, Any]:
    merged = dict(live)
    for name, value in config.items():
        merged[name] = merge(live[name], value, shape.member(name)) if name in live else value
    return merged


def _merged_list(live: list[Any], config: list[Any], shape: Shape) -> list[Any]:
    """Both lists, walked at once. Items that only the live list has stay before their successors; the others come in
    the configuration's order. An item whose key is there twice is replaced as a whole."""
    ours = deque((_step(item, shape), item) for item in live)
    coming = deque((_step(item, shape), item) for item in config)
    wanted, known = {step for step, _ in coming}, _once(ours)
    due = deque(step for step, _ in coming if step in known)
    merged = []
    while ours or coming:
        step, item = ours[0] if ours else (None, None)
        if ours and step not in wanted:
            merged.append(item)
            ours.popleft()
        elif ours and (not coming or step != coming[0][0]) and (not due or step != due[0]):
            ours.popleft()
        else:
            taken, new = coming.popleft()
            base = known.get(taken)
            merged.append(new if base is None else merge(base, new, shape.item))
            if ours and taken == step:
                ours.popleft()
            if due and taken == due[0]:
                due.popleft()
    return merged


def _once(items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Items by step; None for a step that is there twice."""
    found: dict[Any, Any] = {}
    for step, item in items:
        found[step] = None if step in found else item
    return found


def _step(item: Any, shape: Shape) -> Any:
    """The item's step; an item without one equals only itself."""
    try:
        return item_step(item, shape)
    except NoElement:
        return id(item)


def remove(value: Any, unwanted: Fields, shape: Shape) -> Any:
    """The value without these fields; null where nothing is left of a map or list."""
    shape = shape.concrete(value)
    if not isinstance(value, dict | list) or not unwanted:
        return value
    if shape.atomic:
        return None
    if isinstance(value, dict):
        pairs = ((name, item, unwanted.get(field_step(name))) for name, item in value.items())
        kept = {name: _left(item, below, shape.member(name)) for name, item, below in pairs if not _goes(below)}
        return kept or None
    steps = ((item, unwanted.get(_step(item, shape))) for item in value)
    return [_left(item, below, shape.item) for item, below in steps if not _goes(below)] or None


def _goes(below: Fields | None) -> bool:
    return below is not None and is_member(below)


def _left(item: Any, below: Fields | None, shape: Shape | None) -> Any:
    return remove(item, children(below), shape) if below and shape is not None else item
