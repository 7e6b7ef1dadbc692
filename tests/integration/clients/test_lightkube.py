"""`lightkube`: generic calls by class, server-side apply, batches, waiting and watching."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from lightkube import ApiError, AsyncClient, Client, KubeConfig, codecs, operators
from lightkube.core.generic_client import httpx
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Node, Pod, Service
from lightkube.types import CascadeType, PatchType

from tests.integration.clients import documents
from tests.support.cluster import eventually
from tests.support.light_cluster import LightCluster


@pytest.fixture
def client(cluster: LightCluster, namespace: str) -> Client:
    return Client(config=KubeConfig.from_file(cluster.kubeconfig), namespace=namespace, field_manager="me")


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, labels=labels), data=data)


def test_a_deployment_lives_and_goes(client: Client) -> None:
    for document in (documents.deployment(), documents.service()):
        client.create(codecs.from_dict(document))
    client.wait(Deployment, "web", for_conditions=["Available"])
    scaled = client.replace(Deployment.Scale(metadata=ObjectMeta(name="web"), spec={"replicas": 3}), "web")
    assert scaled.spec.replicas == 3
    patched = client.patch(Deployment.Scale, "web", {"spec": {"replicas": 1}}, patch_type=PatchType.MERGE)
    assert patched.spec.replicas == 1
    eventually(lambda: client.get(Deployment.Status, "web").status.readyReplicas == 1)
    (pod,) = [pod for pod in client.list(Pod, labels={"app": "web"}) if not pod.metadata.deletionTimestamp]
    assert pod.spec.nodeName.startswith("node-")
    assert client.get(Service, "web").spec.clusterIP.startswith("10.96.")
    client.delete(Deployment, "web", cascade=CascadeType.FOREGROUND)
    eventually(lambda: not list(client.list(Pod)))


def test_apply(client: Client, cluster: LightCluster, namespace: str) -> None:
    assert client.apply(config_map("c", color="red")).data == {"color": "red"}
    other = Client(config=KubeConfig.from_file(cluster.kubeconfig), namespace=namespace, field_manager="bob")
    with pytest.raises(ApiError) as refused:
        other.apply(config_map("c", color="green"))
    assert refused.value.status.code == 409 and refused.value.status.details.causes[0].field == ".data.color"
    assert other.apply(config_map("c", color="green"), force=True).data == {"color": "green"}
    assert client.apply(config_map("c")).data == {"color": "green"}
    managers = [owner.manager for owner in client.get(ConfigMap, "c").metadata.managedFields]
    assert "bob" in managers


def test_patches(client: Client) -> None:
    client.create(config_map("c", a="1"))
    client.patch(ConfigMap, "c", {"data": {"b": "2"}})
    client.patch(ConfigMap, "c", {"data": {"a": None}}, patch_type=PatchType.MERGE)
    last = client.patch(
        ConfigMap, "c", [{"op": "add", "path": "/data/d", "value": "4"}], patch_type=PatchType.JSON)
    assert last.data == {"b": "2", "d": "4"}


def test_pages_selectors_and_collections(client: Client) -> None:
    for number in range(5):
        client.create(config_map(f"c{number}", {"n": str(number)}))
    paged = [item.metadata.name for item in client.list(ConfigMap, chunk_size=2, labels={"n": operators.exists()})]
    assert paged == ["c0", "c1", "c2", "c3", "c4"]
    some = client.list(ConfigMap, labels={"n": operators.in_(["1", "2"])}, fields={"metadata.name": "c2"})
    assert [item.metadata.name for item in some] == ["c2"]
    client.deletecollection(ConfigMap)
    assert [item.metadata.name for item in client.list(ConfigMap, labels={"n": operators.exists()})] == []


def test_errors_are_its_exceptions(client: Client) -> None:
    client.create(config_map("c"))
    stale = client.get(ConfigMap, "c")
    client.patch(ConfigMap, "c", {"data": {"a": "1"}})
    for call, code, reason in (
        (lambda: client.get(ConfigMap, "nobody"), 404, "NotFound"),
        (lambda: client.create(config_map("c")), 409, "AlreadyExists"),
        (lambda: client.replace(stale), 409, "Conflict"),
        (lambda: client.create(config_map("We_b")), 422, "Invalid"),
    ):
        with pytest.raises(ApiError) as refused:
            call()
        assert (refused.value.status.code, refused.value.status.reason) == (code, reason)


def test_a_watch_goes_on_across_a_restart_of_the_server(client: Client, cluster: LightCluster) -> None:
    client.create(config_map("before", {"here": ""}))
    seen: list[tuple[str, str]] = []

    def follow(revision: str | None = None) -> None:
        while ("ADDED", "after") not in seen:
            # It asks again by itself, but gives up when nobody listens: while a server restarts, its user must retry.
            with contextlib.suppress(httpx.TransportError):
                for event, item in client.watch(
                    ConfigMap, labels={"here": operators.exists()}, resource_version=revision
                ):
                    revision = item.metadata.resourceVersion
                    seen.append((event, item.metadata.name))
                    if item.metadata.name == "after":
                        break

    with ThreadPoolExecutor() as threads:
        following = threads.submit(follow)
        eventually(lambda: seen)
        cluster.restart()
        client.create(config_map("after", {"here": ""}))
        following.result(30)
    assert seen == [("ADDED", "before"), ("ADDED", "after")]


def test_generic_resources_and_nodes(client: Client, namespace: str) -> None:
    generic = create_namespaced_resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
    client.create(generic(metadata=ObjectMeta(name="p"), spec={"podSelector": {}}))
    assert client.get(generic, "p").spec["policyTypes"] == ["Ingress"]
    assert {node.metadata.name for node in client.list(Node)} == {"node-1", "node-2", "node-3"}


async def test_on_an_event_loop(cluster: LightCluster, namespace: str) -> None:
    client = AsyncClient(config=KubeConfig.from_file(cluster.kubeconfig), namespace=namespace)
    await client.create(config_map("c", a="1"))
    assert [item.metadata.name async for item in client.list(ConfigMap, fields={"metadata.name": "c"})] == ["c"]
    async for event, item in client.watch(ConfigMap, fields={"metadata.name": "c"}):
        assert (event, item.data) == ("ADDED", {"a": "1"})
        break
    await client.close()
