"""managedFields read and written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.apply.field_set import named
from machinery.api.apply.managers import (
    UPDATE,
    Identity,
    Owned,
    capped,
    is_reset,
    read,
    read_from_client,
    with_entries,
    written,
)


def entry(manager: str = "m", operation: str = "Update", **more: Any) -> dict[str, Any]:
    head = {"manager": manager, "operation": operation, "apiVersion": "v1", "time": "2024-05-01T12:00:00Z"}
    return head | {"fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:x": {}}}} | more


def test_an_entry_comes_back_as_it_was() -> None:
    entries = [entry("a", "Apply"), entry("b"), entry("b", subresource="status")]
    assert written(read(entries)) == entries
    assert list(entries[2]) == list(written(read(entries))[2])


def test_an_applier_is_the_same_in_every_version() -> None:
    both = [entry(operation=operation, apiVersion=version) for operation in ("Apply", "Update") for version in "ab"]
    assert [identity.api_version for identity in read(both)] == ["", "a", "b"]


@given(st.permutations([
    entry("z", "Apply", time="2024-01-02T00:00:00Z"), entry("a", "Apply", time="2024-01-03T00:00:00Z"),
    entry("c"), entry("d"), entry("d", apiVersion="v2"), entry("d", subresource="status"),
]))  # fmt: skip
def test_the_order_of_entries_is_of_operation_time_and_name(entries: list[dict[str, Any]]) -> None:
    found = [(e["operation"][0], e["manager"], e["apiVersion"], e.get("subresource", ""))
             for e in written(read(entries))]  # fmt: skip
    assert found == [("A", "z", "v1", ""), ("A", "a", "v1", ""), ("U", "c", "v1", ""), ("U", "d", "v1", ""),
                     ("U", "d", "v1", "status"), ("U", "d", "v2", "")]  # fmt: skip


def test_only_an_empty_list_or_entry_forgets() -> None:
    assert is_reset([]) and is_reset([{}])
    assert not is_reset(None) and not is_reset([entry()]) and not is_reset([{}, {}])


@pytest.mark.parametrize("wrong", [
    {"operation": "Replace"}, {"apiVersion": ""}, {"fieldsType": ""}, {"fieldsType": "FieldsV2"},
    {"fieldsV1": {"replicas": {}}}, {"fieldsV1": "text"},
])  # fmt: skip
def test_entries_that_make_no_sense_say_nothing(wrong: dict[str, Any]) -> None:
    assert read_from_client([entry(), entry(**wrong)]) is None
    assert read_from_client("text") is None and read_from_client([]) is None


def test_what_a_client_writes_is_spelled_our_way() -> None:
    fields = {"f:ports": {'k:{"protocol":"TCP", "port":80}': {".": {}}}}
    managers = read_from_client([entry(fieldsV1=fields)])
    assert managers is not None
    assert [owned.fields for owned in managers.values()] == [{"f:ports": {'k:{"port":80,"protocol":"TCP"}': {}}}]


def test_no_owners_no_managed_fields() -> None:
    document = {"metadata": {"name": "x", "managedFields": [entry()]}, "spec": {}}
    assert with_entries(document, []) == {"metadata": {"name": "x"}, "spec": {}}
    assert document["metadata"]["managedFields"]


def updaters(count: int) -> dict[Identity, Owned]:
    return {Identity(f"m{i:02}", UPDATE, "v1"): Owned(named(f"spec.f{i}"), "v1", f"2024-05-01T12:00:{i:02}Z")
            for i in range(count)}  # fmt: skip


def test_the_eleventh_updater_merges_the_two_oldest() -> None:
    assert capped(updaters(10)) == updaters(10)
    found = capped(updaters(11))
    oldest = Identity("ancient-changes", UPDATE, "v1")
    assert len(found) == 10
    assert found[oldest] == Owned(named("spec.f0", "spec.f1"), "v1", "2024-05-01T12:00:01Z")
    again = capped({**found, Identity("new", UPDATE, "v1"): Owned(named("spec.n"), "v1", "2024-05-01T13:00:00Z")})
    assert len(again) == 10 and again[oldest].fields == named("spec.f0", "spec.f1", "spec.f2")
