"""Two versions of a kind with different fields, converted by a real webhook server; and one that fails."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.integration.apiserver.conftest import Api
from tests.integration.apiserver.test_custom_resources import CRDS, established
from tests.support.apiserver import ApiServer
from tests.support.conversion import ConversionServer

FIELDS = {"v1": "size", "v2": "length"}


@pytest.fixture
async def webhook(server: ApiServer) -> AsyncIterator[ConversionServer]:
    async with ConversionServer(server.authority, FIELDS) as running:
        yield running


@pytest.fixture
async def paths(api: Api, webhook: ConversionServer, namespace: str) -> dict[str, str]:
    """The collections of the two versions."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"rods.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": "rods", "kind": "Rod"},
            "conversion": webhook.conversion,
            "versions": [
                {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": {
                    "type": "object", "properties": {"spec": {
                        "type": "object", "properties": {field: {"type": "integer"}}}}}}}
                for name, field in FIELDS.items()
            ],
        },
    }  # fmt: skip
    made = await api.post(CRDS, crd)
    assert made.status == 201, made.body
    await established(api, f"rods.{group}")
    return {name: f"/apis/{group}/{name}/namespaces/{namespace}/rods" for name in FIELDS}


def rod(path: str, name: str = "one", **spec: int) -> dict[str, Any]:
    group, version = path.split("/")[2:4]
    return {"apiVersion": f"{group}/{version}", "kind": "Rod", "metadata": {"name": name}, "spec": spec}


async def test_each_version_shows_its_own_fields(api: Api, webhook: ConversionServer, paths: dict[str, str]) -> None:
    made = await api.post(paths["v2"], rod(paths["v2"], length=5))
    assert (made.status, made.body["spec"]) == (201, {"length": 5})
    assert (await api.get(f"{paths['v1']}/one")).body["spec"] == {"size": 5}
    changed = await api.patch(f"{paths['v2']}/one", {"spec": {"length": 6}})
    assert changed.body["spec"] == {"length": 6} and changed.body["metadata"]["generation"] == 2
    assert (await api.get(f"{paths['v1']}/one")).body["spec"] == {"size": 6}
    events = await api.watch(f"{paths['v2']}?watch=true", count=1)
    assert events[0]["object"]["spec"] == {"length": 6}


async def test_many_are_asked_for_at_once_and_once(api: Api, webhook: ConversionServer, paths: dict[str, str]) -> None:
    await asyncio.gather(*(api.post(paths["v1"], rod(paths["v1"], f"r{n}", size=n + 1)) for n in range(5)))
    for _ in range(2):
        listed = (await api.get(paths["v2"])).body["items"]
        assert sorted(each["spec"]["length"] for each in listed) == [1, 2, 3, 4, 5]
    assert [len(each["objects"]) for each in webhook.asked] == [5]


async def test_failures_say_why_and_leave_the_other_version_alone(
    api: Api, webhook: ConversionServer, paths: dict[str, str]
) -> None:
    await api.post(paths["v1"], rod(paths["v1"], size=3))
    webhook.fails = "not today"
    refused = await api.get(f"{paths['v2']}/one")
    assert refused.status == 500
    assert "conversion webhook for" in refused.message and refused.message.endswith("Kind=Rod failed: not today")
    assert (await api.get(f"{paths['v1']}/one")).status == 200
    ended = await api.watch(f"{paths['v2']}?watch=true", count=1)
    assert (ended[0]["type"], ended[0]["object"]["code"]) == ("ERROR", 500)
    webhook.fails = ""
    assert (await api.get(f"{paths['v2']}/one")).body["spec"] == {"length": 3}


async def test_a_service_is_asked_through_its_endpoints(
    api: Api, webhook: ConversionServer, paths: dict[str, str], namespace: str
) -> None:
    await api.post(paths["v1"], rod(paths["v1"], size=3))
    crd = f"{CRDS}/rods.{paths['v1'].split('/')[2]}"
    place = {"service": {"name": "turner", "namespace": namespace, "path": "/convert"}}
    assert (await api.patch(crd, {"spec": {"conversion": webhook.conversion_at({"url": None, **place})}})).status == 200
    post = f'Kind=Rod failed: Post "https://turner.{namespace}.svc:443/convert?timeout=30s": '
    assert (await api.get(f"{paths['v2']}/one")).message.endswith(f'{post}service "turner" not found')
    services = f"/api/v1/namespaces/{namespace}/services"
    await api.post(services, {"metadata": {"name": "turner"}, "spec": {"ports": [{"port": 443}]}})
    await api.get(f"{services}/turner")  # so that the cache has it
    refused = await api.get(f"{paths['v2']}/one")
    assert refused.message.endswith(f'{post}no endpoints available for service "turner"')


async def test_an_object_that_is_written_unchanged_is_stored_in_the_new_version(
    api: Api, server: ApiServer, paths: dict[str, str]
) -> None:
    made = await api.post(paths["v1"], rod(paths["v1"], size=3))
    assert (await api.put(f"{paths['v1']}/one", made.body)).revision == made.revision, "nothing differs yet"
    group = paths["v1"].split("/")[2]
    crd = (await api.get(f"{CRDS}/rods.{group}")).body
    for version in crd["spec"]["versions"]:
        version["storage"] = version["name"] == "v2"
    assert (await api.put(f"{CRDS}/rods.{group}", crd)).body["status"]["storedVersions"] == ["v1", "v2"]
    again = await api.put(f"{paths['v1']}/one", made.body)
    assert again.revision != made.revision and again.body["spec"] == {"size": 3}
    async with EtcdStorage(EtcdConfig((server.etcd.url,))) as storage:
        (stored,) = (await storage.list(f"/registry/rods.{group}/")).items
    assert json.loads(stored.body)["spec"] == {"length": 3}
    assert (await api.put(f"{paths['v1']}/one", again.body)).revision == again.revision
