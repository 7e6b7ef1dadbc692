"""Many hollow nodes in one process, on a real control plane: they register, run pods, fail them, and say so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kubelet.hollow.config import Config
from kubelet.hollow.farm import run
from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Node, Pod
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane, one_server

NODES, PODS = 20, 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with one_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
async def plane(server: ApiServer, tmp_path: Path) -> AsyncIterator[ControlPlane]:
    """Twenty hollow nodes, all ready."""
    config = Config(
        kubeconfig=server.kubeconfig, nodes=NODES, root_dir=str(tmp_path), start_seconds=0.05,
        missing_images=("registry.example/none:1",), node_status_update_frequency=1.0,
    )  # fmt: skip
    stop = asyncio.Event()
    async with ControlPlane(server, kubelets=False) as plane:
        farm = asyncio.create_task(run(config, stop))
        await plane.until(lambda: sum(is_ready(plane.node(f"hollow-{n}")) for n in range(NODES)) == NODES, 60)
        yield plane
        await plane.client.delete_collection(Deployment, plane.namespace)
        await plane.client.delete_collection(Pod, plane.namespace)
        await plane.until(lambda: not plane.informers.informer(Pod).lister.list(plane.namespace), 60)
        stop.set()
        await farm


def is_ready(node: Node | None) -> bool:
    ready = [c for c in node.status.conditions if c.type == "Ready"] if node else []
    return bool(ready and ready[0].status == "True" and not node.spec.taints)


def running(plane: ControlPlane, **labels: str) -> list[Pod]:
    return [pod for pod in plane.pods(**labels) if pod.status.phase == "Running"]


def template(name: str, **container: object) -> dict[str, object]:
    one = {"name": "c", "image": "registry.example/web:1", **container}
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [one], "terminationGracePeriodSeconds": 1}}


async def test_sixty_pods_on_twenty_nodes(plane: ControlPlane) -> None:
    spec = {"replicas": PODS, "selector": {"matchLabels": {"app": "web"}}, "template": template("web")}
    await plane.client.create(Deployment.from_dict(
        {"metadata": {"name": "web", "namespace": plane.namespace}, "spec": spec}))
    await plane.until(lambda: len(running(plane, app="web")) == PODS, 60)
    pods = running(plane, app="web")
    assert len({pod.status.pod_ip for pod in pods}) == PODS
    assert len({pod.spec.node_name for pod in pods}) == NODES
    assert len({(pod.spec.node_name, pod.status.host_ip) for pod in pods}) == NODES
    node = plane.node("hollow-7")
    assert node is not None and node.status.capacity["cpu"] == "8" and node.status.capacity["memory"] == "32Gi"


async def test_pods_fail_as_they_are_told(plane: ControlPlane) -> None:
    for name, container in {
        "fails": {"command": ["exit", "3"]},
        "ends": {"command": ["sleep", "0.2"]},
        "lacks": {"image": "registry.example/none:1"},
    }.items():
        body = template(name, **container)
        body["metadata"] |= {"name": name, "namespace": plane.namespace}  # type: ignore[operator]
        body["spec"] |= {"restartPolicy": "Never"}  # type: ignore[operator]
        await plane.client.create(Pod.from_dict(body))

    def shown(name: str) -> Pod:
        return plane.pods(app=name)[0]

    await plane.until(lambda: shown("fails").status.phase == "Failed")
    assert shown("fails").status.container_statuses[0].state.terminated.exit_code == 3
    await plane.until(lambda: shown("ends").status.phase == "Succeeded")

    def lacking() -> str:
        statuses = shown("lacks").status.container_statuses
        return statuses[0].state.waiting.reason if statuses and statuses[0].state.waiting else ""

    await plane.until(lambda: lacking() in ("ErrImagePull", "ImagePullBackOff"))

    async def told() -> bool:
        return ("kubelet", "Started", "Started container c") in await plane.events("fails")

    await plane.eventually(told)
