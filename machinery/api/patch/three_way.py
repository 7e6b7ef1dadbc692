"""The patch that `apply` sends: from what was applied last, what is wanted now, and what is live.

Pure. A field that is wanted and differs is set; a field that was applied and is wanted no more is removed; what others
set stays. With a class, lists are compared by their merge keys and the result is a strategic merge patch; without one
it is a JSON merge patch. In Kubernetes: strategicpatch.CreateThreeWayMergePatch and jsonmergepatch.
"""

from __future__ import annotations

from typing import Any

from machinery.api.model import FieldFact, Model

Document = dict[str, Any]


def three_way(before: Document, wanted: Document, live: Document, model: type[Model] | None) -> Document:
    """The patch that turns live into wanted; empty when there is nothing to do."""
    return _map_patch(before, wanted, live, model)


def _map_patch(before: Document, wanted: Document, live: Document, model: type[Model] | None) -> Document:
    facts = model.fields_table() if model else {}
    patch: Document = {name: None for name in before if wanted.get(name) is None and live.get(name) is not None}
    for name, value in wanted.items():
        if value is not None:
            patch.update(_member_patch(name, (before.get(name), value, live.get(name)), facts.get(name)))
    return patch


def _member_patch(name: str, values: tuple[Any, Any, Any], fact: FieldFact | None) -> Document:
    """What the patch says of one member: nothing when it is as wanted."""
    before, wanted, live = values
    if isinstance(wanted, dict) and isinstance(live, dict):
        inner = _map_patch(_as_map(before), wanted, live, _nested(fact))
        if inner and fact is not None and "retainKeys" in (fact.merge or ""):
            inner["$retainKeys"] = sorted(key for key, value in wanted.items() if value is not None)
        return {name: inner} if inner else {}
    if isinstance(wanted, list) and isinstance(live, list) and fact is not None and "merge" in (fact.merge or ""):
        return _list_patch(name, (before if isinstance(before, list) else [], wanted, live), fact)
    return {} if wanted == live else {name: wanted}


def _list_patch(name: str, values: tuple[list[Any], list[Any], list[Any]], fact: FieldFact) -> Document:
    if fact.merge_key is None or not all(isinstance(item, dict) for item in (*values[1], *values[2])):
        return _primitive_patch(name, values)
    before, wanted, live = ({item.get(fact.merge_key): item for item in items} for items in values)
    items = []
    for key, item in wanted.items():
        change = _map_patch(before.get(key, {}), item, live[key], fact.model) if key in live else item
        if change:
            items.append({**_retain(fact, item, key in live), **change, fact.merge_key: key})
    items += [{"$patch": "delete", fact.merge_key: key} for key in before if key not in wanted and key in live]
    if not items and _same_order(list(wanted), list(live)):
        return {}
    order = [{fact.merge_key: key} for key in wanted]
    return {f"$setElementOrder/{name}": order, **({name: items} if items else {})}


def _primitive_patch(name: str, values: tuple[list[Any], list[Any], list[Any]]) -> Document:
    before, wanted, live = values
    added = [item for item in wanted if item not in live]
    removed = [item for item in before if item not in wanted and item in live]
    patch: Document = {name: added} if added else {}
    if removed:
        patch[f"$deleteFromPrimitiveList/{name}"] = removed
    return {f"$setElementOrder/{name}": wanted, **patch} if patch else {}


def _retain(fact: FieldFact, item: Document, is_live: bool) -> Document:
    """One-of members, such as a volume's source: those that are not wanted go."""
    keeps = is_live and "retainKeys" in (fact.merge or "")
    return {"$retainKeys": sorted(key for key, value in item.items() if value is not None)} if keeps else {}


def _same_order(wanted: list[Any], live: list[Any]) -> bool:
    return wanted == [key for key in live if key in wanted]


def _as_map(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _nested(fact: FieldFact | None) -> type[Model] | None:
    """The class of a struct's members; the members of a map have no facts."""
    return fact.model if fact is not None and not fact.type.startswith("map<") else None
