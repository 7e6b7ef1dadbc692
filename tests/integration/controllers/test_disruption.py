"""Disruption budgets and evictions together, on a real API server."""

from __future__ import annotations

import asyncio

import pytest

from machinery.api.core.v1 import Event, Pod
from machinery.api.errors import TooManyRequests
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.policy.v1 import Eviction, PodDisruptionBudget, PodDisruptionBudgetSpec
from tests.integration.controllers.test_workloads import deployment, is_complete
from tests.support.controlplane import ControlPlane


async def budget(plane: ControlPlane, **spec: object) -> PodDisruptionBudget:
    made = PodDisruptionBudget(
        metadata=ObjectMeta(name="web", namespace=plane.namespace),
        spec=PodDisruptionBudgetSpec(selector=LabelSelector(match_labels={"app": "web"}), **spec))
    return await plane.client.create(made)


async def counted(plane: ControlPlane, **status: int) -> bool:
    now = (await plane.client.get(PodDisruptionBudget, "web", plane.namespace)).status
    return all(getattr(now, field) == value for field, value in status.items())


async def evict(plane: ControlPlane, pod: Pod) -> None:
    request = Eviction(metadata=ObjectMeta(name=pod.metadata.name, namespace=pod.metadata.namespace))
    await plane.client.create_subresource(pod, "eviction", request)


async def test_evictions_are_allowed_one_after_the_other_and_every_pod_goes_in_the_end(server):
    async with ControlPlane(server, "worker-1") as plane:
        await plane.client.create(deployment(plane, 3))
        await plane.eventually(lambda: is_complete(plane))
        await budget(plane, max_unavailable=1)
        await plane.eventually(lambda: counted(
            plane, disruptions_allowed=1, current_healthy=3, desired_healthy=2, expected_pods=3))
        old = plane.pods()
        answers = await asyncio.gather(*(evict(plane, pod) for pod in old), return_exceptions=True)
        assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 2
        assert sum(answer is None for answer in answers) == 1

        async def all_gone() -> bool:
            left = {pod.metadata.uid for pod in old} & {pod.metadata.uid for pod in plane.pods()}
            for pod in old:
                if pod.metadata.uid in left:
                    try:
                        await evict(plane, pod)
                    except TooManyRequests:
                        return False
            return not left

        await plane.eventually(all_gone)
        await plane.eventually(lambda: counted(plane, disruptions_allowed=1, current_healthy=3))


async def test_pods_without_a_controller_count_by_numbers_only(server):
    async with ControlPlane(server, "worker-1") as plane:
        async def told_of(reason: str) -> bool:
            events = await plane.client.list(Event, plane.namespace)
            return reason in {event.reason for event in events.items}

        await budget(plane, min_available="50%")
        await plane.eventually(lambda: told_of("NoPods"))
        loose = Pod.from_dict({
            "metadata": {"name": "loose", "namespace": plane.namespace, "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]}})
        await plane.client.create(loose)
        await plane.eventually(lambda: told_of("UnmanagedPods"))
        assert await counted(plane, disruptions_allowed=0, expected_pods=0)
        await plane.client.patch(PodDisruptionBudget, "web", plane.namespace, {"spec": {"minAvailable": 1}})
        await plane.eventually(lambda: counted(plane, disruptions_allowed=0, current_healthy=1, expected_pods=1))
        with pytest.raises(TooManyRequests, match="disruption budget"):
            await evict(plane, loose)
