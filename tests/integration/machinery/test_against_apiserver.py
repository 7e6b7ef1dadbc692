"""The client and the real API server on a real etcd, before and after the server is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from machinery.api import errors
from machinery.api.core.v1 import ConfigMap, Container, Event, Node, Pod, PodSpec
from machinery.api.meta.v1 import ObjectMeta
from machinery.client import cause
from machinery.client.config import load_kubeconfig
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from tests.support.apiserver import ApiServer
from tests.support.waiting import until


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with ApiServer(tmp_path) as running:
        yield running


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[Client]:
    async with Client(load_kubeconfig(server.kubeconfig), user_agent="tester") as running:
        yield running


def meta(name: str) -> ObjectMeta:
    return ObjectMeta(name=name, namespace="default")


async def test_a_copy_follows_through_a_hard_restart(server: ApiServer, client: Client) -> None:
    factory, stop, heard = InformerFactory(client), asyncio.Event(), []
    maps = factory.informer(ConfigMap, namespace="default", label_selector="app=test")
    maps.on_change(lambda old, new: heard.append((old and dict(old.data), new and dict(new.data))))
    running = asyncio.create_task(factory.run(stop))
    await factory.synced()
    made = await client.create(ConfigMap(metadata=meta("a").replace(labels={"app": "test"}), data={"n": "1"}))
    await client.create(ConfigMap(metadata=meta("not-selected")))
    await client.update(made.replace(data={"n": "2"}))
    await until(lambda: len(heard) == 2)
    server.kill()
    with pytest.raises(errors.ServiceUnavailable):
        await client.get(ConfigMap, "a", "default")
    await server.start()
    await client.patch(ConfigMap, "a", "default", {"data": {"n": "3"}}, patch_type="strategic")
    await client.delete(ConfigMap, "a", "default", uid=made.metadata.uid)
    await until(lambda: len(heard) == 4)
    assert heard == [(None, {"n": "1"}), ({"n": "1"}, {"n": "2"}), ({"n": "2"}, {"n": "3"}), ({"n": "3"}, None)]
    stop.set()
    await running


async def test_verbs(client: Client) -> None:
    made = await client.create(Pod(metadata=meta("p"), spec=PodSpec(containers=(Container(name="c", image="i"),))))
    with pytest.raises(errors.AlreadyExists, match='pods "p" already exists'):
        await client.create(made.replace(metadata=meta("p")))
    with pytest.raises(errors.Invalid, match=r"spec\.containers"):
        await client.create(Pod(metadata=meta("q")))
    await client.create(Node(metadata=ObjectMeta(name="n")))
    await client.bind(made, "n")
    with pytest.raises(errors.Conflict):
        await client.bind(made, "other")
    with pytest.raises(errors.Conflict):
        await client.update_status(made)
    bound = await client.get(Pod, "p", "default")
    running = await client.update_status(bound.replace(status=bound.status.replace(phase="Running")))
    listing = await client.list(Pod, field_selector="spec.nodeName=n,status.phase=Running")
    assert [pod.metadata.name for pod in listing.items] == ["p"]
    assert int(listing.resource_version) >= int(running.metadata.resource_version)
    with pytest.raises(errors.Conflict):
        await client.delete(Pod, "p", "default", uid="another")
    await client.delete(Pod, "p", "default", grace_period_seconds=0)
    with pytest.raises(errors.NotFound):
        await client.get(Pod, "p", "default")


async def test_the_cause_reaches_the_audit_log(server: ApiServer, client: Client) -> None:
    with cause.acting("replicaset", "default/web", ("Pod/default/web-1@7",)):
        await client.create(ConfigMap(metadata=meta("caused")))
    await until(lambda: '"caused"' in server.audit_log.read_text())
    line = next(line for line in server.audit_log.read_text().splitlines() if '"caused"' in line)
    assert all(text in line for text in ('"replicaset"', '"default/web"', '"Pod/default/web-1@7"'))


async def test_events_count_up(client: Client) -> None:
    recorder = EventRecorder(client, "tester", "here")
    about = await client.create(ConfigMap(metadata=meta("a")))
    for _ in range(3):
        recorder.record(about, "Normal", "Tested", "it works")
    await recorder.flush()
    listing = await client.list(Event, "default", field_selector="involvedObject.name=a,reason=Tested")
    assert [(event.count, event.message, event.source.component) for event in listing.items] == [
        (3, "it works", "tester")]
