"""Decoding and encoding as Go's JSON does: what is left out, what is always written, what null means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from machinery.api.coordination.v1 import Lease, LeaseSpec
from machinery.api.core.v1 import Container, ContainerPort, Pod, PodSpec, Volume
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, field


def a_pod(**metadata: object) -> Pod:
    return Pod(metadata=ObjectMeta(name="web", **metadata), spec=PodSpec(containers=(Container(name="c", image="i"),)))


def test_empty_optional_fields_are_left_out_and_structs_stay() -> None:
    assert a_pod().to_dict() == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "c", "image": "i", "resources": {}}]},
        "status": {},
    }


def test_a_pointer_tells_zero_from_absent() -> None:
    pod = a_pod()
    zero = pod.replace(spec=pod.spec.replace(termination_grace_period_seconds=0))
    assert zero.to_dict()["spec"]["terminationGracePeriodSeconds"] == 0
    assert Pod.from_json(zero.to_json()) == zero != pod


def test_null_means_absent() -> None:
    pod = Pod.from_dict({"metadata": {"name": "x", "creationTimestamp": None}, "spec": {"containers": None}})
    assert pod == Pod(metadata=ObjectMeta(name="x"))


def test_unknown_fields_are_ignored() -> None:
    assert Pod.from_dict({"metadata": {"name": "x"}, "nonsense": [1]}) == Pod(metadata=ObjectMeta(name="x"))


@pytest.mark.parametrize(
    "document",
    [
        {"metadata": {"name": 1}},
        {"metadata": []},
        {"spec": {"hostNetwork": "true"}},
        {"spec": {"containers": {}}},
        {"spec": {"priority": "1"}},
        {"spec": {"priority": 2**31}},
    ],
)
def test_wrong_types_are_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Pod.from_dict(document)


def test_times_are_whole_seconds_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    pod = Pod.from_dict({"metadata": {"creationTimestamp": "2024-01-01T01:00:00.75+02:00"}})
    assert pod.metadata.creation_timestamp == datetime(2024, 1, 1, 1, 0, tzinfo=east)
    assert pod.to_dict()["metadata"]["creationTimestamp"] == "2023-12-31T23:00:00Z"


def test_micro_times_always_show_six_decimals() -> None:
    lease = Lease(spec=LeaseSpec(renew_time=datetime(2024, 1, 1, tzinfo=UTC)))
    assert lease.to_dict()["spec"]["renewTime"] == "2024-01-01T00:00:00.000000Z"


def test_quantities_become_canonical_on_decoding() -> None:
    container = Container.from_dict({"name": "c", "resources": {"limits": {"cpu": "1000m", "memory": 1024}}})
    assert container.resources.limits == {"cpu": "1", "memory": "1024"}


def test_objects_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        a_pod().kind = "Node"


def test_replace_shares_what_it_does_not_change() -> None:
    pod = a_pod()
    moved = pod.replace(spec=pod.spec.replace(node_name="n"))
    assert (pod.spec.node_name, moved.spec.node_name) == ("", "n")
    assert moved.spec.containers is pod.spec.containers


def test_the_table_knows_where_protobuf_nests_what_json_splices() -> None:
    table = Volume.fields_table()
    assert (table["name"].inline, table["emptyDir"].inline, table["emptyDir"].proto) == (None, 2, 2)
    assert table["emptyDir"].pointer
    assert PodSpec.fields_table()["containers"].merge_key == "name"
    assert PodSpec.fields_table()["containers"].model is Container


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


@given(
    st.builds(
        ContainerPort,
        name=names,
        host_port=st.integers(0, 2**31 - 1),
        container_port=st.integers(-(2**31), 2**31 - 1),
        protocol=names,
    )
)
def test_encoding_then_decoding_gives_the_same_object(port: ContainerPort) -> None:
    assert ContainerPort.from_json(port.to_json()) == port
    assert ContainerPort.from_dict(port.to_dict()) == port


def test_a_message_is_built_once_for_all_that_contain_it() -> None:
    class Inner(Model):
        name: str = field(1, "")

    class Middle(Model):
        inner: tuple[Inner, ...] = field(1, ())
        again: tuple[Middle, ...] = field(2, ())

    class Outer(Model):
        middle: dict[str, Middle] = field(1, {})

    Outer.from_dict({"middle": {"a": {"inner": [{"name": "x"}], "again": [{}]}}})
    ready = [message.__pydantic_complete__ for message in (Outer, Middle, Inner)]
    assert ready == [True, True, False], "what has nothing inside is cheaper as a part"
