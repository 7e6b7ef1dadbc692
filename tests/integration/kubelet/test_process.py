"""`python -m kubelet` as a process, between a real API server and a real containerd."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from machinery.api.coordination.v1 import Lease
from machinery.api.core.v1 import (
    Container,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodSpec,
    Volume,
)
from machinery.api.errors import ApiError, BadRequest, NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.storage.v1 import CSINode
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.support.apiserver import ApiServer
from tests.support.containerd import Containerd
from tests.support.images import BOX
from tests.support.kubelet import STAYS
from tests.support.kubelet_process import KubeletProcess


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with ApiServer(tmp_path) as server:
        yield server


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[Client]:
    async with Client(load_kubeconfig(server.kubeconfig)) as client:
        yield client


@pytest.fixture
def kubelet(tmp_path: Path, server: ApiServer, containerd: Containerd) -> Iterator[KubeletProcess]:
    kubelet = KubeletProcess(tmp_path, server, containerd)
    kubelet.start()
    yield kubelet
    kubelet.end(signal.SIGKILL)


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await condition():
                    return
            except (NotFound, BadRequest):
                pass
            await asyncio.sleep(0.02)


def a_pod(name: str, script: str) -> Pod:
    container = Container(name="c", image=BOX, command=("/bin/sh", "-c", script))
    spec = PodSpec(node_name="n1", containers=(container,), termination_grace_period_seconds=1)
    return Pod(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)


def is_true(obj: Pod | Node, kind: str) -> bool:
    return any(c.type == kind and c.status == "True" for c in obj.status.conditions)


def with_claim(pod: Pod) -> Pod:
    source = PersistentVolumeClaimVolumeSource(claim_name="data")
    return pod.replace(spec=pod.spec.replace(volumes=(Volume(name="data", persistent_volume_claim=source),)))


async def bound_claim(client: Client, folder: Path) -> None:
    """What the binder does. Of a node's own claims, and those of nobody else, it may ask the API server."""
    size = {"accessModes": ["ReadWriteOnce"], "volumeName": "v", "storageClassName": "",
            "resources": {"requests": {"storage": "1Mi"}}}  # fmt: skip
    meta = {"name": "data", "namespace": "default"}
    claim = await client.create(PersistentVolumeClaim.from_dict({"metadata": meta, "spec": size}))
    body = {"capacity": {"storage": "1Mi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": str(folder)},
            "claimRef": {**meta, "uid": claim.metadata.uid}}  # fmt: skip
    await client.create(PersistentVolume.from_dict({"metadata": {"name": "v"}, "spec": body}))
    await client.update_status(claim.replace(status=claim.status.replace(phase="Bound")))


async def test_a_node_and_its_pods(client: Client, kubelet: KubeletProcess, tmp_path: Path) -> None:
    async def node_ready() -> bool:
        return is_true(await client.get(Node, "n1"), "Ready")

    await eventually(node_ready)
    node = await client.get(Node, "n1")
    assert node.metadata.labels["disk"] == "ssd"
    assert node.status.daemon_endpoints.kubelet_endpoint.port == kubelet.port
    lease = await client.get(Lease, "n1", "kube-node-lease")
    assert lease.spec.holder_identity == "n1" and lease.spec.lease_duration_seconds == 40

    async def listed() -> bool:
        drivers = await client.get(CSINode, "n1")
        return drivers.metadata.owner_references[0].uid == node.metadata.uid

    await eventually(listed)
    await client.create(with_claim(a_pod("web", f"echo one; echo two; {STAYS}")))
    await bound_claim(client, tmp_path)

    async def pod_ready() -> bool:
        return is_true(await client.get(Pod, "web", "default"), "Ready")

    await eventually(pod_ready)
    before = await client.get(Pod, "web", "default")

    kubelet.end(signal.SIGKILL)
    kubelet.start()

    async def renewed() -> bool:
        return (await client.get(Lease, "n1", "kube-node-lease")).metadata.resource_version \
            != lease.metadata.resource_version

    await eventually(renewed)
    assert (await client.get(Pod, "web", "default")).status == before.status

    await _logs(client)
    await _others_are_refused(kubelet)

    await client.delete(Pod, "web", "default")

    async def gone() -> bool:
        return not (await client.list(Pod, "default")).items

    await eventually(gone)
    assert kubelet.end(signal.SIGTERM) == 0


async def _logs(client: Client) -> None:
    path = "/api/v1/namespaces/default/pods/web/log"
    assert await client.request("GET", path) == b"one\ntwo\n"
    assert await client.request("GET", path, params={"tailLines": 1}) == b"two\n"
    stamped = await client.request("GET", path, params={"timestamps": True})
    assert stamped.splitlines()[0].endswith(b"Z one") and stamped.startswith(b"20")
    with pytest.raises(ApiError, match='previous terminated container "c" in pod "web" not found'):
        await client.request("GET", path, params={"previous": True})


async def _others_are_refused(kubelet: KubeletProcess) -> None:
    """Another certificate of the cluster is not enough; none at all does not even connect."""
    authority, url = kubelet.server.authority, f"https://127.0.0.1:{kubelet.port}/pods"
    stranger = kubelet.server.context(authority.issue("stranger"))
    nobody = ssl.create_default_context(cafile=str(authority.ca.cert))
    async with aiohttp.ClientSession() as session:
        async with session.get(url, ssl=stranger) as answer:
            assert answer.status == 403 and "user=stranger" in await answer.text()
        async with session.get(url, ssl=kubelet.server.context()) as answer:
            assert [item["metadata"]["name"] for item in (await answer.json())["items"]] == ["web"]
        with pytest.raises(aiohttp.ClientError):
            await session.get(url, ssl=nobody)
