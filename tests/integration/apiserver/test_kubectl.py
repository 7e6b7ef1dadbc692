"""Every kubectl of this machine, unmodified, does a learner's tasks; and so does the official Python client."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.support import kubectl
from tests.support.apiserver import ApiServer

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: nginx:1.25
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 80}]
"""


class Kubectl:
    """One kubectl in one namespace."""

    def __init__(self, binary: str, server: ApiServer, folder: Path) -> None:
        self._binary, self._kubeconfig, self._cache = binary, server.kubeconfig, folder

    async def __call__(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        return await asyncio.to_thread(
            kubectl.kubectl, f"--cache-dir={self._cache}", *args, binary=self._binary, kubeconfig=self._kubeconfig,
            stdin=stdin, check=check,
        )  # fmt: skip


@pytest.fixture(params=list(kubectl.binaries()))
async def k(request: pytest.FixtureRequest, server: ApiServer, tmp_path: Path) -> Kubectl:
    return Kubectl(kubectl.binaries()[request.param], server, tmp_path)


async def test_a_learners_walk(k: Kubectl, namespace: str) -> None:
    n = f"--namespace={namespace}"
    assert "deployment.apps/web created" in await k("apply", "-f-", n, stdin=MANIFEST)
    again = await k("apply", "-f-", n, stdin=MANIFEST)
    assert again.split("\n")[:2] == ["deployment.apps/web unchanged", "service/web unchanged"]
    changed = MANIFEST.replace("replicas: 3", "replicas: 2")
    assert "deployment.apps/web configured" in await k("apply", "-f-", n, stdin=changed)
    head, row, *_ = (await k("get", "deploy", n)).splitlines()
    assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"] and row.split()[:2] == ["web", "0/2"]
    assert "deployment.apps/web scaled" in await k("scale", "deploy/web", "--replicas=5", n)
    assert "deployment.apps/web labeled" in await k("label", "deploy/web", "tier=front", n)
    assert "deployment.apps/web annotate" in await k("annotate", "deploy/web", "note=x", n)
    assert "deployment.apps/web image updated" in await k("set", "image", "deploy/web", "c=nginx:1.26", n)
    assert "deployment.apps/web patched" in await k("patch", "deploy/web", "-p", '{"spec":{"paused":true}}', n)
    live = json.loads(await k("get", "deploy/web", "-o", "json", n))
    assert live["spec"]["replicas"] == 5 and live["metadata"]["labels"]["tier"] == "front"
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.26"
    assert "service/web-again exposed" in await k("expose", "deploy/web", "--name=web-again", "--port=80", n)
    wide = await k("get", "svc", "-o", "wide", n)
    assert "SELECTOR" in wide and "app=web" in wide and "80:3" in wide
    assert "Name:" in await k("describe", "deploy/web", n)
    assert "Endpoints:" in await k("describe", "svc/web", n)
    assert 'deployment.apps "web" deleted' in await k("delete", "deploy/web", n)
    assert "NotFound" in await k("get", "deploy/web", n, check=False)


async def test_typed_creates(k: Kubectl, namespace: str) -> None:
    n = f"--namespace={namespace}"
    assert await k("create", "deployment", "d", "--image=nginx", "--replicas=2", "--port=80", n)
    assert await k("create", "configmap", "c", "--from-literal=a=b", n)
    assert await k("create", "secret", "generic", "s", "--from-literal=a=b", n)
    assert await k("create", "service", "clusterip", "cip", "--tcp=80:8080", n)
    assert await k("create", "service", "nodeport", "np", "--tcp=80:8080", n)
    assert await k("create", "service", "externalname", "en", "--external-name=a.example.com", n)
    assert await k("create", "serviceaccount", "sa", n)
    assert await k("create", "namespace", f"{namespace}-b")
    assert "pod/p created" in await k("run", "p", "--image=nginx", "--env=A=b", "--labels=x=y", n)
    names = (await k("get", "deploy,cm,secret,svc,sa,pod", "-o", "name", n)).split()
    assert names == [
        "deployment.apps/d", "configmap/c", "secret/s", "service/cip", "service/en", "service/np",
        "serviceaccount/sa", "pod/p",
    ]  # fmt: skip
    assert (await k("get", "cm/c", "-o", "jsonpath={.data.a}", n)) == "b"
    assert 'pod "p" deleted' in await k("delete", "pod", "p", "--wait=true", n)
    assert await k("delete", "ns", f"{namespace}-b", "--wait=false")


async def test_errors_as_users_know_them(k: Kubectl, namespace: str) -> None:
    n = f"--namespace={namespace}"
    assert 'Error from server (NotFound): pods "nope" not found' in await k("get", "pod", "nope", n, check=False)
    wrong = MANIFEST.replace("image: nginx", "imagee: nginx")
    told = await k("apply", "-f-", n, stdin=wrong, check=False)
    assert 'unknown field "spec.template.spec.containers[0].imagee"' in told
    told = await k("apply", "-f-", n, stdin=MANIFEST.replace("apps/v1", "apps/v1beta2"), check=False)
    assert 'no matches for kind "Deployment" in version "apps/v1beta2"' in told
    told = await k("create", "-f-", n, stdin=MANIFEST.replace("name: web", "name: We_b"), check=False)
    assert "is invalid" in told and "RFC 1123 subdomain" in told
    told = await k("get", "nosuch", n, check=False)
    assert 'the server doesn\'t have a resource type "nosuch"' in told
    assert "No resources found" in await k("get", "pods,deploy", n, check=False)


async def test_what_kubectl_knows_of_the_api(k: Kubectl) -> None:
    resources = await k("api-resources")
    assert [line.split()[:2] for line in resources.splitlines() if line.startswith("pods ")] == [["pods", "po"]]
    assert "apps/v1" in (await k("api-versions")).split()
    assert "v1.32" in await k("version")
    told = await k("explain", "pod.spec")
    assert "nodeName\t<string>" in told and "Seconds between the signal to stop and the kill." in told
    assert "registry.example.com/team/app:1.2" in await k("explain", "pod.spec.containers.image")
    assert "maxSurge" in await k("explain", "deployment", "--recursive")
    assert (await k("get", "--raw", "/readyz")) == "ok"
    assert "kubernetes   ClusterIP   10.96.0.1" in await k("get", "all", "--namespace=default")


async def test_replace_edit_and_watch(k: Kubectl, namespace: str) -> None:
    n = f"--namespace={namespace}"
    await k("create", "configmap", "c", "--from-literal=a=1", n)
    text = await k("get", "cm/c", "-o", "yaml", n)
    assert "configmap/c replaced" in await k("replace", "-f-", n, stdin=text.replace('a: "1"', 'a: "2"'))
    stale = await k("replace", "-f-", n, stdin=text, check=False)
    assert "Error from server (Conflict)" in stale and "the object has been modified" in stale
    watching = asyncio.create_task(
        k("get", "cm", "-w", "--request-timeout=3s", "--output-watch-events", n, check=False)
    )
    await asyncio.sleep(0.4)
    lines: list[str] = []
    for value in range(5):
        await k("patch", "cm/c", "--type=merge", "-p", json.dumps({"data": {"a": str(10 + value)}}), n)
    lines = (await watching).splitlines()
    assert lines[0].split() == ["EVENT", "NAME", "DATA", "AGE"] and lines[1].split()[:3] == ["ADDED", "c", "1"]
    assert any(line.split()[:3] == ["MODIFIED", "c", "1"] for line in lines)


def test_official_python_client(server: ApiServer, namespace: str) -> None:
    from kubernetes import client, config, watch

    configuration = client.Configuration()
    config.load_kube_config(server.kubeconfig, client_configuration=configuration)
    with client.ApiClient(configuration) as connection:
        core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
        template = client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels={"app": "web"}),
            spec=client.V1PodSpec(containers=[client.V1Container(name="c", image="nginx")]),
        )
        wanted = client.V1Deployment(
            metadata=client.V1ObjectMeta(name="web"),
            spec=client.V1DeploymentSpec(
                replicas=2, selector=client.V1LabelSelector(match_labels={"app": "web"}), template=template
            ),
        )
        made = apps.create_namespaced_deployment(namespace, wanted)
        assert made.metadata.uid and made.spec.strategy.rolling_update.max_surge == "25%"
        apps.patch_namespaced_deployment("web", namespace, {"metadata": {"labels": {"a": "b"}}})
        scale = apps.read_namespaced_deployment_scale("web", namespace)
        scale.spec.replicas = 4
        assert apps.replace_namespaced_deployment_scale("web", namespace, scale).spec.replicas == 4
        assert [d.metadata.name for d in apps.list_namespaced_deployment(namespace, label_selector="a=b").items] == [
            "web"
        ]
        core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="c")))
        events = watch.Watch().stream(core.list_namespaced_config_map, namespace, timeout_seconds=2)
        assert [(e["type"], e["object"].metadata.name) for e in events] == [("ADDED", "c")]
        with pytest.raises(client.ApiException) as refused:
            core.read_namespaced_pod("nope", namespace)
        assert refused.value.status == 404
        assert client.VersionApi(connection).get_code().minor == "32"
        apps.delete_namespaced_deployment("web", namespace)
