"""What the classes say of atomic values, keys and defaults."""

from __future__ import annotations

import pytest

from machinery.api import scheme
from machinery.api.apply.elements import NoElement, item_step, normal
from machinery.api.apply.shapes import DEDUCED, LIST, MAP, SCALAR, Shape, struct
from machinery.api.core.v1 import Pod, Service


def at(model: type, dotted: str) -> Shape:
    shape = struct(model)
    for name in dotted.split("."):
        shape = shape.item if name == "*" else shape.member(name)
    return shape


@pytest.mark.parametrize(("path", "kind", "atomic"), [
    ("spec", MAP, False), ("spec.nodeName", SCALAR, True), ("spec.nodeSelector", MAP, True),
    ("spec.tolerations", LIST, True), ("spec.containers", LIST, False), ("spec.containers.*.command", LIST, True),
    ("metadata.labels", MAP, False), ("metadata.finalizers", LIST, False), ("metadata.ownerReferences.*", MAP, True),
    ("spec.volumes.*.configMap", MAP, False), ("spec.containers.*.env.*.valueFrom.secretKeyRef", MAP, True),
    ("spec.containers.*.resources.limits", MAP, False), ("metadata.managedFields", LIST, True),
])  # fmt: skip
def test_shapes_of_a_pod(path: str, kind: str, atomic: bool) -> None:
    shape = at(Pod, path)
    assert (shape.kind, shape.atomic) == (kind, atomic)


def test_ports_have_two_keys_one_of_them_with_a_default() -> None:
    ports = at(Service, "spec.ports")
    assert (ports.keys, dict(ports.defaults)) == (("port", "protocol"), {"protocol": "TCP"})
    assert item_step({"port": 80}, ports) == item_step({"protocol": "TCP", "port": 80, "name": "http"}, ports)
    assert item_step({"port": 80}, ports) == 'k:{"port":80,"protocol":"TCP"}'


def test_a_key_that_is_missing_without_a_default_is_left_out() -> None:
    spread = at(Pod, "spec.topologySpreadConstraints")
    assert item_step({"topologyKey": "zone"}, spread) == 'k:{"topologyKey":"zone"}'
    with pytest.raises(NoElement, match="omits all key fields"):
        item_step({}, spread)


@pytest.mark.parametrize("item", [None, "text", ["list"]])
def test_an_item_with_keys_is_a_map(item: object) -> None:
    with pytest.raises(NoElement, match="associative list with keys may not have"):
        item_step(item, at(Pod, "spec.containers"))


@pytest.mark.parametrize("item", [None, {}, []])
def test_an_item_of_a_set_is_a_scalar(item: object) -> None:
    with pytest.raises(NoElement):
        item_step(item, at(Pod, "metadata.finalizers"))


def test_what_no_class_describes_is_deduced() -> None:
    unknown = at(Pod, "spec.novelty")
    assert unknown.kind == DEDUCED
    assert [unknown.concrete(value).kind for value in ({}, [], "x", None)] == [MAP, LIST, SCALAR, SCALAR]
    assert unknown.concrete(None, {"a": 1}).kind == MAP


def test_every_key_of_every_kind_is_a_field_of_its_items() -> None:
    """And every step that they make is spelled as it would be read."""
    for row in scheme.resources():
        for shape in walked(struct(row.model), seen=set()):
            if shape.keys:
                assert set(shape.keys) <= set(shape.item.fields), row.kind
                step = item_step(dict.fromkeys(shape.keys, "x"), shape)
                assert normal(step) == step


def walked(shape: Shape | None, seen: set[object]) -> list[Shape]:
    if shape is None or (shape.model and shape.model in seen):
        return []
    seen.add(shape.model)
    below = [one for field in shape.fields.values() for one in walked(field, seen)]
    return [shape, *walked(shape.item, seen), *below]
