"""What admission marks and controllers complete: storage in use stays, and a new node waits until it was seen ready."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from machinery.api.core.v1 import Node, PersistentVolume, PersistentVolumeClaim, Pod
from machinery.api.errors import Forbidden, NotFound
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane, one_server

NOT_READY = ("node.kubernetes.io/not-ready", "NoSchedule")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with one_server(tmp_path_factory.mktemp("server"), accounts=True) as running:
        yield running


@pytest.fixture
async def plane(server: ApiServer) -> AsyncIterator[ControlPlane]:
    async with ControlPlane(server, "worker-1") as running:
        yield running


async def gone(plane: ControlPlane, kind: Any, name: str, namespace: str = "") -> None:
    async def asked() -> bool:
        try:
            await plane.client.get(kind, name, namespace)
        except NotFound:
            return True
        return False

    await plane.eventually(asked)


async def test_a_claim_goes_when_its_last_pod_has_gone(plane: ControlPlane) -> None:
    client, namespace = plane.client, plane.namespace
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}
    for name in ("used", "unused"):
        made = await client.create(PersistentVolumeClaim.from_dict(
            {"metadata": {"name": name, "namespace": namespace}, "spec": size}))
        assert made.metadata.finalizers == ("kubernetes.io/pvc-protection",)
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "used"}}]
    spec = {"nodeName": "worker-1", "volumes": volumes, "containers": [{"name": "c", "image": "i"}]}

    async def created() -> bool:
        """Pods may be made as soon as their namespace has an account."""
        try:
            await client.create(Pod.from_dict({"metadata": {"name": "web", "namespace": namespace}, "spec": spec}))
        except Forbidden:
            return False
        return True

    await plane.eventually(created)
    await client.delete(PersistentVolumeClaim, "unused", namespace)
    await gone(plane, PersistentVolumeClaim, "unused", namespace)
    await client.delete(PersistentVolumeClaim, "used", namespace)
    kept = await client.get(PersistentVolumeClaim, "used", namespace)
    assert kept.metadata.deletion_timestamp is not None
    assert kept.metadata.finalizers == ("kubernetes.io/pvc-protection",)
    await client.delete(Pod, "web", namespace)
    await gone(plane, PersistentVolumeClaim, "used", namespace)


async def test_a_volume_goes_when_it_is_bound_no_more(plane: ControlPlane) -> None:
    client, namespace = plane.client, plane.namespace
    spec = {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"},
        "storageClassName": "by-hand", "persistentVolumeReclaimPolicy": "Retain",
    }  # fmt: skip
    for name in ("bound", "free"):
        made = await client.create(PersistentVolume.from_dict({"metadata": {"name": name}, "spec": spec}))
        assert made.metadata.finalizers == ("kubernetes.io/pv-protection",)
    asked = {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "by-hand", "volumeName": "bound",
    }  # fmt: skip
    claim = PersistentVolumeClaim.from_dict({"metadata": {"name": "data", "namespace": namespace}, "spec": asked})
    await client.create(claim)

    async def bound() -> bool:
        return (await client.get(PersistentVolumeClaim, "data", namespace)).status.phase == "Bound"

    await plane.eventually(bound)
    for name in ("bound", "free"):
        await client.delete(PersistentVolume, name)
    await gone(plane, PersistentVolume, "free")
    assert (await client.get(PersistentVolume, "bound")).metadata.deletion_timestamp is not None
    await client.delete(PersistentVolumeClaim, "data", namespace)
    await gone(plane, PersistentVolume, "bound")


async def test_a_new_node_waits_until_it_was_seen_ready(plane: ControlPlane) -> None:
    await plane.client.create(Node.from_dict({"metadata": {"name": "worker-2"}}))
    await plane.until(lambda: plane.node("worker-2") is not None)
    assert NOT_READY in taints(plane.node("worker-2"))
    await plane.beat("worker-2")
    await plane.until(lambda: not taints(plane.node("worker-2")))
    await plane.until(lambda: not taints(plane.node("worker-1")))
    await plane.client.delete(Node, "worker-2")


def taints(node: Node | None) -> list[tuple[str, str]]:
    return [(taint.key, taint.effect) for taint in node.spec.taints] if node else []
