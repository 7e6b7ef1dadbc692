"""managedFields on their way through a Store: out of the object, compared, and back into its text."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from apiserver.registry import ownership
from machinery.api.apply import Writer
from machinery.api.core.v1 import ConfigMap
from machinery.api.meta.v1 import ObjectMeta

ENTRY = {"manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:a": {}}}


def named(*, rest: Any = None, **meta: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", **meta}, **(rest or {})}


def test_the_servers_own_write_keeps_the_stored_owners() -> None:
    old = named(managedFields=[ENTRY])
    assert ownership.carried_over(old, named(managedFields=[])) == old
    assert ownership.carried_over(None, named(managedFields=[ENTRY])) == named()


def test_a_clients_write_is_its_own() -> None:
    owners = ownership.tracked(ConfigMap, Writer("me", "v1"))
    [entry] = owners(None, named(rest={"data": {"a": "1"}}))["metadata"]["managedFields"]
    assert (entry["manager"], entry["fieldsV1"]) == ("me", {"f:data": {".": {}, "f:a": {}}})


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ([], [], True),
        ([ENTRY], [], False),
        ([], [ENTRY], False),
        ([ENTRY | {"time": "2026-01-01T00:00:00Z"}], [ENTRY | {"time": "2026-01-02T00:00:00Z"}], True),
        ([ENTRY], [ENTRY | {"manager": "other"}], False),
        ([ENTRY], [ENTRY, ENTRY | {"manager": "other"}], False),
    ],
)
def test_times_alone_are_no_change(before: list[Any], after: list[Any], same: bool) -> None:
    assert ownership.same_owners(before, after) is same


@pytest.mark.parametrize("trap", ["plain", '"metadata":{"name":"c"}', '}"metadata":{'])
def test_the_text_with_owners_is_the_object_with_owners(trap: str) -> None:
    typed = ConfigMap(metadata=ObjectMeta(name="c", annotations={"x": trap}), data={trap: trap})
    text = typed.to_json()
    found = orjson.loads(ownership.written_with(text, typed.metadata, [ENTRY]))
    assert ownership.taken_from(found) == [ENTRY]
    assert found == orjson.loads(text)
    assert ownership.taken_from(found) == []
    assert ownership.written_with(text, typed.metadata, []) == text
