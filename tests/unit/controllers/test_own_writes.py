"""What we wrote counts before the watch tells of it: on a copy that stays behind until the test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from controllers.deployment import DeploymentController
from controllers.endpoints import EndpointsController
from controllers.endpointslice import EndpointSliceController
from controllers.own_writes import OwnWrites
from controllers.replicaset import ReplicaSetController
from machinery.api.apps.v1 import Deployment, DeploymentStatus, ReplicaSet
from machinery.api.core.v1 import Endpoints, Pod, Service
from machinery.api.discovery.v1 import EndpointSlice
from machinery.api.errors import Conflict
from machinery.client.config import ClientConfig
from machinery.client.controller import Context, Controller
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.reflector import Changed
from machinery.client.rest import Client, path_of
from machinery.component.clock import FakeClock
from tests.support.fake_api import FakeApi
from tests.support.simulation import deployment
from tests.unit.controllers.test_endpoint_mapping import backend, service

DEPLOYMENTS = path_of(Deployment)


class World:
    """A server, and copies that see only what `show` shows them."""

    def __init__(self, api: FakeApi, client: Client) -> None:
        self.api, self.client = api, client
        self.informers = InformerFactory(client)
        self.events = EventRecorder(client, "test")
        self.context = Context(client, self.informers, self.events, FakeClock())

    def store(self, obj: object) -> object:
        """Somebody writes to the server."""
        return type(obj).from_dict(self.api.put(path_of(type(obj)), obj.to_dict()))

    def show(self, *kinds: type) -> None:
        """The watch tells how things are."""
        for kind in kinds:
            for (collection, _, _), document in list(self.api.objects.items()):
                if collection == path_of(kind):
                    self.informers.informer(kind).apply(Changed(kind.from_dict(document), False))

    def writes(self) -> list[str]:
        """The requests that change something, but for Events."""
        return [f"{r.method} {r.path.rpartition('namespaces/')[2]}" for r in self.api.requests
                if r.method != "GET" and "/events" not in r.path]



@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with FakeApi() as api, Client(ClientConfig(server=api.url)) as client:
        running = World(api, client)
        yield running
        await running.events.close()


async def twice(controller: Controller, key: str) -> None:
    """Two passes, the second one before the copy has seen what the first one did."""
    await controller.reconcile(key)
    await controller.reconcile(key)


@pytest.fixture
def own(world: World) -> OwnWrites[Deployment]:
    return OwnWrites(world.client, world.informers.informer(Deployment))


def known(world: World) -> Deployment:
    return world.informers.informer(Deployment).lister.get("default", "web")


async def test_the_answer_counts_until_the_copy_has_caught_up(world: World, own: OwnWrites[Deployment]) -> None:
    first = world.store(deployment())
    world.show(Deployment)
    written = await own.update(first.replace(spec=first.spec.replace(replicas=5)))
    assert known(world) == first and own.newest(first) == written and written.spec.replicas == 5
    await own.update(written.replace(spec=written.spec.replace(replicas=6)))
    theirs = world.store(known(world).replace(spec=first.spec.replace(replicas=9)))
    world.show(Deployment)
    assert own.newest(known(world)) == theirs == known(world)


async def test_what_the_copy_does_not_have_is_not_remembered(world: World, own: OwnWrites[Deployment]) -> None:
    first = world.store(deployment())
    await own.update(first)
    assert own.newest(first) == first


async def test_what_is_gone_is_forgotten(world: World, own: OwnWrites[Deployment]) -> None:
    first = world.store(deployment())
    world.show(Deployment)
    await own.update(first)
    world.informers.informer(Deployment).apply(Changed(first, True))
    assert own.newest(first) == first
    world.api.delete(DEPLOYMENTS, "default", "web")
    assert await own.patch(first, first.replace(status=DeploymentStatus(replicas=1)), subresource="status") is None


async def test_an_update_says_when_somebody_else_was_faster(world: World, own: OwnWrites[Deployment]) -> None:
    first = world.store(deployment())
    world.show(Deployment)
    await own.update(first)
    world.store(first)
    with pytest.raises(Conflict):
        await own.update(own.newest(first))
    assert own.newest(first) == first


async def test_a_patch_sends_the_difference_and_lets_others_be(world: World, own: OwnWrites[Deployment]) -> None:
    first = world.store(deployment())
    world.show(Deployment)
    world.store(first.replace(spec=first.spec.replace(replicas=9)))
    written = await own.patch(first, first.replace(status=DeploymentStatus(replicas=3)), subresource="status")
    assert (written.spec.replicas, written.status.replicas) == (9, 3)
    assert world.api.requests[-1].body == {"metadata": {"uid": first.metadata.uid}, "status": {"replicas": 3}}


async def test_endpoints_are_created_once_and_updated_without_a_conflict(world: World) -> None:
    controller = EndpointsController(world.context)
    world.store(service())
    world.show(Service)
    await twice(controller, "default/web")
    assert world.writes() == ["POST default/endpoints"]
    world.show(Endpoints)
    for number in (1, 2):
        world.store(backend(number))
        world.show(Pod)
        await controller.reconcile("default/web")
    assert world.writes()[1:] == ["PUT default/endpoints/web"] * 2


async def test_slices_are_updated_without_a_conflict(world: World) -> None:
    controller = EndpointSliceController(world.context)
    world.store(service())
    world.store(EndpointSlice.from_dict({"addressType": "IPv4", "metadata": {
        "name": "web-1", "namespace": "default", "labels": {
            "kubernetes.io/service-name": "web",
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}}}))
    world.show(Service, EndpointSlice)
    for number in (1, 2):
        world.store(backend(number))
        world.show(Pod)
        await controller.reconcile("default/web")
    assert world.writes() == ["PUT default/endpointslices/web-1"] * 2


async def test_a_deployment_creates_its_set_once(world: World) -> None:
    controller = DeploymentController(world.context)
    world.store(deployment())
    world.show(Deployment)
    await twice(controller, "default/web")
    assert [write.partition("/replicasets")[0] for write in world.writes() if "replicasets" in write] == [
        "POST default"]
    world.show(ReplicaSet)
    await controller.reconcile("default/web")
    assert [write for write in world.writes() if write.startswith(("PUT", "POST"))] == ["POST default/replicasets"]


async def test_a_replica_set_says_its_status_once(world: World) -> None:
    controller = ReplicaSetController(world.context)
    made = deployment()
    world.store(ReplicaSet(metadata=made.metadata.replace(generation=7), spec=ReplicaSet.from_dict(
        {"spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}}}).spec))
    world.show(ReplicaSet)
    await twice(controller, "default/web")
    assert world.writes() == ["PATCH default/replicasets/web/status"]
