"""The same everyday steps, by several kubectls, by the official Python client, and by minictl."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

from machinery.api import yaml
from tests.support.cluster import eventually
from tests.support.kubectl import binaries, side_by_side
from tests.support.lab import WEB2, Lab, web_manifest


def test_everyday_steps_by_every_kubectl(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(web_manifest("web", replicas=1))

    def walk(version: str) -> None:
        own = replace(lab, namespace=f"{lab.namespace}-{version.replace('.', '-')}")
        own.kubectl("create", "namespace", own.namespace, namespace="")
        everyday_steps(own, binaries()[version], file)
        own.kubectl("delete", "namespace", own.namespace, "--wait=false", namespace="")

    side_by_side(binaries(), walk)


def everyday_steps(lab: Lab, binary: str, file: Path) -> None:
    """In a namespace of their own."""

    def run(*words: str) -> str:
        return lab.kubectl(*words, binary=binary)

    assert "deployment.apps/web created" in run("apply", "-f", str(file))
    assert "deployment.apps/web unchanged" in run("apply", "-f", str(file))
    assert "successfully rolled out" in run("rollout", "status", "deployment/web", "--timeout=60s")
    (pod,) = lab.wait_ready("app=web", 1)
    name = pod["metadata"]["name"]
    assert re.search(rf"{name} +1/1 +Running +0 ", run("get", "pods"))
    described = run("describe", "pod", name)
    assert f"Successfully assigned {lab.namespace}/{name} to {pod['spec']['nodeName']}" in described
    assert "Started container web" in described
    assert f"pod/{name} labeled" in run("label", "pod", name, "seen=yes")
    assert name in run("get", "pods", "-l", "seen=yes", "-o", "name")
    watched = watching(lab, binary)
    assert "deployment.apps/web scaled" in run("scale", "--replicas=2", "deployment/web")
    lab.wait_ready("app=web", 2)
    assert "listening" in run("logs", name)
    assert "web" in run("create", "deployment", "second", "--image=mini/web:1") + run("get", "deployments")
    assert f'pod "{name}" deleted' in run("delete", "pod", name)
    run("delete", "-f", str(file))
    watched.terminate()
    lines = watched.communicate(timeout=60)[0].splitlines()
    assert lines[0].split()[:2] == ["NAME", "READY"]
    assert any("Terminating" in line for line in lines)
    assert any("ContainerCreating" in line or "Pending" in line for line in lines)


def watching(lab: Lab, binary: str) -> subprocess.Popen[str]:
    """`kubectl get pods -w` in the background."""
    command = [binary, "--kubeconfig", lab.kubeconfig, "-n", lab.namespace, "get", "pods", "-w"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_everyday_steps_by_the_official_python_client(lab: Lab) -> None:
    from kubernetes import client, config, watch

    api = config.new_client_from_config(config_file=lab.kubeconfig)
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    deployment = next(yaml.load_all(web_manifest("web", replicas=1)))
    apps.create_namespaced_deployment(lab.namespace, deployment)
    versions = []
    for event in watch.Watch().stream(core.list_namespaced_pod, lab.namespace, timeout_seconds=60):
        versions.append(event["type"])
        if any(c.type == "Ready" and c.status == "True" for c in event["object"].status.conditions or ()):
            break
    assert versions[0] == "ADDED"
    (pod,) = core.list_namespaced_pod(lab.namespace, label_selector="app=web").items
    assert pod.status.phase == "Running"
    core.patch_namespaced_pod(pod.metadata.name, lab.namespace, {"metadata": {"labels": {"seen": "yes"}}})
    assert "listening" in core.read_namespaced_pod_log(pod.metadata.name, lab.namespace)
    scale = apps.read_namespaced_deployment_scale("web", lab.namespace)
    scale.spec.replicas = 2
    apps.replace_namespaced_deployment_scale("web", lab.namespace, scale)
    lab.wait_ready("app=web", 2)
    apps.delete_namespaced_deployment("web", lab.namespace)
    eventually(lambda: core.list_namespaced_pod(lab.namespace).items == [])


def test_everyday_steps_by_minictl_read_like_kubectls(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(web_manifest("web", replicas=3, node_port=30125))
    assert lab.minictl("apply", "-f", str(file)) == "deployment.apps/web created\nservice/web created\n"
    assert lab.minictl("apply", "-f", str(file)) == "deployment.apps/web unchanged\nservice/web unchanged\n"
    assert "successfully rolled out" in lab.minictl("rollout", "status", "deployment/web")
    pods = lab.wait_ready("app=web", 3)
    for words in (
        ["get", "nodes"], ["get", "pods"], ["get", "pods", "-o", "wide"], ["get", "deploy,rs,svc"], ["get", "all"],
        ["get", "svc", "web", "-o", "yaml"], ["get", "deployment", "web", "-o", "json"], ["get", "pods", "-o", "name"],
        ["get", "namespaces"], ["get", "endpointslices", "-A"], ["describe", "deployment", "web"],
        ["describe", "pod", pods[0]["metadata"]["name"]], ["describe", "service", "web"],
        ["describe", "node", "worker-1"],
    ):  # fmt: skip
        # Later kubectls have other words for a part of the volume that every pod gets.
        theirs = lab.kubectl(*words, binary=binaries().get("1.32"))
        assert without_ages(lab.minictl(*words)) == without_ages(theirs), words
    victim = pods[0]["metadata"]["name"]
    assert lab.minictl("delete", "pod", victim) == f'pod "{victim}" deleted\n'
    lab.wait_ready("app=web", 3)
    assert lab.minictl("set", "image", "deployment/web", f"web={WEB2}") == "deployment.apps/web image updated\n"
    assert lab.minictl("rollout", "status", "deployment/web").endswith('"web" successfully rolled out\n')
    assert lab.minictl("scale", "deployment/web", "--replicas=1") == "deployment.apps/web scaled\n"
    (pod,) = lab.wait_ready("app=web", 1)
    assert lab.minictl("logs", pod["metadata"]["name"]) == lab.kubectl("logs", pod["metadata"]["name"])
    assert lab.minictl("get", "pod", "nobody", check=False) == lab.kubectl("get", "pod", "nobody", check=False)
    assert "service/again exposed" in lab.minictl("expose", "deployment/web", "--port=80", "--name=again")


def without_ages(text: str) -> str:
    """Ages differ from one moment to the next, and columns with them; node heartbeats too."""
    text = re.sub(r"(?m)^(.*(?:RenewTime|LastHeartbeatTime|renewTime|resourceVersion)).*$", r"\1", text)
    text = re.sub(r"\b(?:\d+[dhms]){1,2}\b", "AGE", text)
    text = re.sub(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", "TIME", text)
    return re.sub(r" {2,}", "  ", text)
