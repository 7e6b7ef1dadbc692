"""Strategic merge patch: a merge patch that knows, from the kind's class, which lists are sets keyed by a field.

Pure. `kubectl apply`, `edit`, `set image`, `rollout`, `taint` send these. Directives inside a patch: `$patch: delete |
replace | merge`, `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>`, `$retainKeys`.
In Kubernetes: apimachinery/pkg/util/strategicpatch. Left out: computing patches (kubectl does). Where Kubernetes
answers 500 for a patch that a client got wrong, this raises BadRequest with the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from machinery.api.errors import BadRequest, generic
from machinery.api.model import Model
from machinery.api.patch.go_text import cannot_unmarshal, printed, type_word

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_FROM = "$deleteFromPrimitiveList"
_ORDER = "$setElementOrder"
_DIRECTIVES = (_DIRECTIVE, _RETAIN, _DELETE_FROM, _ORDER)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is known of a value: its class, whether that is the class of a map's values, and how it merges."""

    model: type[Model] | None = None
    is_map: bool = False
    strategies: tuple[str, ...] = ()
    key: str = ""

    def of(self, name: str) -> _Shape:
        """The shape of a member."""
        if self.is_map or self.model is None:
            return _Shape(self.model)
        fact = self.model.fields_table().get(name)
        if fact is None:
            raise BadRequest(f"unable to find api field in struct {self.model.__name__} for the json field \"{name}\"")
        return _Shape(fact.model, fact.type.startswith("map<"), tuple((fact.merge or "").split(",")),
                      fact.merge_key or "")

    @property
    def items(self) -> _Shape:
        return _Shape(self.model)


def strategic_merge_patch(doc: dict[str, Any], patch: Any, model: type[Model]) -> dict[str, Any]:
    """The document with the patch merged in, after the merge keys of the model. Raises BadRequest or Invalid."""
    if patch is None:
        return doc
    if not isinstance(patch, dict):
        raise BadRequest(cannot_unmarshal(patch, "map[string]interface {}"))
    return _merged_map(doc, patch, _Shape(model))


def _merged_map(doc: dict[str, Any], patch: dict[str, Any], shape: _Shape) -> dict[str, Any]:
    directive = patch.get(_DIRECTIVE)
    if directive == "delete":
        return {}
    if directive == "replace":
        doc = {}
    elif directive not in (None, "merge"):
        raise BadRequest(f"unknown patch type: {printed(directive)} in map: {printed(patch)}")
    result = _retained(doc, patch)
    orders = _directed(patch, _ORDER)
    for name, value in patch.items():
        if not _is_directive(name):
            _merge_member(result, name, value, shape=shape, order=orders.pop(name, None))
    for name, unwanted in _directed(patch, _DELETE_FROM).items():
        _delete_from(result, name, unwanted)
    for name, order in orders.items():
        _reorder_member(result, name, order, shape)
    return result


def _is_directive(name: str) -> bool:
    """`$setElementOrder/containers` is one; `$ref`, a key of JSON schemas, is not."""
    return name.partition("/")[0] in _DIRECTIVES


def _directed(patch: dict[str, Any], directive: str) -> dict[str, Any]:
    """`{"$setElementOrder/containers": order}` as `{"containers": order}`."""
    split = ((name.partition("/"), value) for name, value in patch.items())
    return {parts[2]: value for parts, value in split if parts[0] == directive}


