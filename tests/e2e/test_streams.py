"""Into containers and through to pods, from the user's own computer, which reaches nothing but the API server."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.kubectl import newest
from tests.support.lab import Lab, web_manifest


@pytest.fixture
def web(lab: Lab) -> Lab:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=2))
    lab.wait_ready("app=web", 2)
    return lab


@contextmanager
def forwarded(lab: Lab, target: str, port: int) -> Iterator[int]:
    """The local port behind which the target answers."""
    command = [newest(), "--kubeconfig", lab.kubeconfig, "-n", lab.namespace, "port-forward", target, f":{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(re.search(r"127.0.0.1:(\d+)", process.stdout.readline())[1])
        finally:
            process.terminate()


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def test_every_way_in(web: Lab) -> None:
    names = {pod["metadata"]["name"] for pod in web.items("pods", "app=web")}
    assert {web.kubectl("exec", name, "--", "hostname").strip() for name in names} == names
    assert web.kubectl("exec", "deploy/web", "--", "hostname").strip() in names
    for target, port in (("deploy/web", 8080), ("svc/web", 80), (f"pod/{min(names)}", 8080)):
        with forwarded(web, target, port) as local:
            assert "Hello from web-" in page(f"http://127.0.0.1:{local}/")
    services = f"/api/v1/namespaces/{web.namespace}/services"
    seen = {web.kubectl("get", "--raw", f"{services}/web:80/proxy/").split()[2] for _ in range(20)}
    assert {name.strip(",") for name in seen} == names
    for name in names:
        raw = f"/api/v1/namespaces/{web.namespace}/pods/{name}/proxy/"
        assert name in web.kubectl("get", "--raw", raw)


def test_every_node_answers(lab: Lab) -> None:
    for name in lab.addresses:
        assert lab.kubectl("get", "--raw", f"/api/v1/nodes/{name}/proxy/healthz", namespace="") == "ok"
        pods = json.loads(lab.kubectl("get", "--raw", f"/api/v1/nodes/{name}/proxy/pods", namespace=""))
        assert pods["kind"] == "PodList"


def test_a_guest_looks_into_a_pod(web: Lab) -> None:
    name = web.items("pods", "app=web")[0]["metadata"]["name"]
    words = ("debug", name, "--image", "mini/busybox:1", "-c", "guest", "--target=web", "--", "ps")
    web.kubectl(*words)
    web.kubectl("wait", "--for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=0",
                f"pod/{name}", "--timeout=60s")  # fmt: skip
    assert "httpd" in web.kubectl("logs", name, "-c", "guest")
