"""`kubernetes_asyncio`: the official client's calls on an event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from kubernetes_asyncio import client, config, dynamic, utils, watch
from kubernetes_asyncio.client import ApiException

from tests.integration.clients import documents
from tests.support.light_cluster import LightCluster
from tests.support.waiting import until


@pytest.fixture
async def api(cluster: LightCluster) -> AsyncIterator[client.ApiClient]:
    async with await config.new_client_from_config(config_file=cluster.kubeconfig) as connection:
        yield connection


@pytest.fixture
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


async def eventually(ask: Any, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await ask():
            await asyncio.sleep(0.05)


async def test_a_deployment_lives_and_goes(api: client.ApiClient, core: client.CoreV1Api, namespace: str) -> None:
    apps = client.AppsV1Api(api)
    made = await apps.create_namespaced_deployment(namespace, documents.deployment())
    assert made.metadata.uid and made.spec.revision_history_limit == 10

    async def ready() -> bool:
        return (await apps.read_namespaced_deployment("web", namespace)).status.ready_replicas == 2

    await eventually(ready)
    scale = await apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 1}})
    assert scale.spec.replicas == 1
    (pod, *_) = (await core.list_namespaced_pod(namespace, label_selector="app=web")).items
    assert pod.status.phase == "Running" and pod.spec.node_name.startswith("node-")
    await apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")

    async def gone() -> bool:
        return not (await core.list_namespaced_pod(namespace)).items

    await eventually(gone)


PATCHES = [
    ("application/strategic-merge-patch+json", {"data": {"b": "2"}}),
    ("application/merge-patch+json", {"data": {"b": "2"}}),
    ("application/json-patch+json", [{"op": "add", "path": "/data/b", "value": "2"}]),
    ("application/apply-patch+yaml", documents.config_map("c", b="2")),
]


@pytest.mark.parametrize(("content_type", "patch"), PATCHES)
async def test_every_kind_of_patch(core: client.CoreV1Api, namespace: str, content_type: str, patch: Any) -> None:
    await core.create_namespaced_config_map(namespace, documents.config_map("c", a="1"))
    owner = {"field_manager": "me"} if "apply" in content_type else {}
    patched = await core.patch_namespaced_config_map("c", namespace, patch, _content_type=content_type, **owner)
    assert patched.data == {"a": "1", "b": "2"}


async def test_one_object_pages_and_errors(core: client.CoreV1Api, namespace: str) -> None:
    for name in ("c0", "c1", "c2"):
        await core.create_namespaced_config_map(namespace, documents.config_map(name, {"page": "yes"}))
    page = await core.list_namespaced_config_map(namespace, label_selector="page", limit=2)
    rest = await core.list_namespaced_config_map(
        namespace, label_selector="page", limit=2, _continue=page.metadata._continue)
    assert [item.metadata.name for item in [*page.items, *rest.items]] == ["c0", "c1", "c2"]
    stale = page.items[0]
    stale.data = {"a": "1"}
    await core.replace_namespaced_config_map("c0", namespace, stale)
    for call, status, reason in (
        (core.replace_namespaced_config_map("c0", namespace, stale), 409, "Conflict"),
        (core.read_namespaced_config_map("nobody", namespace), 404, "NotFound"),
        (core.create_namespaced_config_map(namespace, documents.config_map("We_b")), 422, "Invalid"),
    ):
        with pytest.raises(ApiException) as refused:
            await call
        assert (refused.value.status, json.loads(refused.value.body)["reason"]) == (status, reason)


async def test_a_watch_goes_on_across_a_restart_of_the_server(
    cluster: LightCluster, core: client.CoreV1Api, namespace: str
) -> None:
    seen: list[str] = []
    watching = watch.Watch()

    async def follow() -> None:
        while "after" not in seen:
            try:
                async for event in watching.stream(
                    core.list_namespaced_config_map, namespace, label_selector="here",
                    resource_version=watching.resource_version,
                ):  # fmt: skip
                    seen.append(event["object"].metadata.name)
                    if "after" in seen:
                        break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

    await core.create_namespaced_config_map(namespace, documents.config_map("before", {"here": ""}))
    following = asyncio.create_task(follow())
    await until(lambda: seen == ["before"])
    await asyncio.to_thread(cluster.restart)
    await core.create_namespaced_config_map(namespace, documents.config_map("after", {"here": ""}))
    async with asyncio.timeout(60):
        await following
    assert seen == ["before", "after"]


async def test_the_dynamic_client_and_files(api: client.ApiClient, namespace: str) -> None:
    found = await dynamic.DynamicClient(api)
    maps = await found.resources.get(api_version="v1", kind="ConfigMap")
    await maps.create(body=documents.config_map("c", a="1"), namespace=namespace)
    applied = await maps.server_side_apply(
        body=documents.config_map("c", a="3"), name="c", namespace=namespace, field_manager="me", force_conflicts=True)
    assert applied.data.a == "3"
    told = await maps.get(name="nobody", namespace=namespace)
    assert (told.kind, told.reason, told.code) == ("Status", "NotFound", 404)
    await utils.create_from_dict(api, documents.deployment(), namespace=namespace)
    deployments = await found.resources.get(api_version="apps/v1", kind="Deployment")
    assert (await deployments.get(name="web", namespace=namespace)).spec.replicas == 2
