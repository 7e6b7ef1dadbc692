from collections.abc import AsyncIterator

import pytest

from machinery.api.core.v1 import Node, Pod
from machinery.api.meta.v1 import ObjectMeta
from machinery.client import cause
from machinery.client.config import ClientConfig
from machinery.client.events import BURST, REFILL_SECONDS, EventRecorder
from machinery.client.rest import Client
from machinery.component.clock import FakeClock
from tests.support.fake_api import FakeApi
from tests.support.waiting import until

EVENTS = "/api/v1/events"
POD = Pod(metadata=ObjectMeta(name="web", namespace="dev", uid="u1", resource_version="7"))


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def recorder(api: FakeApi, clock: FakeClock) -> AsyncIterator[EventRecorder]:
    async with Client(ClientConfig(server=api.url)) as client:
        yield EventRecorder(client, "kubelet", "worker-1", clock=clock)


def stored(api: FakeApi) -> list[dict]:
    return [obj for (where, _, _), obj in api.objects.items() if where == EVENTS]


async def test_an_event_says_all_that_describe_prints(api: FakeApi, recorder: EventRecorder) -> None:
    recorder.record(POD, "Normal", "Pulled", "Container image present", field_path="spec.containers{web}")
    await recorder.flush()
    (event,) = stored(api)
    assert event["metadata"]["namespace"] == "dev"
    assert event["metadata"]["name"].startswith("web.")
    assert event["involvedObject"] == {
        "apiVersion": "v1", "kind": "Pod", "namespace": "dev", "name": "web", "uid": "u1", "resourceVersion": "7",
        "fieldPath": "spec.containers{web}"}
    assert (event["type"], event["reason"], event["message"]) == ("Normal", "Pulled", "Container image present")
    assert event["source"] == {"component": "kubelet", "host": "worker-1"}
    assert (event["reportingComponent"], event["reportingInstance"]) == ("kubelet", "worker-1")
    assert event["firstTimestamp"] == event["lastTimestamp"] == "2030-01-01T00:00:00Z"
    assert event["count"] == 1


async def test_a_repeat_counts_up(api: FakeApi, recorder: EventRecorder, clock: FakeClock) -> None:
    for revision in ("7", "8", "9"):
        newer = POD.replace(metadata=POD.metadata.replace(resource_version=revision))
        recorder.record(newer, "Warning", "BackOff", "Back-off restarting failed container")
        await recorder.flush()
        clock.advance(10)
    recorder.record(POD, "Warning", "BackOff", "another message")
    await recorder.flush()
    repeated, other = stored(api)
    assert (repeated["count"], repeated["firstTimestamp"], repeated["lastTimestamp"]) == (
        3, "2030-01-01T00:00:00Z", "2030-01-01T00:00:20Z")
    assert other["count"] == 1


async def test_one_that_expired_is_made_anew(api: FakeApi, recorder: EventRecorder, clock: FakeClock) -> None:
    recorder.record(POD, "Normal", "Started", "x")
    await recorder.flush()
    api.delete(EVENTS, "dev", stored(api)[0]["metadata"]["name"])
    clock.advance(3600)
    recorder.record(POD, "Normal", "Started", "x")
    await recorder.flush()
    assert [event["count"] for event in stored(api)] == [1]


async def test_what_has_no_namespace_is_told_in_default(api: FakeApi, recorder: EventRecorder) -> None:
    recorder.record(Node(metadata=ObjectMeta(name="worker-1")), "Normal", "NodeReady", "x")
    await recorder.flush()
    assert stored(api)[0]["metadata"]["namespace"] == "default"
    assert api.requests[0].path == "/api/v1/namespaces/default/events"


async def test_a_flood_is_cut(api: FakeApi, recorder: EventRecorder, clock: FakeClock) -> None:
    for number in range(BURST + 10):
        recorder.record(POD, "Normal", "Flood", f"{number}")
    await recorder.flush()
    assert len(stored(api)) == BURST
    recorder.record(Node(metadata=ObjectMeta(name="n")), "Normal", "Calm", "of another object")
    clock.advance(REFILL_SECONDS)
    recorder.record(POD, "Normal", "Flood", "later")
    recorder.record(POD, "Normal", "Flood", "too soon after")
    await recorder.flush()
    assert len(stored(api)) == BURST + 2


async def test_events_outlive_an_absent_server(api: FakeApi, recorder: EventRecorder, clock: FakeClock) -> None:
    await api.stop()
    recorder.record(POD, "Normal", "Started", "x")
    recorder.record(POD, "Normal", "Pulled", "y")
    await until(lambda: clock.next_due() is not None)
    await api.start()
    clock.advance(5)
    await recorder.flush()
    assert [event["reason"] for event in stored(api)] == ["Started", "Pulled"]


async def test_what_the_server_refuses_is_dropped(api: FakeApi, recorder: EventRecorder) -> None:
    api.fail_next.append((403, "no"))
    recorder.record(POD, "Normal", "Started", "x")
    recorder.record(POD, "Normal", "Pulled", "y")
    await recorder.flush()
    assert [event["reason"] for event in stored(api)] == ["Pulled"]


async def test_each_event_keeps_the_cause_under_which_it_was_recorded(api: FakeApi, recorder: EventRecorder) -> None:
    for actor in ("one", "two"):
        with cause.acting(actor, "dev/web"):
            recorder.record(POD, "Normal", "Started", actor)
    await recorder.flush()
    assert [r.headers["Mini-Actor"] for r in api.requests] == ["one", "two"]
