"""Quotas on a real API server: a race for what is left, and what is given back."""

from __future__ import annotations

import asyncio

from machinery.api.core.v1 import Container, Pod, PodSpec, ResourceQuota, ResourceQuotaSpec
from machinery.api.errors import Forbidden
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.support.controlplane import ControlPlane

CLIENTS, LIMIT = 50, 7


def a_pod(plane: ControlPlane, name: str) -> Pod:
    return Pod(metadata=ObjectMeta(name=name, namespace=plane.namespace),
               spec=PodSpec(containers=(Container(name="c", image="i"),), node_name=""))


async def limit(plane: ControlPlane, **hard: str) -> None:
    await plane.client.create(ResourceQuota(
        metadata=ObjectMeta(name="q", namespace=plane.namespace), spec=ResourceQuotaSpec(hard=hard)))
    await plane.eventually(lambda: is_used(plane, dict.fromkeys(hard, "0")))


async def is_used(plane: ControlPlane, used: dict[str, str]) -> bool:
    return (await plane.client.get(ResourceQuota, "q", plane.namespace)).status.used == used


async def test_fifty_clients_at_once_never_get_more_than_there_is(server):
    async with ControlPlane(server, scheduler=False, kubelets=False) as plane:
        await limit(plane, pods=str(LIMIT))

        async def attempt(number: int) -> bool:
            async with Client(load_kubeconfig(server.kubeconfig)) as client:
                try:
                    await client.create(a_pod(plane, f"p{number}"))
                except Forbidden as error:
                    assert f"limited: pods={LIMIT}" in error.message
                    return False
                return True

        results = await asyncio.gather(*map(attempt, range(CLIENTS)))
        assert sum(results) == LIMIT
        assert len((await plane.client.list(Pod, plane.namespace)).items) == LIMIT
        assert await is_used(plane, {"pods": str(LIMIT)})
        gone = next(f"p{number}" for number, created in enumerate(results) if created)
        await plane.client.delete(Pod, gone, plane.namespace)
        await plane.eventually(lambda: is_used(plane, {"pods": str(LIMIT - 1)}))
        await plane.client.create(a_pod(plane, "again"))


async def test_a_name_that_is_taken_costs_nothing(server):
    async with ControlPlane(server, scheduler=False, kubelets=False) as plane:
        await limit(plane, pods="5")
        first = await asyncio.gather(
            *(plane.client.create(a_pod(plane, "same")) for _ in range(3)), return_exceptions=True)
        assert sum(isinstance(each, Pod) for each in first) == 1
        assert await is_used(plane, {"pods": "1"})
