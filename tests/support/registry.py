"""A strategy at work without a server: what a store would make of an object, and what it would say of it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from apiserver.registry.strategy import Strategy

Doc = dict[str, Any]
NOW = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
BORN = "2026-01-01T00:57:26Z"
UID = "11111111-2222-3333-4444-555555555555"


def created(strategy: Strategy, obj: Doc) -> Doc:
    """The object as it would be stored, whatever is wrong with it."""
    doc = _canonical(strategy, obj)
    meta = doc.setdefault("metadata", {})
    meta |= {"name": meta.get("name", "x"), "uid": UID, "creationTimestamp": BORN}
    strategy.default(doc)
    strategy.prepare_for_create(doc)
    return _canonical(strategy, doc)


def errors_of(strategy: Strategy, obj: Doc) -> list[str]:
    """What is wrong with a new object."""
    return [str(error) for error in strategy.validate(strategy.model.from_dict(created(strategy, obj)))]


def updated(strategy: Strategy, old: Doc, new: Doc, subresource: str = "") -> Doc:
    """The object after an update, whatever is wrong with it."""
    doc = _canonical(strategy, new)
    doc["metadata"] = {**old["metadata"], **doc.get("metadata", {})}
    strategy.default(doc)
    strategy.prepare(subresource, doc, copy.deepcopy(old))
    return _canonical(strategy, doc)


def update_errors_of(strategy: Strategy, old: Doc, new: Doc, subresource: str = "") -> list[str]:
    """What is wrong with an update."""
    doc = updated(strategy, old, new, subresource)
    check, model = strategy.validation(subresource), strategy.model
    return [str(error) for error in check(model.from_dict(doc), model.from_dict(old))]


def row_of(strategy: Strategy, obj: Doc) -> list[Any]:
    """The cells of an object, as many as there are columns."""
    doc = {**obj, "metadata": {"name": "x", "creationTimestamp": BORN, **obj.get("metadata", {})}}
    cells = strategy.row(strategy.model.from_dict(doc), NOW)
    assert len(cells) == len(strategy.columns)
    return cells


def changed(obj: Doc, path: str, value: Any) -> Doc:
    """A copy of an object with one field set, or, with None, taken away: `spec.template.spec.containers.0.name`."""
    copied = copy.deepcopy(obj)
    *parents, last = path.split(".")
    place: Any = copied
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if value is None:
        place.pop(last, None)
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return copied


def _canonical(strategy: Strategy, doc: Doc) -> Doc:
    return strategy.model.from_dict(doc).to_dict()
