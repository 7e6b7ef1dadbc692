"""Typed objects: what did not change is not decoded again, and what is remembered is what is stored."""

from __future__ import annotations

from typing import Any

import orjson

from apiserver.registry.typed import MOST, TypedObjects
from machinery.api.core.v1 import Pod


def pod(**changes: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "a", "image": "one", "resources": {}}]}
    meta = {"name": "web", "resourceVersion": "7"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {}, **changes}


def test_there_is_no_revision() -> None:
    assert TypedObjects(Pod).of(pod()).metadata.resource_version == ""


def test_an_update_shares_what_is_the_same() -> None:
    objects = TypedObjects(Pod)
    before = objects.of(pod())
    after = objects.after(pod(status={"phase": "Running"}), pod(), before)
    assert after == objects.of(pod(status={"phase": "Running"}))
    assert after.spec is before.spec
    assert after.metadata is before.metadata
    assert after.status.phase == "Running"


def test_a_part_that_went_is_gone() -> None:
    objects = TypedObjects(Pod)
    old = pod(status={"phase": "Running"})
    new = pod()
    del new["status"]
    assert objects.after(new, old, objects.of(old)) == objects.of(pod())


def test_only_the_very_text_is_remembered() -> None:
    objects = TypedObjects(Pod)
    typed, body = objects.of(pod()), orjson.dumps(pod())
    objects.remember("/a", body, typed)
    assert objects.before("/a", bytes(bytearray(body)), pod()) is typed
    assert objects.before("/a", body + b" ", pod()) is not typed
    assert objects.before("/b", body, pod()) is not typed


def test_the_latest_are_remembered() -> None:
    objects = TypedObjects(Pod)
    typed, body = objects.of(pod()), orjson.dumps(pod())
    for name in ("/a", *map(str, range(MOST - 1)), "/a", "/b"):
        objects.remember(name, body, typed)
    assert objects.before("/a", body, pod()) is typed
    assert objects.before("0", body, pod()) is not typed
