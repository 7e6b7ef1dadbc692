"""The rows and classes of definitions: which versions come first, and that nothing keeps what a change replaced."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver import decoding
from apiserver.apiextensions.resource import resource_of, served_versions
from apiserver.apiextensions.strategy import CustomResourceStrategy
from apiserver.openapi import render
from machinery.api.apply import Writer, apply
from machinery.api.apply.updating import update

NAMES = {"plural": "rods", "kind": "Rod", "listKind": "RodList", "singular": "rod"}


def definition(*versions: str, maximum: int = 9) -> dict[str, Any]:
    size = {"type": "integer", "maximum": maximum, "default": maximum}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": size}}}}
    rows = [{"name": name, "served": True, "schema": {"openAPIV3Schema": schema}} for name in versions]
    spec = {"group": "example.com", "scope": "Namespaced", "names": NAMES, "versions": rows}
    return {"spec": spec, "status": {"acceptedNames": NAMES}}


@pytest.mark.parametrize(("given", "first"), [
    (("v1alpha1", "v1", "v2beta1", "v2"), "v2"), (("foo", "v1beta1", "v1beta2"), "v1beta2"), (("b", "a"), "a"),
    (("v1", "v10", "v9"), "v10"),
])  # fmt: skip
def test_clients_try_the_most_stable_version_first(given: tuple[str, ...], first: str) -> None:
    assert served_versions(definition(*given))[0]["name"] == first


def used(maximum: int) -> weakref.ref[Any]:
    """A kind made from a definition and put through everything that looks at its class."""
    given = definition("v1", maximum=maximum)
    (version,) = served_versions(given)
    resource = resource_of(given, version)
    strategy, writer = CustomResourceStrategy(resource, version), Writer("me", resource.api_version, "", {})
    doc = decoding.canonical({"metadata": {"name": "a"}, "spec": {}}, resource.model, api_version=resource.api_version)
    now = datetime.now(UTC)
    owned = update(None, doc, resource.model, writer, now=now)
    update(owned, {**owned, "spec": {"size": 1}}, resource.model, writer, now=now)
    apply(owned, {**resource.model.named(), "metadata": {"name": "a"}, "spec": {"size": 2}}, resource.model, writer,
          now=now)  # fmt: skip
    assert not strategy.validate(resource.model.from_dict(doc))
    render.version3([resource])
    return weakref.ref(resource.model)


def test_nothing_keeps_the_classes_of_definitions_that_changed() -> None:
    left = [used(maximum) for maximum in range(20)]
    gc.collect()
    assert [ref() for ref in left if ref() is not None] == []
