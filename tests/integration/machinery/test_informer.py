"""Following a server through its worst days: restart, forgotten history, an ended watch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from machinery.api.core.v1 import Node, Pod
from machinery.client import reflector
from machinery.client.config import ClientConfig
from machinery.client.controller import Context, Controller, own_key, run_controllers
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from tests.support.fake_api import FakeApi, Request
from tests.support.waiting import until

PODS = "/api/v1/pods"


def pod(name: str, uid: str = "") -> dict:
    return {"metadata": {"name": name, "namespace": "default", "uid": uid or f"uid-{name}"}}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(reflector, "SHORTEST_WAIT", 0.01)
    monkeypatch.setattr(reflector, "LONGEST_WAIT", 0.1)
    yield


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as running:
        yield running


@asynccontextmanager
async def following(api: FakeApi) -> AsyncIterator[InformerFactory]:
    async with Client(ClientConfig(server=api.url)) as client:
        factory, stop = InformerFactory(client), asyncio.Event()
        running = asyncio.create_task(factory.run(stop))
        yield factory
        stop.set()
        async with asyncio.timeout(60):
            await running


def names(informer) -> list[str]:
    return sorted(each.metadata.name for each in informer.lister)


def lists(api: FakeApi) -> list[Request]:
    return [r for r in api.requests if "watch" not in r.query]


def watches(api: FakeApi) -> list[Request]:
    return [r for r in api.requests if "watch" in r.query]


async def test_lists_once_then_watches(api: FakeApi) -> None:
    api.put(PODS, pod("a"))
    async with following(api) as factory:
        pods = factory.informer(Pod)
        await factory.synced()
        assert names(pods) == ["a"]
        api.put(PODS, pod("b"))
        api.delete(PODS, "default", "a")
        await until(lambda: names(pods) == ["b"])
        assert factory.informer(Pod) is pods
        assert factory.informer(Pod, field_selector="spec.nodeName=n") is not pods
    assert [r.query["resourceVersion"] for r in api.requests[:2]] == ["0", "101"]
    assert 300 <= int(watches(api)[0].query["timeoutSeconds"]) <= 600


async def test_a_restarted_server_is_resumed_without_a_list(api: FakeApi) -> None:
    api.put(PODS, pod("a"))
    async with following(api) as factory:
        pods, heard = factory.informer(Pod), []
        pods.on_change(lambda old, new: heard.append((new or old).metadata.name))
        await factory.synced()
        await until(lambda: watches(api))
        await api.stop()
        api.put(PODS, pod("b"))
        await asyncio.sleep(0.05)
        await api.start()
        await until(lambda: names(pods) == ["a", "b"])
        assert heard == ["a", "b"]
        assert len(lists(api)) == 1
        assert {r.query["resourceVersion"] for r in watches(api)} == {"101"}


async def test_a_forgotten_revision_means_a_new_list(api: FakeApi) -> None:
    api.put(PODS, pod("a"))
    api.put(PODS, pod("b"))
    async with following(api) as factory:
        pods, heard = factory.informer(Pod), []
        await factory.synced()
        await until(lambda: api.news)
        pods.on_change(lambda old, new: heard.append((old and old.metadata.uid, new and new.metadata.uid)))
        heard.clear()
        await api.stop()
        api.delete(PODS, "default", "a")
        api.delete(PODS, "default", "b")
        api.put(PODS, pod("b", uid="another"))
        api.put(PODS, pod("c"))
        api.compact()
        await api.start()
        await until(lambda: names(pods) == ["b", "c"])
        assert heard == [("uid-a", None), ("uid-b", None), (None, "another"), (None, "uid-c")]
        assert [r.query.get("resourceVersion") for r in lists(api)] == ["0", None]


async def test_bookmarks_carry_the_revision_forward(api: FakeApi) -> None:
    api.put(PODS, pod("a"))
    async with following(api) as factory:
        factory.informer(Pod)
        await factory.synced()
        await until(lambda: api.news)
        api.put("/api/v1/nodes", {"metadata": {"name": "n"}})
        api.bookmark(PODS)
        api.compact()
        await until(lambda: factory.informer(Pod)._reflector.revision == "102")
        await api.stop()
        await api.start()
        await until(lambda: api.news)
        assert len(lists(api)) == 1
        assert watches(api)[-1].query["resourceVersion"] == "102"


async def test_a_server_that_is_not_there_yet(api: FakeApi) -> None:
    await api.stop()
    async with following(api) as factory:
        pods = factory.informer(Pod)
        await asyncio.sleep(0.05)
        assert not pods.has_synced
        api.put(PODS, pod("a"))
        await api.start()
        async with asyncio.timeout(60):
            await factory.synced()
        assert names(pods) == ["a"]


async def test_an_error_in_the_list_is_tried_again(api: FakeApi) -> None:
    api.fail_next += [(500, "no"), (503, ""), (403, "")]
    async with following(api) as factory, asyncio.timeout(60):
        factory.informer(Pod)
        await factory.synced()


async def test_a_server_whose_past_is_shorter_than_ours(api: FakeApi) -> None:
    """It was restored from a backup: our revision lies in its future."""
    api.put(PODS, pod("a"))
    async with following(api) as factory:
        pods = factory.informer(Pod)
        await factory.synced()
        await until(lambda: api.news)
        await api.stop()
        api.objects.clear()
        api.history.clear()
        api.revision = 50
        api.put(PODS, pod("restored"))
        api.fail_next.append((504, TOO_LARGE))
        await api.start()
        await until(lambda: names(pods) == ["restored"])


TOO_LARGE = """{"kind": "Status", "status": "Failure", "code": 504, "reason": "Timeout",
 "message": "Too large resource version: 101, current: 51",
 "details": {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}}"""


class Namer(Controller):
    """Writes each pod's name onto a label; fails at first."""

    name = "namer"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.pods = ctx.informers.informer(Pod)
        self.watches = ((self.pods, own_key),)

    async def reconcile(self, key: str) -> float | None:
        pod = self.pods.lister.get(*key.split("/"))
        if pod and pod.metadata.labels.get("name") != pod.metadata.name:
            meta = pod.metadata.replace(labels={"name": pod.metadata.name})
            await self.ctx.client.update(pod.replace(metadata=meta))


async def test_controllers_run_over_it_all(api: FakeApi) -> None:
    api.put(PODS, pod("a"))
    stop = asyncio.Event()
    async with Client(ClientConfig(server=api.url)) as client:
        factory = InformerFactory(client)
        factory.informer(Node)
        controller = Namer(Context(client, factory, EventRecorder(client, "namer")))
        running = asyncio.create_task(run_controllers([controller], factory, stop))
        await until(lambda: [r for r in api.requests if r.method == "PUT"])
        first = next(r for r in api.requests if r.method == "PUT")
        assert (first.headers["Mini-Actor"], first.headers["Mini-Key"]) == ("namer", "default/a")
        assert first.headers["Mini-Woken-By"] == "Pod/default/a@101"
        api.fail_next.append((503, "away"))
        api.put(PODS, pod("b"))
        await until(lambda: "labels" in api.objects[PODS, "default", "b"]["metadata"])
        stop.set()
        async with asyncio.timeout(60):
            await running
