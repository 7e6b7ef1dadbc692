"""The shape of a value, as server-side apply sees it: what is owned as a whole, and what piece by piece.

Pure; read from the classes' own facts. A struct or map is granular (each member has its owner) unless marked atomic;
a list is atomic unless its items have keys ("map") or are each other's key ("set"); what no class describes is
deduced from the value: maps granular, lists atomic.
In Kubernetes: structured-merge-diff's schema package, fed by kube-openapi's schemaconv.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from machinery.api.model import FieldFact, Model

SCALAR, MAP, LIST, DEDUCED = "scalar", "map", "list", "deduced"
_FREE = {"any", "json", "meta/v1.FieldsV1", "runtime.RawExtension", "schemaOrArray", "schemaOrBool",
         "schemaOrStringArray"}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """kind: scalar, map (structs too), list or deduced.  atomic: owned as a whole.  scalar: its wire type.
    model: the class of a struct.  item: the shape of a map's values or a list's items.
    keys: the fields that tell a list's items apart; () where the item itself does.
    """

    kind: str
    atomic: bool = False
    scalar: str = ""
    model: type[Model] | None = None
    item: Shape | None = None
    keys: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Shape] | None = None
    """The named fields of a struct that has no class of its own facts: one that a schema describes."""

    @cached_property
    def fields(self) -> Mapping[str, Shape]:
        """The named fields of a struct. On demand: some classes hold themselves."""
        if self.members is not None:
            return self.members
        facts = self.model.fields_table() if self.model else {}
        return {name: _of_field(fact) for name, fact in facts.items()}

    def member(self, name: str) -> Shape:
        """The shape of a map's member; unknown ones are deduced."""
        return self.fields.get(name) or self.item or ANYTHING

    def concrete(self, value: Any, other: Any = None) -> Shape:
        """This shape, or the one that the value shows (the other value, where the first is null)."""
        if self.kind != DEDUCED:
            return self
        seen = other if value is None else value
        return _MAP_OF_ANYTHING if isinstance(seen, dict) else _ATOMIC_LIST if isinstance(seen, list) else _UNTYPED


ANYTHING = Shape(DEDUCED)
_MAP_OF_ANYTHING = Shape(MAP, item=ANYTHING)
_ATOMIC_LIST = Shape(LIST, atomic=True, item=ANYTHING)
_UNTYPED = Shape(SCALAR, atomic=True)


def struct(model: type[Model]) -> Shape:
    """The shape of a class. A subclass that splices an atomic class in is not atomic by that.

    The class of a custom resource knows its own, by its schema; it must not be kept here, for it comes and goes.
    """
    known = _STRUCTS.get(model)
    if known is None:
        if hasattr(model, "apply_shape"):
            return model.apply_shape()
        known = _STRUCTS[model] = Shape(MAP, atomic=bool(vars(model).get("atomic")), model=model)
    return known


_STRUCTS: dict[type[Model], Shape] = {}


def _of_field(fact: FieldFact) -> Shape:
    if fact.type.startswith("map<"):
        return Shape(MAP, atomic=fact.atomic, item=_of_value(fact, fact.type[len("map<string,"):-1]))
    one = _of_value(fact, fact.type)
    if fact.repeated:
        return _list(fact, one)
    return Shape(MAP, atomic=True, model=one.model) if fact.atomic and one.model else one


def _of_value(fact: FieldFact, wire_type: str) -> Shape:
    """One item of a list, one value of a map, or the field itself."""
    if fact.model is not None:
        return struct(fact.model)
    if wire_type.startswith("list<"):
        return Shape(LIST, atomic=True, item=Shape(SCALAR, atomic=True, scalar=wire_type[5:-1]))
    return ANYTHING if wire_type in _FREE else Shape(SCALAR, atomic=True, scalar=wire_type)


def _list(fact: FieldFact, item: Shape) -> Shape:
    if fact.list_type not in ("map", "set"):
        return Shape(LIST, atomic=True, item=item)
    facts = item.model.fields_table() if item.model else {}
    defaults = {key: facts[key].published_default for key in fact.list_keys
                if key in facts and facts[key].published_default is not None}
    return Shape(LIST, item=item, keys=fact.list_keys, defaults=defaults)
