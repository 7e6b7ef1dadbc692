"""What the audit log tells of our controllers: no request in vain, and keys that people can read."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from contextlib import suppress

import orjson

from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Namespace, Service
from machinery.api.discovery.v1 import EndpointSlice
from machinery.api.errors import NotFound
from tests.integration.controllers.test_workloads import deployment, is_complete, set_image
from tests.support.controlplane import ControlPlane

_marks = itertools.count(1)


async def conflicts(plane: ControlPlane) -> Counter[tuple[str, ...]]:
    """(verb, resource, subresource) of each request of the controllers in this test that was answered with 409."""
    lines = [line for line in await audited(plane) if line["responseStatus"]["code"] == 409]
    return Counter(
        (line["verb"], line["objectRef"]["resource"], line["objectRef"].get("subresource", "")) for line in lines
        if line["user"]["username"] == "system:kube-controller-manager"
        and line["objectRef"].get("namespace") == plane.namespace)


async def audited(plane: ControlPlane) -> list[dict]:
    """All lines so far; the log is written with a delay, so ask something and wait for its line."""
    mark = f"mark-{next(_marks)}"
    with suppress(NotFound):
        await plane.client.get(Namespace, mark)

    def read() -> bool:
        return mark.encode() in plane.server.audit_log.read_bytes()

    await plane.until(read)
    return [orjson.loads(line) for line in plane.server.audit_log.read_bytes().splitlines()]


async def scale(plane: ControlPlane, replicas: int) -> None:
    await plane.client.patch(Deployment, "web", plane.namespace, {"spec": {"replicas": replicas}})
    await plane.eventually(lambda: is_complete(plane))
    await plane.until(lambda: len(plane.pods()) == replicas)


async def addressed(plane: ControlPlane, number: int) -> bool:
    slices = (await plane.client.list(EndpointSlice, plane.namespace)).items
    return sum(len(s.endpoints) for s in slices) == number


def service(plane: ControlPlane) -> Service:
    return Service.from_dict({
        "metadata": {"name": "web", "namespace": plane.namespace},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}})


async def test_a_deployment_is_applied_and_scaled_without_a_conflict(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(service(plane))
        await plane.client.create(deployment(plane, 3))
        await plane.eventually(lambda: is_complete(plane))
        for replicas in (6, 1, 3):
            await scale(plane, replicas)
        await plane.eventually(lambda: addressed(plane, 3))
        assert await conflicts(plane) == Counter()


async def test_a_rolling_update_without_a_conflict(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(service(plane))
        await plane.client.create(deployment(plane, 4))
        await plane.eventually(lambda: is_complete(plane))
        await set_image(plane, "v2")
        await plane.eventually(lambda: is_complete(plane))
        assert await conflicts(plane) == Counter()


async def test_the_garbage_collector_says_what_it_works_on(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane, 1))
        await plane.eventually(lambda: is_complete(plane))
        await plane.client.delete(Deployment, "web", plane.namespace)
        await plane.until(lambda: not plane.pods())
        notes = [line["annotations"] for line in await audited(plane) if line.get("annotations") and
                 line["verb"] == "delete" and line["objectRef"].get("namespace") == plane.namespace]
        keys = [note["mini.io/key"] for note in notes if note.get("mini.io/actor") == "garbage-collector"]
        assert [re.sub(r"(web-\w+)(-\w+)?@[0-9a-f-]{36}$", "web", key) for key in keys] == [
            f"ReplicaSet/{plane.namespace}/web", f"Pod/{plane.namespace}/web"]
