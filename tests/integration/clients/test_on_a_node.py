"""What needs containers: exec, logs, attach, debug, port-forward, by every client, on one real node.

tests/integration/kubelet/test_streams.py looks deeper into the streams themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kr8s
import pytest
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config
from kubernetes.stream import stream
from kubernetes_asyncio import client as asyncio_client
from kubernetes_asyncio import config as asyncio_config
from kubernetes_asyncio.stream import WsApiClient
from lightkube import AsyncClient, KubeConfig

from tests.support.foreign import PINNED, node, node_modules
from tests.support.kubectl import every_version, side_by_side
from tests.support.onenode import OneNode
from tests.support.script import Runner

SCRIPTS = Path(__file__).parent / "kubectl" / "node"
SERVE = "mkdir -p /www; echo good morning >/www/index.html; echo listening; exec httpd -f -p 8080 -h /www"
SPEAK = ["sh", "-c", "echo out; echo err >&2; exit 7"]


def web(one: OneNode, name: str) -> dict[str, Any]:
    """A pod that serves `good morning` on 8080."""
    return one.pod(name, {"name": "web", "command": ["/bin/sh", "-c", SERVE]})


@pytest.fixture(scope="module")
def one_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        web(running, "web")
        yield running


def test_every_kubectl(one_node: OneNode, tmp_path: Path) -> None:
    def walk(version: str) -> None:
        name, folder = version.replace(".", "-"), tmp_path / version
        folder.mkdir()
        web(one_node, f"web-{name}")
        shutil.copy(one_node.server.admin.cert, folder / "tls.crt")
        runner = Runner(every_version()[version], version, one_node.kubeconfig, "default", folder, SCRIPTS)
        wrong = runner.run(SCRIPTS / "streams.txt")
        one_node.kubectl("delete", "pod", f"web-{name}", f"short-{name}", f"copy-{name}", "--now", "--wait=false",
                         "--ignore-not-found")  # fmt: skip
        assert not wrong, wrong[0]

    side_by_side(every_version(), walk)


def test_kubernetes(one_node: OneNode) -> None:
    with kubernetes_config.new_client_from_config(config_file=one_node.kubeconfig) as connection:
        core = kubernetes_client.CoreV1Api(connection)
        said = stream(core.connect_get_namespaced_pod_exec, "web", "default", command=SPEAK, stdout=True, stderr=True,
                      stdin=False, tty=False, _preload_content=False)  # fmt: skip
        said.run_forever(timeout=60)
        assert (said.read_stdout(), said.read_stderr(), said.returncode) == ("out\n", "err\n", 7)
        assert core.read_namespaced_pod_log("web", "default") == "listening\n"


async def test_kubernetes_asyncio(one_node: OneNode) -> None:
    configuration = asyncio_client.Configuration()
    await asyncio_config.load_kube_config(config_file=one_node.kubeconfig, client_configuration=configuration)
    async with WsApiClient(configuration) as connection:
        core = asyncio_client.CoreV1Api(connection)
        said = await core.connect_get_namespaced_pod_exec(
            "web", "default", command=SPEAK, stdout=True, stderr=True, stdin=False, tty=False)
        assert sorted(said.split()) == ["err", "out"]
    async with asyncio_client.ApiClient(configuration) as connection:
        core = asyncio_client.CoreV1Api(connection)
        assert await core.read_namespaced_pod_log("web", "default") == "listening\n"


async def test_kr8s(one_node: OneNode) -> None:
    api = await kr8s.asyncio.api(kubeconfig=one_node.kubeconfig, namespace="default")
    pod = await kr8s.asyncio.objects.Pod.get("web", api=api)
    said = await pod.exec(SPEAK, check=False)
    assert (said.stdout, said.stderr, said.returncode) == (b"out\n", b"err\n", 7)
    assert [line async for line in pod.logs()] == ["listening"]
    async with pod.portforward(8080) as port:
        assert await asyncio.to_thread(fetch, f"http://127.0.0.1:{port}/") == "good morning\n"


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


async def test_lightkube(one_node: OneNode) -> None:
    client = AsyncClient(config=KubeConfig.from_file(one_node.kubeconfig), namespace="default")
    async with contextlib.aclosing(client.log("web")) as lines:
        assert [line async for line in lines] == ["listening\n"]
    said = await client.exec("web", command=SPEAK, stdout=True, stderr=True)
    assert (said.stdout, said.stderr, said.exit_code) == ("out\n", "err\n", 7)
    await client.close()


def test_client_node(one_node: OneNode, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(node_modules())
    shutil.copy(PINNED / "streams.test.mjs", tmp_path)
    environment = {**os.environ, "KUBECONFIG": one_node.kubeconfig, "NAMESPACE": "default"}
    command = [str(node()), "--test", "--test-timeout=20000", "streams.test.mjs"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
                          check=False)  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
