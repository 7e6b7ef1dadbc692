"""The official Python client, `kubernetes`: typed calls, the dynamic client, watches, informers and errors."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client import ApiException
from urllib3.exceptions import MaxRetryError

from tests.integration.clients import documents
from tests.support.cluster import eventually
from tests.support.light_cluster import LightCluster

PATCHES = {
    "application/strategic-merge-patch+json": {"data": {"b": "2"}},
    "application/merge-patch+json": {"data": {"a": None, "b": "2"}},
    "application/json-patch+json": [{"op": "add", "path": "/data/b", "value": "2"}],
    "application/apply-patch+yaml": documents.config_map("c", b="2"),
}


@pytest.fixture
def api(cluster: LightCluster) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(config_file=cluster.kubeconfig) as connection:
        yield connection


@pytest.fixture
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


def test_a_deployment_lives_and_goes(api: client.ApiClient, core: client.CoreV1Api, namespace: str) -> None:
    apps = client.AppsV1Api(api)
    container = client.V1Container(name="c", image="nginx", ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"app": "web"}), spec=client.V1PodSpec(containers=[container]))
    wanted = client.V1DeploymentSpec(
        replicas=2, selector=client.V1LabelSelector(match_labels={"app": "web"}), template=template)
    made = apps.create_namespaced_deployment(
        namespace, client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=wanted))
    assert made.metadata.uid and made.spec.strategy.rolling_update.max_surge == "25%"
    eventually(lambda: apps.read_namespaced_deployment_status("web", namespace).status.ready_replicas == 2)
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    scale.spec.replicas = 3
    assert apps.replace_namespaced_deployment_scale("web", namespace, scale).spec.replicas == 3
    eventually(lambda: len(core.list_namespaced_pod(namespace, label_selector="app=web").items) == 3)
    patched = apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 1}})
    assert patched.spec.replicas == 1
    pods = core.list_namespaced_pod(namespace, field_selector="status.phase=Running").items
    assert all(pod.spec.node_name.startswith("node-") and pod.status.pod_ip for pod in pods)
    gone = apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    assert gone is not None
    eventually(lambda: core.list_namespaced_pod(namespace).items == [])


def test_every_call_for_one_object(core: client.CoreV1Api, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, documents.config_map("c", {"x": "y"}, a="1"))
    read = core.read_namespaced_config_map("c", namespace)
    read.data["a"] = "2"
    replaced = core.replace_namespaced_config_map("c", namespace, read)
    assert replaced.data == {"a": "2"} and replaced.metadata.resource_version != read.metadata.resource_version
    with pytest.raises(ApiException) as stale:
        core.replace_namespaced_config_map("c", namespace, read)
    assert (stale.value.status, json.loads(stale.value.body)["reason"]) == (409, "Conflict")
    dry = core.patch_namespaced_config_map("c", namespace, {"data": {"a": "3"}}, dry_run="All")
    assert dry.data == {"a": "3"} and core.read_namespaced_config_map("c", namespace).data == {"a": "2"}
    deleted = core.delete_collection_namespaced_config_map(namespace, label_selector="x=y")
    assert deleted is not None
    assert [c.metadata.name for c in core.list_namespaced_config_map(namespace, label_selector="x").items] == []


@pytest.mark.parametrize("content_type", PATCHES)
def test_every_kind_of_patch(core: client.CoreV1Api, namespace: str, content_type: str) -> None:
    core.create_namespaced_config_map(namespace, documents.config_map("c", a="1"))
    owner = {"field_manager": "me"} if "apply" in content_type else {}
    core.patch_namespaced_config_map("c", namespace, PATCHES[content_type], _content_type=content_type, **owner)
    kept = {} if content_type == "application/merge-patch+json" else {"a": "1"}
    assert core.read_namespaced_config_map("c", namespace).data == {**kept, "b": "2"}


def test_conflicts_of_server_side_apply(core: client.CoreV1Api, namespace: str) -> None:
    def apply(owner: str, value: str, **options: bool) -> client.V1ConfigMap:
        return core.patch_namespaced_config_map(
            "c", namespace, documents.config_map("c", color=value), field_manager=owner,
            _content_type="application/apply-patch+yaml", **options)  # fmt: skip

    apply("alice", "red")
    with pytest.raises(ApiException) as refused:
        apply("bob", "green")
    told = json.loads(refused.value.body)
    assert refused.value.status == 409 and told["details"]["causes"][0]["field"] == ".data.color"
    assert apply("bob", "green", force=True).data == {"color": "green"}
    owners = core.read_namespaced_config_map("c", namespace).metadata.managed_fields
    assert [(owner.manager, owner.operation) for owner in owners if "f:data" in owner.fields_v1] == [("bob", "Apply")]


def test_pages(core: client.CoreV1Api, namespace: str) -> None:
    for number in range(7):
        core.create_namespaced_config_map(namespace, documents.config_map(f"c{number}", {"page": "yes"}))
    names, mark = [], None
    while mark != "":
        page = core.list_namespaced_config_map(namespace, label_selector="page=yes", limit=3, _continue=mark)
        names.append([item.metadata.name for item in page.items])
        mark = page.metadata._continue or ""
    assert names == [["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c6"]]


def test_errors_are_its_exceptions(core: client.CoreV1Api, namespace: str) -> None:
    def refused(call: object, *words: object) -> tuple[int, str]:
        with pytest.raises(ApiException) as error:
            call(*words)
        return error.value.status, json.loads(error.value.body)["reason"]

    assert refused(core.read_namespaced_pod, "nobody", namespace) == (404, "NotFound")
    core.create_namespaced_config_map(namespace, documents.config_map("c"))
    assert refused(core.create_namespaced_config_map, namespace, documents.config_map("c")) == (409, "AlreadyExists")
    assert refused(core.create_namespaced_config_map, namespace, documents.config_map("We_b")) == (422, "Invalid")
    assert refused(lambda: core.list_namespaced_pod(namespace, label_selector="!!")) == (400, "BadRequest")


def test_a_watch_resumes_where_it_was(core: client.CoreV1Api, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, documents.config_map("a"))
    watching = watch.Watch()
    first = [event["object"].metadata.name for event in watching.stream(
        core.list_namespaced_config_map, namespace, field_selector="metadata.name=a", timeout_seconds=1)]  # fmt: skip
    assert first == ["a"]
    core.patch_namespaced_config_map("a", namespace, {"data": {"x": "1"}})
    core.delete_namespaced_config_map("a", namespace)
    later = watch.Watch().stream(
        core.list_namespaced_config_map, namespace, resource_version=watching.resource_version,
        field_selector="metadata.name=a", timeout_seconds=1)  # fmt: skip
    assert [(event["type"], event["object"].data) for event in later] == [("MODIFIED", {"x": "1"}),
                                                                          ("DELETED", {"x": "1"})]  # fmt: skip


def test_a_watch_goes_on_across_a_restart_of_the_server(
    cluster: LightCluster, core: client.CoreV1Api, namespace: str
) -> None:
    seen: list[str] = []
    watching = watch.Watch()

    def follow() -> None:
        while "after" not in seen:
            # It tries three times at once; while the server is away, its user has to be more patient.
            with contextlib.suppress(MaxRetryError):
                for event in watching.stream(core.list_namespaced_config_map, namespace, label_selector="here",
                                             resource_version=watching.resource_version):  # fmt: skip
                    seen.append(event["object"].metadata.name)
                    if "after" in seen:
                        break

    with ThreadPoolExecutor() as threads:
        core.create_namespaced_config_map(namespace, documents.config_map("before", {"here": ""}))
        following = threads.submit(follow)
        eventually(lambda: seen == ["before"])
        cluster.restart()
        core.create_namespaced_config_map(namespace, documents.config_map("after", {"here": ""}))
        following.result(30)
    assert seen == ["before", "after"]


def test_an_informer_keeps_a_copy(core: client.CoreV1Api, namespace: str) -> None:
    from kubernetes.informer import SharedInformer

    core.create_namespaced_config_map(namespace, documents.config_map("a"))
    added, deleted = threading.Event(), threading.Event()
    informer = SharedInformer(core.list_namespaced_config_map, namespace=namespace)
    informer.add_event_handler("ADDED", lambda item: item.metadata.name == "b" and added.set())
    informer.add_event_handler("DELETED", lambda item: item.metadata.name == "a" and deleted.set())
    informer.start()
    try:
        eventually(lambda: informer.cache.get_by_key(f"{namespace}/a"))
        core.create_namespaced_config_map(namespace, documents.config_map("b"))
        core.delete_namespaced_config_map("a", namespace)
        assert added.wait(60) and deleted.wait(60)
        eventually(lambda: informer.cache.get_by_key(f"{namespace}/a") is None)
    finally:
        informer.stop()


def test_the_dynamic_client(api: client.ApiClient, namespace: str) -> None:
    found = dynamic.DynamicClient(api)
    maps = found.resources.get(api_version="v1", kind="ConfigMap")
    maps.create(body=documents.config_map("c", {"x": "y"}, a="1"), namespace=namespace)
    assert maps.get(name="c", namespace=namespace).data.a == "1"
    assert [item.metadata.name for item in maps.get(namespace=namespace, label_selector="x=y").items] == ["c"]
    maps.patch(body={"data": {"a": "2"}}, name="c", namespace=namespace, content_type="application/merge-patch+json")
    applied = maps.server_side_apply(
        body=documents.config_map("c", a="3"), name="c", namespace=namespace, field_manager="me", force_conflicts=True)
    assert applied.data.a == "3"
    with pytest.raises(dynamic.exceptions.NotFoundError):
        maps.get(name="nobody", namespace=namespace)
    events = maps.watch(namespace=namespace, timeout=1)
    assert ("ADDED", "c") in [(event["type"], event["object"].metadata.name) for event in events]
    maps.delete(name="c", namespace=namespace)
    deployments = found.resources.get(api_version="apps/v1", kind="Deployment")
    assert deployments.subresources["scale"] and "deploy" in deployments.short_names
    assert found.resources.get(api_version="batch/v1", kind="CronJob").namespaced


def test_objects_from_a_file(api: client.ApiClient, core: client.CoreV1Api, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(yaml.safe_dump_all([documents.deployment(), documents.service(), documents.config_map("c")]))
    utils.create_from_yaml(api, str(file), namespace=namespace)
    assert core.read_namespaced_service("web", namespace).spec.cluster_ip.startswith("10.96.")
    with pytest.raises(utils.FailToCreateError):
        utils.create_from_yaml(api, str(file), namespace=namespace)


def test_what_else_there_is(api: client.ApiClient, core: client.CoreV1Api, namespace: str) -> None:
    assert client.VersionApi(api).get_code().minor == "32"
    assert "apps" in [group.name for group in client.ApisApi(api).get_api_versions().groups]
    pods = [resource for resource in core.get_api_resources().resources if resource.name == "pods"]
    assert pods[0].short_names == ["po"]
    core.create_namespaced_pod(namespace, documents.pod())
    eventually(lambda: core.read_namespaced_pod_status("lonely", namespace).status.phase == "Running")
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name="lonely"))
    core.create_namespaced_pod_eviction("lonely", namespace, eviction)
    eventually(lambda: core.list_namespaced_pod(namespace).items == [])
    authorization = client.AuthorizationV1Api(api)
    attributes = client.V1ResourceAttributes(namespace=namespace, verb="get", resource="pods")
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    assert authorization.create_self_subject_access_review(review).status.allowed
    assert core.list_node().items and core.list_event_for_all_namespaces(limit=1).items
