import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from machinery.api.meta.v1 import OwnerReference
from machinery.client.config import ClientConfig
from machinery.client.leases import LeaderElector, LeadershipLost, LeaseRenewer
from machinery.client.rest import Client
from machinery.component.clock import FakeClock
from tests.support.fake_api import FakeApi
from tests.support.waiting import until

LEASES = "/apis/coordination.k8s.io/v1/leases"
NODE = (LEASES, "kube-node-lease", "worker-1")
LEADER = (LEASES, "kube-system", "boss")


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as running:
        yield running


@pytest.fixture
async def client(api: FakeApi) -> AsyncIterator[Client]:
    async with Client(ClientConfig(server=api.url)) as running:
        yield running


async def test_a_heartbeat_is_one_put(api: FakeApi, client: Client) -> None:
    clock = FakeClock()
    node = OwnerReference(api_version="v1", kind="Node", name="worker-1", uid="u1")
    renewer = LeaseRenewer(client, "worker-1", clock=clock, owner=lambda: node)
    await renewer.renew()
    made = api.objects[NODE]
    assert made["spec"]["holderIdentity"] == "worker-1"
    assert made["spec"]["leaseDurationSeconds"] == 40
    assert made["metadata"]["ownerReferences"][0]["uid"] == "u1"
    seen = len(api.requests)
    clock.advance(10)
    await renewer.renew()
    assert [r.method for r in api.requests[seen:]] == ["PUT"]
    assert api.objects[NODE]["spec"]["renewTime"] == "2030-01-01T00:00:10.000000Z"


async def test_it_beats_until_stop_and_through_trouble(api: FakeApi, client: Client) -> None:
    clock, stop = FakeClock(), asyncio.Event()
    running = asyncio.create_task(LeaseRenewer(client, "worker-1", clock=clock).run(stop))
    await until(lambda: NODE in api.objects)
    await until(lambda: clock.next_due())
    api.delete(*NODE)
    clock.advance(10.5)
    await until(lambda: clock.next_due() and clock.next_due() < clock.monotonic() + 2)
    clock.advance(1)
    await until(lambda: NODE in api.objects)
    stop.set()
    async with asyncio.timeout(60):
        await running


class Boss:
    """A leader that notes when it leads."""

    def __init__(self, client: Client, identity: str, **times: float) -> None:
        times = {"duration": 1.0, "deadline": 0.3, "retry": 0.05} | times
        self.elector = LeaderElector(client, "boss", identity, **times)
        self.stop, self.leads = asyncio.Event(), False
        self.task = asyncio.create_task(self.elector.run(self.lead, self.stop))

    async def lead(self) -> None:
        self.leads = True
        try:
            await asyncio.Event().wait()
        finally:
            self.leads = False


async def test_one_leads_and_the_other_follows_when_it_goes(api: FakeApi, client: Client) -> None:
    first = Boss(client, "first")
    await until(lambda: first.leads)
    second = Boss(client, "second")
    renewals = len([r for r in api.requests if r.method == "PUT"])
    await until(lambda: len([r for r in api.requests if r.method == "PUT"]) > renewals + 2)
    assert (first.leads, second.leads) == (True, False)
    first.stop.set()
    await first.task
    await until(lambda: second.leads)
    assert not first.leads
    spec = api.objects[LEADER]["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"]) == ("second", 1)
    second.stop.set()
    await second.task
    assert api.objects[LEADER]["spec"]["holderIdentity"] == ""


async def test_a_dead_leader_is_replaced_after_the_duration(api: FakeApi, client: Client) -> None:
    dead = {"metadata": {"name": "boss", "namespace": "kube-system"},
            "spec": {"holderIdentity": "dead", "leaseDurationSeconds": 1, "renewTime": "2099-01-01T00:00:00.000000Z"}}
    api.put(LEASES, dead)
    heir = Boss(client, "heir")
    await until(lambda: heir.leads)
    assert api.objects[LEADER]["spec"]["holderIdentity"] == "heir"
    heir.stop.set()
    await heir.task


async def test_one_who_crashed_leads_again_at_once(api: FakeApi, client: Client) -> None:
    mine = {"metadata": {"name": "boss", "namespace": "kube-system"},
            "spec": {"holderIdentity": "host", "leaseDurationSeconds": 3600, "leaseTransitions": 4}}
    api.put(LEASES, mine)
    boss = Boss(client, "host")
    await until(lambda: boss.leads)
    assert api.objects[LEADER]["spec"]["leaseTransitions"] == 4
    boss.stop.set()
    await boss.task


async def test_a_cancelled_leader_releases_too(api: FakeApi, client: Client) -> None:
    boss = Boss(client, "boss")
    await until(lambda: boss.leads)
    boss.task.cancel()
    await asyncio.gather(boss.task, return_exceptions=True)
    assert api.objects[LEADER]["spec"]["holderIdentity"] == ""


class Withholding(FakeApi):
    """What it does it does not tell, so many times."""

    untold = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        answer = await super().handle(request)
        if request.method == "PUT" and self.untold:
            self.untold -= 1
            await asyncio.Event().wait()
        return answer


async def test_a_leader_that_is_stopped_amid_a_renewal_releases_too() -> None:
    async with Withholding() as api, Client(ClientConfig(server=api.url)) as client:
        boss = Boss(client, "boss", deadline=60.0)
        await until(lambda: boss.leads)
        api.untold = 1
        await until(lambda: not api.untold)
        boss.stop.set()
        await boss.task
        assert api.objects[LEADER]["spec"]["holderIdentity"] == ""


async def test_who_cannot_renew_stops_leading(api: FakeApi, client: Client) -> None:
    boss = Boss(client, "boss")
    await until(lambda: boss.leads)
    await api.stop()
    with pytest.raises(ExceptionGroup) as caught:
        await boss.task
    assert caught.value.split(LeadershipLost)[1] is None
    assert not boss.leads


async def test_it_works_through_a_short_absence_of_the_server(api: FakeApi, client: Client) -> None:
    boss = Boss(client, "boss", deadline=5.0)
    await until(lambda: boss.leads)
    await api.stop()
    await asyncio.sleep(0.1)
    await api.start()
    seen = len(api.requests)
    await until(lambda: len(api.requests) > seen)
    assert boss.leads
    boss.stop.set()
    await boss.task