def _retained(doc: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The document without the keys that $retainKeys does not list: one-of fields, such as a volume's source."""
    if _RETAIN not in patch:
        return dict(doc)
    retained = patch[_RETAIN]
    if not isinstance(retained, list):
        raise BadRequest("invalid patch format of retainKeys")
    given = (name for name, value in patch.items() if value is not None and not _is_directive(name))
    if any(name not in retained for name in given):
        raise BadRequest("invalid patch format of retainKeys")
    return {name: value for name, value in doc.items() if name in retained}


def _merge_member(result: dict[str, Any], name: str, value: Any, *, shape: _Shape, order: Any) -> None:
    if value is None:
        result.pop(name, None)
        return
    if not isinstance(value, dict | list):
        result[name] = value
        return
    current = result.get(name)
    if isinstance(value, dict) and value.get(_DIRECTIVE) == "delete" and current is None:
        return
    # A member that only the patch has may be unknown to the class: decoding will judge it.
    known = type(current) is type(value) or order is not None or _is_known(shape, name)
    member = shape.of(name) if known else _Shape()
    base = current if type(current) is type(value) else type(value)()
    if isinstance(value, list):
        result[name] = _merged_list(base, value, member, order)
    else:
        result[name] = _merged_map({} if "replace" in member.strategies else base, value, member)


def _is_known(shape: _Shape, name: str) -> bool:
    return shape.is_map or shape.model is None or name in shape.model.fields_table()


def _delete_from(result: dict[str, Any], name: str, unwanted: Any) -> None:
    if not name or not isinstance(unwanted, list):
        raise BadRequest("invalid patch format of primitive list")
    if isinstance(result.get(name), list):
        result[name] = [item for item in result[name] if item not in unwanted]


def _reorder_member(result: dict[str, Any], name: str, order: Any, shape: _Shape) -> None:
    """$setElementOrder without a list beside it: only the order changes."""
    if not name:
        raise BadRequest("invalid patch format of setElementOrder list")
    member = shape.of(name)
    if isinstance(result.get(name), list):
        result[name] = _ordered(result[name], _checked_order([], order, member.key), result[name], member.key)


def _merged_list(current: list[Any], patch: list[Any], shape: _Shape, order: Any) -> list[Any]:
    if "merge" not in shape.strategies:
        return [_cleaned(item, shape.items) for item in patch]
    if any(isinstance(item, list) for item in (*current, *patch)):
        raise generic(422)  # lists of lists are not supported
    keyed = any(isinstance(item, dict) for item in (*current, *patch))
    merged, given = _merged_items(current, patch, shape) if keyed else (_united(current, patch), patch)
    key = shape.key if keyed else ""
    merged = _ordered(merged, given, current, key)
    if order is None:
        return merged
    return _ordered(merged, _checked_order(given, order, key), _refilled(current, merged, given, key), key)


def _refilled(current: list[Any], merged: list[Any], given: list[Any], key: str) -> list[Any]:
    """The live list, with new items in the places that deletions freed, at its end.

    In Go the deletion shifts the very array that later serves as the live order, and an append fills it up; so a
    container that replaces another comes after those that the order does not name. Clients see that, hence we do it.
    """
    there, left = _identities(current, key), _identities(merged, key)
    kept = [item for item in current if _identity(item, key) in left]
    new = [item for item in given if _identity(item, key) not in there]
    return kept + new[:len(current) - len(kept)]


def _cleaned(item: Any, shape: _Shape) -> Any:
    """An item of a list that replaces: its directives have nothing to act on."""
    return _merged_map({}, item, shape) if isinstance(item, dict) else item


def _united(current: list[Any], patch: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*current, *patch]))


def _merged_items(current: list[Any], patch: list[Any], shape: _Shape) -> tuple[list[Any], list[Any]]:
    """The merged items, and those of the patch that are no directives."""
    if not shape.key:
        raise BadRequest("cannot merge lists without merge key for type struct")
    deletions = [item for item in patch if _directive(item) == "delete"]
    given = [item for item in patch if _directive(item) in (None, "merge")]
    gone = [_key_of(item, shape.key) for item in deletions]
    replaced = any(_directive(item) == "replace" for item in patch)
    kept = [] if replaced else [item for item in current if _key_of(item, shape.key, wanted=False) not in gone]
    for item in given:
        value = _key_of(item, shape.key)
        at = next((i for i, old in enumerate(kept) if _key_of(old, shape.key, wanted=False) == value), None)
        new = _merged_map(kept[at] if at is not None else {}, item, shape.items)
        kept = [*kept, new] if at is None else [*kept[:at], new, *kept[at + 1:]]
    return kept, given


def _directive(item: Any) -> Any:
    if not isinstance(item, dict):
        raise BadRequest(f"expected a map[string]interface {{}}, but received a {type_word(item)}")
    directive = item.get(_DIRECTIVE)
    if directive not in (None, "delete", "replace", "merge"):
        raise BadRequest(f"unknown patch type: {printed(directive)} in map: {printed(item)}")
    return directive


def _key_of(item: Any, key: str, *, wanted: bool = True) -> Any:
    if isinstance(item, dict) and key in item:
        return item[key]
    if wanted or not isinstance(item, dict):
        raise BadRequest(f"map: {printed(item)} does not contain declared merge key: {key}")
    return None


def _checked_order(given: list[Any], order: Any, key: str) -> list[Any]:
    """The order directive, once the patch's own items are seen to stand in that order."""
    if not isinstance(order, list):
        raise BadRequest("invalid patch format of setElementOrder list")
    places = iter(_identities(order, key))
    if all(wanted in places for wanted in _identities(given, key)):
        return order
    raise BadRequest(f"The order in patch list:\n{printed(given)}\n doesn't match {_ORDER} list:\n{printed(order)}\n")


def _identities(items: Iterable[Any], key: str) -> list[Any]:
    return [_key_of(item, key) if key else item for item in items]


def _ordered(merged: list[Any], first: list[Any], live: list[Any], key: str) -> list[Any]:
    """Items that `first` names come in its order; the others are threaded in by their place in the live list.

    Hence the known effect that an item new to the list comes before those that the patch does not name.
    """
    wanted, before = _identities(first, key), _identities(live, key)
    named = sorted((item for item in merged if _identity(item, key) in wanted),
                   key=lambda item: wanted.index(_identity(item, key)))
    others = [item for item in merged if _identity(item, key) not in wanted]
    result = []
    for item in named:
        while others and _precedes(_identity(others[0], key), _identity(item, key), before):
            result.append(others.pop(0))
        result.append(item)
    return result + others


def _identity(item: Any, key: str) -> Any:
    return _key_of(item, key) if key else item


def _precedes(one: Any, other: Any, order: list[Any]) -> bool:
    return one in order and other in order and order.index(one) < order.index(other)
