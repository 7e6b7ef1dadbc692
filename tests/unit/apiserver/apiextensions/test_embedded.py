"""Whole objects inside of others: their heads are read, cleaned and checked like those that stand by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.apiextensions.embedded import any_embedded, coerce, errors
from apiserver.apiextensions.structural import structural
from apiserver.decoding import Undecodable

INSIDE = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
SCHEMA = structural({"type": "object", "properties": {
    "template": INSIDE, "many": {"type": "array", "items": INSIDE}, "plain": {"type": "object"}}})  # fmt: skip
POD = {"apiVersion": "v1", "kind": "Pod"}


def of(**head: Any) -> dict[str, Any]:
    return {"template": {**POD, **head}}


def test_unknown_metadata_goes_and_is_told() -> None:
    doc = {"many": [{**POD, "metadata": {"name": "a", "odd": 1, "creationTimestamp": None}, "spec": {"x": 1}}]}
    assert coerce(doc, SCHEMA, drop=False) == ["many[0].metadata.odd"]
    assert doc == {"many": [{**POD, "metadata": {"name": "a"}, "spec": {"x": 1}}]}


@pytest.mark.parametrize(("head", "kept"), [
    ({"kind": 3}, {"apiVersion": "v1"}),
    ({"metadata": {"labels": {"a": "b", "c": 1}}}, {**POD, "metadata": {"labels": {"a": "b"}}}),
    ({"metadata": {"name": 3, "namespace": "n"}}, {**POD, "metadata": {"namespace": "n"}}),
])  # fmt: skip
def test_wrong_types_are_refused_when_they_come_in_and_dropped_when_they_are_stored(
    head: dict[str, Any], kept: dict[str, Any]
) -> None:
    with pytest.raises(Undecodable):
        coerce(of(**head), SCHEMA, drop=False)
    doc = of(**head)
    coerce(doc, SCHEMA, drop=True)
    assert doc["template"] == kept


@pytest.mark.parametrize(("doc", "why"), [
    ({"template": {"kind": "Pod"}}, "template.apiVersion: Required value: must not be empty"),
    ({"template": {"apiVersion": "v1", "kind": ""}}, "template.kind: Required value: must not be empty"),
    (of(apiVersion="a/b/c"), 'template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'),
    (of(kind="Pod_"), 'template.kind: Invalid value: "Pod_": may have mixed case, but should otherwise match: '),
    (of(metadata={"labels": {"a b": "c"}}), 'template.metadata.labels: Invalid value: "a b": '),
    (of(metadata={"name": "a/b"}), "template.metadata.name: Invalid value: \"a/b\": may not contain '/'"),
])  # fmt: skip
def test_heads_are_checked(doc: dict[str, Any], why: str) -> None:
    (error,) = errors(doc, SCHEMA)
    assert str(error).startswith(why)


def test_what_has_none_is_not_looked_through() -> None:
    assert any_embedded(SCHEMA) and not any_embedded(structural({"type": "object"}))
    assert not list(errors({"plain": {"kind": ""}}, SCHEMA))
