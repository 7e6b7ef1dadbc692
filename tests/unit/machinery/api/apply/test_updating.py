"""Owners after creates, updates and patches."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from machinery.api.apply import Writer, manager_name, named, update, with_old_times
from machinery.api.apply.managers import entries_of
from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import ConfigMap, Pod

Document = dict[str, Any]
USER = Writer("kubectl-create", "apps/v1", reset=named("status"))
SCALER = Writer("scaler", "apps/v1", reset=named("status"))
STATUS = Writer("controller", "apps/v1", "status", named("spec", "metadata.labels"))


@pytest.fixture
def created(deployment: Callable[..., Document], noon: datetime) -> Document:
    wanted = Deployment.from_dict(deployment(replicas=2)).to_dict()
    return update(None, wanted, Deployment, USER, now=noon)


def changed(document: Document, path: str, value: Any) -> Document:
    copy = deepcopy(document)
    *way, last = path.split(".")
    at = copy
    for name in way:
        at = at.setdefault(name, {})
    at[last] = value
    return copy


def owners(document: Document) -> dict[str, Document]:
    return {entry["manager"]: entry["fieldsV1"] for entry in entries_of(document) or ()}


def test_who_creates_owns_what_is_said(created: Document) -> None:
    container = {".": {}, "f:image": {}, "f:name": {}, "f:resources": {},
                 "f:ports": {".": {}, 'k:{"containerPort":8080,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}}}
    template = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                "f:spec": {"f:containers": {'k:{"name":"shop"}': container}}}  # fmt: skip
    assert entries_of(created) == [{
        "manager": "kubectl-create", "operation": "Update", "apiVersion": "apps/v1", "time": "2024-05-01T12:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                     "f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": template}},
    }]  # fmt: skip


def test_who_changes_a_field_takes_it(created: Document, noon: datetime) -> None:
    later = noon + timedelta(minutes=1)
    after = update(created, changed(created, "spec.replicas", 5), Deployment, SCALER, now=later)
    assert owners(after)["scaler"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners(after)["kubectl-create"]["f:spec"]
    assert [entry["time"][11:16] for entry in entries_of(after)] == ["12:00", "12:01"]


def test_what_is_removed_is_nobodys_and_no_time_moves(created: Document, noon: datetime) -> None:
    less = deepcopy(created)
    del less["metadata"]["labels"], less["spec"]["replicas"]
    after = update(created, less, Deployment, SCALER, now=noon + timedelta(minutes=1))
    assert list(owners(after)) == ["kubectl-create"]
    assert set(owners(after)["kubectl-create"]) == {"f:spec"}
    assert entries_of(after)[0]["time"] == "2024-05-01T12:00:00Z"


def test_a_manager_with_nothing_left_is_gone(created: Document, noon: datetime) -> None:
    scaled = update(created, changed(created, "spec.replicas", 5), Deployment, SCALER, now=noon)
    back = update(scaled, changed(scaled, "spec.replicas", 2), Deployment, USER, now=noon)
    assert list(owners(back)) == ["kubectl-create"]


def test_a_write_that_changes_nothing_changes_nobody(created: Document, noon: datetime) -> None:
    assert update(created, deepcopy(created), Deployment, SCALER, now=noon + timedelta(days=1)) == created


def test_the_arguments_stay_as_they_are(created: Document, noon: datetime) -> None:
    new = changed(created, "spec.replicas", 5)
    before = deepcopy((created, new))
    update(created, new, Deployment, SCALER, now=noon)
    assert (created, new) == before


def test_a_door_owns_nothing_that_it_resets(created: Document, noon: datetime) -> None:
    both = changed(changed(created, "status.replicas", 3), "spec.replicas", 9)
    after = update(created, both, Deployment, STATUS, now=noon)
    assert owners(after)["controller"] == {"f:status": {"f:replicas": {}}}
    assert entries_of(after)[0]["subresource"] == "status"
    assert "f:replicas" in owners(after)["kubectl-create"]["f:spec"]
    status = changed(created, "status.replicas", 3)
    assert "scaler" not in owners(update(created, status, Deployment, SCALER, now=noon))


def test_one_manager_through_two_doors_is_two_owners(created: Document, noon: datetime) -> None:
    writer = Writer("controller", "apps/v1", reset=named("status"))
    status = update(created, changed(created, "status.replicas", 3), Deployment, STATUS, now=noon)
    both = update(status, changed(status, "spec.replicas", 3), Deployment, writer, now=noon)
    assert [(e["manager"], e.get("subresource")) for e in entries_of(both)][:2] == [
        ("controller", None), ("controller", "status")]  # fmt: skip


@pytest.mark.parametrize("forgetful", [[], [{}]])
def test_a_client_may_have_all_owners_forgotten(created: Document, noon: datetime, forgetful: list[Document]) -> None:
    after = update(created, changed(created, "metadata.managedFields", forgetful), Deployment, USER, now=noon)
    assert "managedFields" not in after["metadata"]
    untracked = {**after, "metadata": {**after["metadata"], "uid": "u"}}
    again = update(untracked, changed(untracked, "spec.replicas", 7), Deployment, USER, now=noon)
    assert "managedFields" not in again["metadata"]


def test_but_not_through_a_subresource_and_not_by_null(created: Document, noon: datetime) -> None:
    for writer, value in ((STATUS, []), (STATUS, [{}]), (USER, None), (USER, [{"operation": "What"}])):
        new = changed(created, "metadata.managedFields", value)
        assert update(created, new, Deployment, writer, now=noon) == created
    forgotten = deepcopy(created)
    del forgotten["metadata"]["managedFields"]
    assert update(created, forgotten, Deployment, USER, now=noon) == created


def test_a_client_may_write_managed_fields(created: Document, noon: datetime) -> None:
    entries = deepcopy(entries_of(created))
    entries[0]["manager"] = "heir"
    after = update(created, changed(created, "metadata.managedFields", entries), Deployment, USER, now=noon)
    assert entries_of(after) == entries


def test_managed_fields_beyond_all_depth_say_nothing(created: Document, noon: datetime) -> None:
    fields: Document = {}
    for _ in range(5000):
        fields = {"f:a": fields}
    entries = [{**entries_of(created)[0], "fieldsV1": fields}]
    assert update(created, changed_shallow(created, entries), Deployment, USER, now=noon) == created


def changed_shallow(document: Document, entries: list[Document]) -> Document:
    return {**document, "metadata": {**document["metadata"], "managedFields": entries}}


def test_unknown_writers_have_a_name() -> None:
    assert manager_name("me", "kubectl/v1") == "me"
    assert manager_name("", "kube-controller-manager/v1.32 (linux)") == "kube-controller-manager"
    assert manager_name("", "a\tb/1") == "ab" and len(manager_name("", "x" * 300)) == 128


def test_a_nameless_manager_is_called_unknown(noon: datetime) -> None:
    after = update(None, {"metadata": {"name": "x"}, "data": {"a": "1"}}, ConfigMap, Writer("", "v1"), now=noon)
    assert list(owners(after)) == ["unknown"]


def test_only_times_differ_and_then_not(created: Document, noon: datetime) -> None:
    """A writer takes a value, another writes it back: the same owners at another time are no change."""
    later = changed(created, "metadata.resourceVersion", "7")
    later["metadata"]["managedFields"][0]["time"] = "2024-05-02T00:00:00Z"
    assert entries_of(with_old_times(created, later)) == entries_of(created)
    other = changed(later, "spec.replicas", 9)
    assert with_old_times(created, other) is other
    assert with_old_times({"metadata": {}}, later) is later


def test_conditions_of_a_status_have_each_their_owner(noon: datetime) -> None:
    pod = Pod.from_dict({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}}).to_dict()
    live = update(None, pod, Pod, Writer("user", "v1", reset=named("status")), now=noon)
    kubelet, gate = (Writer(name, "v1", "status", named("spec")) for name in ("kubelet", "gate"))
    ready = {"type": "Ready", "status": "False"}
    live = update(live, changed(live, "status.conditions", [ready]), Pod, kubelet, now=noon)
    both = [ready, {"type": "my/gate", "status": "True"}]
    live = update(live, changed(live, "status.conditions", both), Pod, gate, now=noon)
    assert owners(live)["gate"] == {"f:status": {"f:conditions": {
        'k:{"type":"my/gate"}': {".": {}, "f:status": {}, "f:type": {}}}}}  # fmt: skip
    assert owners(live)["kubelet"] == {"f:status": {"f:conditions": {".": {}, 'k:{"type":"Ready"}': {
        ".": {}, "f:status": {}, "f:type": {}}}}}  # fmt: skip


def test_objects_of_one_template_have_the_same_owners() -> None:
    made = [
        update(None, {"metadata": {"name": name, "uid": name, "labels": {"a": "b"}}, "data": {"x": name[0]}}, ConfigMap,
               Writer("me", "v1"), now=datetime(2026, 1, day + 1, tzinfo=UTC))
        for day, name in enumerate(("one", "other", "third"))
    ]  # fmt: skip
    (first,), (second,), (third,) = (each["metadata"]["managedFields"] for each in made)
    assert first["fieldsV1"] == {
        "f:data": {".": {}, "f:x": {}}, "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
    }  # fmt: skip
    assert first["fieldsV1"] == second["fieldsV1"] == third["fieldsV1"]
    assert (first["time"], second["time"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
