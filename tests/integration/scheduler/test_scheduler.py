"""The scheduler on a real API server: bindings, texts, room that comes and goes."""

from __future__ import annotations

from machinery.api.core.v1 import Node, Pod
from tests.support.controlplane import ControlPlane
from tests.support.objects import container

WHO = ("service-account",)


async def create(plane: ControlPlane, name: str, cpu: str = "100m", **spec) -> None:
    await plane.client.create(Pod.from_dict({
        "metadata": {"name": name, "namespace": plane.namespace, "labels": {"name": name}},
        "spec": {"containers": [container(cpu=cpu).to_dict()], **spec}}))


def where(plane: ControlPlane, name: str) -> str:
    return next((pod.spec.node_name for pod in plane.pods(name=name)), "")


def unschedulable(plane: ControlPlane, name: str) -> str:
    conditions = [c for pod in plane.pods(name=name) for c in pod.status.conditions]
    return next((c.message for c in conditions if (c.type, c.status, c.reason) == (
        "PodScheduled", "False", "Unschedulable")), "")


async def test_a_pod_is_bound_and_told_about(server):
    async with ControlPlane(server, "control-plane", "worker-1", controllers=WHO) as plane:
        await create(plane, "web")
        await plane.until(lambda: where(plane, "web") == "worker-1")

        async def told():
            return await plane.events("web")

        assert await plane.eventually(told) == [
            ("default-scheduler", "Scheduled", f"Successfully assigned {plane.namespace}/web to worker-1")]


async def test_what_does_not_fit_waits_until_it_does(server):
    async with ControlPlane(server, "control-plane", "worker-1", "worker-2", controllers=WHO) as plane:
        for name in "ab":
            await create(plane, name, "1500m")
        await create(plane, "c", "1")
        await plane.until(lambda: unschedulable(plane, "c"))
        assert unschedulable(plane, "c") == (
            "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
            "2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
            "2 No preemption victims found for incoming pod.")
        assert {where(plane, "a"), where(plane, "b")} == {"worker-1", "worker-2"}
        free = where(plane, "a")
        await plane.client.delete(Pod, "a", plane.namespace)
        await plane.until(lambda: where(plane, "c") == free)
        scheduled = next(c for c in plane.pods(name="c")[0].status.conditions if c.type == "PodScheduled")
        assert scheduled.status == "True"


async def test_a_new_node_and_a_new_label_let_pods_in(server):
    async with ControlPlane(server, "worker-1", "worker-9", controllers=WHO) as plane:
        await plane.client.patch(Node, "worker-1", "", {"spec": {"unschedulable": True}})
        await plane.client.patch(Node, "worker-9", "", {"spec": {"unschedulable": True}})
        await plane.until(lambda: plane.node("worker-9").spec.unschedulable)
        await create(plane, "anywhere")
        await create(plane, "picky", nodeSelector={"disk": "ssd"})
        await plane.until(lambda: unschedulable(plane, "anywhere") and unschedulable(plane, "picky"))
        await plane.client.patch(Node, "worker-1", "", {"spec": {"unschedulable": False}})
        await plane.until(lambda: where(plane, "anywhere") == "worker-1")
        assert where(plane, "picky") == ""
        await plane.client.patch(Node, "worker-1", "", {"metadata": {"labels": {"disk": "ssd"}}})
        await plane.until(lambda: where(plane, "picky") == "worker-1")


async def test_a_hundred_pods_never_overcommit(server):
    async with ControlPlane(server, "worker-1", "worker-2", controllers=WHO) as plane:
        for number in range(50):
            await create(plane, f"p{number}", "90m")
        await plane.until(lambda: sum(bool(p.spec.node_name) for p in plane.pods()) == 44)
        await plane.until(lambda: sum(bool(unschedulable(plane, f"p{n}")) for n in range(50)) == 6)
        per_node = [p.spec.node_name for p in plane.pods()]
        assert per_node.count("worker-1") == per_node.count("worker-2") == 22
