"""`kr8s`: objects that fetch, wait, scale and watch themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import kr8s
import pytest
from kr8s.objects import ConfigMap, Deployment, Node, Pod, Service

from tests.integration.clients import documents
from tests.support.cluster import eventually
from tests.support.light_cluster import LightCluster


@pytest.fixture
def api(cluster: LightCluster, namespace: str) -> Any:
    return kr8s.api(kubeconfig=cluster.kubeconfig, namespace=namespace)


def made(kind: Any, document: documents.Doc, api: Any) -> Any:
    """A new object in the test's namespace, created."""
    document["metadata"]["namespace"] = api.namespace
    new = kind(document, api=api)
    new.create()
    return new


def test_a_deployment_lives_and_goes(api: Any) -> None:
    web = made(Deployment, documents.deployment(), api)
    web.wait("condition=Available", timeout=60)
    web.scale(3)
    assert web.replicas == 3
    eventually(lambda: web.ready())
    pods = list(api.get("pods", namespace=api.namespace, label_selector={"app": "web"}))
    assert len(pods) == 3 and all(pod.ready() for pod in pods)
    assert [pod.name for pod in api.get("pods", field_selector="status.phase=Running")]
    service = made(Service, documents.service(), api)
    eventually(lambda: len(service.ready_pods()) == 3)
    web.label(tier="front")
    web.annotate({"note": "two words"})
    web.refresh()
    assert web.labels["tier"] == "front" and web.annotations["note"] == "two words"
    web.remove_label("tier")
    web.delete(propagation_policy="Foreground")
    eventually(lambda: not web.exists())
    with pytest.raises(kr8s.NotFoundError):
        web.refresh()


def test_patches_and_errors(api: Any) -> None:
    shared = made(ConfigMap, documents.config_map("c", a="1"), api)
    shared.patch({"data": {"b": "2"}})
    shared.patch([{"op": "replace", "path": "/data/a", "value": "3"}], type="json")
    assert dict(shared.data) == {"a": "3", "b": "2"}
    with pytest.raises(kr8s.ServerError) as twice:
        made(ConfigMap, documents.config_map("c"), api)
    assert twice.value.response.status_code == 409 and "already exists" in str(twice.value)
    with pytest.raises(kr8s.ServerError) as wrong:
        made(ConfigMap, documents.config_map("We_b"), api)
    assert wrong.value.response.status_code == 422
    with pytest.raises(kr8s.NotFoundError):
        ConfigMap.get("nobody", namespace=api.namespace, api=api)


def test_watches(api: Any) -> None:
    shared = made(ConfigMap, documents.config_map("c", {"here": ""}), api)
    seen = []

    def follow() -> None:
        for event, item in api.watch("configmaps", namespace=api.namespace, label_selector="here"):
            seen.append((event, item.name))
            if event == "DELETED":
                return

    with ThreadPoolExecutor() as threads:
        following = threads.submit(follow)
        eventually(lambda: seen)
        shared.patch({"data": {"x": "y"}})
        shared.delete()
        following.result(20)
    assert seen == [("ADDED", "c"), ("MODIFIED", "c"), ("DELETED", "c")]


def test_what_it_knows_of_the_api(api: Any) -> None:
    assert api.version()["minor"] == "32"
    assert "kubernetes-admin" in str(api.whoami())
    assert "apps/v1" in list(api.api_versions())
    resources = {resource["name"]: resource for resource in api.api_resources()}
    assert resources["deployments"]["shortNames"] == ["deploy"] and not resources["nodes"]["namespaced"]
    assert list(api.get("deploy")) == []


def test_nodes_and_pods(api: Any) -> None:
    node = Node.get("node-2", api=api)
    node.cordon()
    node.refresh()
    assert node.unschedulable
    node.uncordon()
    pod = made(Pod, documents.pod(), api)
    pod.wait("condition=Ready", timeout=60)
    pod.wait("jsonpath='{.status.phase}'=Running", timeout=60)
    pod.delete(grace_period=0)
    eventually(lambda: not pod.exists())


async def test_on_an_event_loop(cluster: LightCluster, namespace: str) -> None:
    from kr8s.asyncio.objects import ConfigMap as AsyncConfigMap

    api = await kr8s.asyncio.api(kubeconfig=cluster.kubeconfig, namespace=namespace)
    document = documents.config_map("c", a="1")
    document["metadata"]["namespace"] = namespace
    shared = await AsyncConfigMap(document, api=api)
    await shared.create()
    assert await shared.exists()
    names = [item.name async for item in api.get("configmaps", namespace=namespace)]
    assert "c" in names
    await shared.delete()
    assert not await shared.exists()
