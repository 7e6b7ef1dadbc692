"""The loop, over a fake API: what is watched, what is asked."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from machinery.api.core.v1 import Node, Pod
from machinery.api.errors import Conflict, NotFound
from machinery.client.informer import InformerFactory
from machinery.client.reflector import Changed, Replaced
from machinery.component.clock import FakeClock
from scheduler.queue import Place
from scheduler.scheduler import Scheduler
from tests.support.objects import container, node, pod


class FakeApi:
    """Remembers what it was asked; answers with `trouble` if it has any."""

    def __init__(self) -> None:
        self.bound: list[tuple[str, str]] = []
        self.patches: list[dict] = []
        self.deleted: list[str] = []
        self.trouble: list[Exception] = []

    async def bind(self, pod, node_name):
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble.pop(0)
        self.bound.append((pod.metadata.name, node_name))

    async def patch(self, kind, name, namespace, body, *, patch_type, subresource):
        assert (patch_type, subresource) == ("strategic", "status")
        self.patches.append({"name": name, **body["status"]})

    async def delete(self, kind, name, namespace, *, uid):
        self.deleted.append(name)


class Events(list):
    def record(self, obj, type_, reason, message):
        self.append((obj.metadata.name, type_, reason, message))


class World:
    """A scheduler, and the watch that tells it things."""

    def __init__(self, *nodes: Node, pods: tuple[Pod, ...] = ()) -> None:
        self.api, self.events, self.clock = FakeApi(), Events(), FakeClock()
        factory = InformerFactory(self.api)
        self.scheduler = Scheduler(self.api, factory, self.events, clock=self.clock)
        self.pods, self.nodes = factory.informer(Pod), factory.informer(Node)
        self.nodes.apply(Replaced(nodes))
        self.pods.apply(Replaced(pods))
        self._revision = 1

    def see(self, obj, *, deleted: bool = False) -> None:
        self._revision += 1
        informer = self.pods if isinstance(obj, Pod) else self.nodes
        newer = obj.replace(metadata=obj.metadata.replace(resource_version=str(self._revision)))
        informer.apply(Changed(newer, deleted))


@asynccontextmanager
async def running(world: World):
    task = asyncio.create_task(world.scheduler.run())
    try:
        await settle()
        yield world
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settle() -> None:
    for _ in range(60):
        await asyncio.sleep(0)


async def test_a_pod_without_a_node_gets_one():
    async with running(World(node("worker-1"), pods=(pod("web"),))) as world:
        assert world.api.bound == [("web", "worker-1")]
        assert world.events == [("web", "Normal", "Scheduled", "Successfully assigned default/web to worker-1")]


async def test_pods_of_other_schedulers_gated_leaving_or_placed_ones_are_left_alone():
    from machinery.api.core.v1 import PodSchedulingGate

    others = (pod("other", scheduler_name="mine"), pod("gated", scheduling_gates=(PodSchedulingGate(name="g"),)),
              pod("placed", node="worker-1"), pod("leaving", metadata={"deletion_timestamp": FakeClock().now()}))
    async with running(World(node("worker-1"), pods=others)) as world:
        assert world.api.bound == [] and world.events == []


async def test_decisions_count_before_they_are_confirmed():
    pods = tuple(pod(f"p{i}", container(cpu="1500m")) for i in range(2))
    async with running(World(node("worker-1"), pods=pods)) as world:
        assert world.api.bound == [("p0", "worker-1")]
        assert world.events[-1][2:] == (
            "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: "
            "1 No preemption victims found for incoming pod.")


async def test_an_unschedulable_pod_says_so_once_and_waits_for_room():
    filler = pod("filler", container(cpu="2"), node="worker-1")
    async with running(World(node("worker-1"), pods=(filler, pod("web", container(cpu="1"))))) as world:
        (patch,) = world.api.patches
        assert patch["conditions"][0] | {"message": ""} == {
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "",
            "lastProbeTime": None, "lastTransitionTime": "2030-01-01T00:00:00Z"}
        assert world.scheduler.queue.place("default/web") is Place.UNSCHEDULABLE
        world.see(node("worker-1"))
        world.see(filler, deleted=True)
        assert world.scheduler.queue.place("default/web") is Place.BACKOFF
        world.clock.advance(1)
        await settle()
        assert world.api.bound == [("web", "worker-1")]


async def test_a_finished_pod_takes_no_room():
    async with running(World(node("worker-1"), pods=(pod("filler", container(cpu="2"), node="worker-1"),))) as world:
        world.see(pod("filler", container(cpu="2"), node="worker-1", phase="Succeeded"))
        world.see(pod("web", container(cpu="2")))
        await settle()
        assert world.api.bound == [("web", "worker-1")]


async def test_the_pods_own_status_does_not_wake_it():
    async with running(World(node("worker-1", pods="0"), pods=(pod("web"),))) as world:
        world.see(pod("web", status={"message": "x"}))
        world.clock.advance(60)
        await settle()
        assert len(world.events) == 1


async def test_a_binding_that_fails_is_taken_back_and_tried_again():
    world = World(node("worker-1"), pods=(pod("web", container(cpu="2")),))
    world.api.trouble = [Conflict("pods", "web")]
    async with running(world):
        assert world.api.bound == [] and world.scheduler.cache.snapshot(0).nodes[0].free("cpu") == 2000
        world.clock.advance(1)
        await settle()
        assert world.api.bound == [("web", "worker-1")]


async def test_a_pod_that_vanished_is_forgotten():
    world = World(node("worker-1"), pods=(pod("web"),))
    world.api.trouble = [NotFound("pods", "web")]
    async with running(world):
        world.clock.advance(20)
        await settle()
        assert world.api.bound == [] and world.scheduler.queue.place("default/web") is Place.GONE


async def test_preemption_nominates_then_deletes():
    victim = pod("victim", container(cpu="2"), node="worker-1")
    async with running(World(node("worker-1"), pods=(victim, pod("vip", container(cpu="2"), priority=9)))) as world:
        assert world.api.deleted == ["victim"]
        assert world.api.patches[0] == {"name": "vip", "nominatedNodeName": "worker-1"}
        assert ("victim", "Normal", "Preempted", "Preempted by pod uid-vip on node worker-1") in world.events
        world.see(pod("lesser", container(cpu="1")))
        world.see(victim, deleted=True)
        world.clock.advance(2)
        await settle()
        assert world.api.bound == [("vip", "worker-1")]
