"""A group whose extension server is away: namespaces say so and keep waiting, everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from machinery.api.apiregistration.v1 import APIService
from machinery.api.core.v1 import ConfigMap, Namespace
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import ObjectMeta
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane, one_server

AWAY = {
    "metadata": {"name": "v1.toys.example.com"},
    "spec": {"group": "toys.example.com", "version": "v1", "groupPriorityMinimum": 2000, "versionPriority": 20,
             "service": {"namespace": "default", "name": "nobody"}},
}  # fmt: skip
FAILURE = (
    "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
    "toys.example.com/v1: stale GroupVersion discovery: toys.example.com/v1"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with one_server(tmp_path_factory.mktemp("apiserver")) as running:
        yield running


async def gone(plane: ControlPlane, kind: type, name: str, namespace: str = "") -> bool:
    try:
        await plane.client.get(kind, name, namespace)
    except NotFound:
        return True
    return False


def config_map(namespace: str, name: str, **meta: object) -> ConfigMap:
    return ConfigMap.from_dict({"metadata": {"name": name, "namespace": namespace, **meta}})


async def test_what_can_be_done_is_done(server: ApiServer) -> None:
    async with ControlPlane(server, scheduler=False) as plane:
        await plane.client.create(APIService.from_dict(AWAY))

        async def told() -> bool:
            found = await plane.client.get(APIService, "v1.toys.example.com")
            return [row.reason for row in found.status.conditions] == ["ServiceNotFound"]

        await plane.eventually(told)
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "0-0"}
        await plane.client.create(config_map(plane.namespace, "left", ownerReferences=[owner]))
        await plane.eventually(lambda: gone(plane, ConfigMap, "left", plane.namespace))
        await plane.client.create(Namespace(metadata=ObjectMeta(name="ending")))
        await plane.client.create(config_map("ending", "content"))
        await plane.client.delete(Namespace, "ending")

        async def waits() -> bool:
            conditions = (await plane.client.get(Namespace, "ending")).status.conditions
            return ("NamespaceDeletionDiscoveryFailure", "True", FAILURE) in [
                (row.type, row.status, row.message) for row in conditions
            ]

        await plane.eventually(waits)
        assert await gone(plane, ConfigMap, "content", "ending")
        await plane.client.delete(APIService, "v1.toys.example.com")
        await plane.eventually(lambda: gone(plane, Namespace, "ending"))
