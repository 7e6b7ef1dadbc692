"""What a conversion webhook answers is checked before it is believed."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.apiextensions.conversion_webhook import Failed, converted, review

BEFORE = {"apiVersion": "g/v1", "kind": "A", "metadata": {"name": "a", "uid": "1", "labels": {"x": "1"}}}


def answered(*objects: Any, **result: str) -> list[dict[str, Any]]:
    response = {"result": result or {"status": "Success"}, "convertedObjects": list(objects)}
    return converted([BEFORE], response, "g/v2")


def after(**changes: Any) -> dict[str, Any]:
    return {**BEFORE, "apiVersion": "g/v2", **changes}


def test_only_labels_and_annotations_change() -> None:
    meta = {"name": "a", "uid": "1", "labels": {"y": "2"}, "generation": 9, "finalizers": ["evil"]}
    assert answered(after(metadata=meta))[0]["metadata"] == {"name": "a", "uid": "1", "labels": {"y": "2"}}


WRONG = [
    ((), "expected 1 converted objects, got 0"),
    ((3,), "index 0: it is no object"),
    ((after(apiVersion="g/v3"),), "invalid groupVersion (expected g/v2, received g/v3)"),
    ((after(kind="B"),), "invalid kind (expected A, received B)"),
    ((after(metadata=None),), "metadata must be an object"),
    ((after(metadata={"name": "b", "uid": "1"}),), "metadata.name must not change"),
]


@pytest.mark.parametrize(("objects", "why"), WRONG)
def test_lies(objects: tuple[Any, ...], why: str) -> None:
    with pytest.raises(Failed) as failed:
        answered(*objects)
    assert str(failed.value).endswith(why)


def test_its_own_refusal_is_told() -> None:
    with pytest.raises(Failed, match="no way"):
        answered(status="Failure", message="no way")


def test_asked_in_the_first_version_that_both_speak() -> None:
    assert review([], "g/v1", ["v9", "v1beta1"])["apiVersion"] == "apiextensions.k8s.io/v1beta1"
