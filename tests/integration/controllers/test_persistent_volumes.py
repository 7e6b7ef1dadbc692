"""Claims and volumes find each other through a real API server, and part again as the volume's policy says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim
from machinery.api.errors import NotFound
from machinery.api.storage.v1 import StorageClass
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane

SIZE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
BINDER = ("persistentvolume-binder",)


@pytest.fixture
async def plane(server: ApiServer) -> AsyncIterator[ControlPlane]:
    async with ControlPlane(server, scheduler=False, kubelets=False, controllers=BINDER) as running:
        yield running
        for kind in (PersistentVolumeClaim, PersistentVolume):
            await running.client.delete_collection(kind, running.namespace if kind is PersistentVolumeClaim else "")

        async def empty() -> bool:
            return not (await running.client.list(PersistentVolume)).items

        await running.eventually(empty)


async def a_volume(plane: ControlPlane, name: str, size: str = "1Gi", **spec: Any) -> PersistentVolume:
    body = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/nowhere"}, **spec}  # fmt: skip
    return await plane.client.create(PersistentVolume.from_dict({"metadata": {"name": name}, "spec": body}))


async def a_claim(plane: ControlPlane, name: str = "data", **spec: Any) -> PersistentVolumeClaim:
    meta = {"name": name, "namespace": plane.namespace}
    document = {"metadata": meta, "spec": {"storageClassName": "", **SIZE, **spec}}
    return await plane.client.create(PersistentVolumeClaim.from_dict(document))


async def bound(plane: ControlPlane, volume: str, claim: str = "data") -> PersistentVolumeClaim:
    """Waits until both say so."""

    async def asked() -> PersistentVolumeClaim | None:
        mine = await plane.client.get(PersistentVolumeClaim, claim, plane.namespace)
        its = await plane.client.get(PersistentVolume, volume)
        so = (mine.status.phase, mine.spec.volume_name, its.status.phase) == ("Bound", volume, "Bound")
        return mine if so else None

    return await plane.eventually(asked)


async def in_phase(plane: ControlPlane, volume: str, phase: str) -> PersistentVolume:
    async def asked() -> PersistentVolume | None:
        found = await plane.client.get(PersistentVolume, volume)
        return found if found.status.phase == phase else None

    return await plane.eventually(asked)


async def gone(plane: ControlPlane, volume: str) -> None:
    async def asked() -> bool:
        try:
            await plane.client.get(PersistentVolume, volume)
        except NotFound:
            return True
        return False

    await plane.eventually(asked)


async def told(plane: ControlPlane, name: str, namespace: str = "") -> tuple[str, str, str]:
    async def asked() -> list[tuple[str, str, str]]:
        return await plane.events(name, namespace)

    return (await plane.eventually(asked))[0]


async def test_the_smallest_volume_that_will_do(plane: ControlPlane) -> None:
    for name, size in (("big", "9Gi"), ("right", "2Gi"), ("small", "1Mi")):
        await a_volume(plane, name, size)
        await in_phase(plane, name, "Available")
    await a_claim(plane)
    claim = await bound(plane, "right")
    assert claim.status.capacity == {"storage": "2Gi"}
    assert claim.status.access_modes == ("ReadWriteOnce",)
    marks = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
    assert marks.items() <= claim.metadata.annotations.items()
    volume = await plane.client.get(PersistentVolume, "right")
    assert volume.spec.claim_ref is not None
    assert (volume.spec.claim_ref.name, volume.spec.claim_ref.uid) == ("data", claim.metadata.uid)
    assert (await in_phase(plane, "big", "Available")).spec.claim_ref is None


async def test_a_claim_waits_and_says_why_until_a_volume_comes(plane: ControlPlane) -> None:
    await a_claim(plane)
    why = "no persistent volumes available for this claim and no storage class is set"
    assert await told(plane, "data") == ("persistentvolume-controller", "FailedBinding", why)
    await a_volume(plane, "late")
    await bound(plane, "late")


async def test_retain_keeps_what_a_claim_leaves(plane: ControlPlane) -> None:
    await a_volume(plane, "kept")
    await a_claim(plane)
    first = await bound(plane, "kept")
    await plane.client.delete(PersistentVolumeClaim, "data", plane.namespace)
    released = await in_phase(plane, "kept", "Released")
    assert released.spec.claim_ref is not None and released.spec.claim_ref.uid == first.metadata.uid
    await a_claim(plane, "second")
    assert (await told(plane, "second"))[1] == "FailedBinding", "nobody is given another's data"
    await plane.client.patch(PersistentVolume, "kept", "", {"spec": {"claimRef": None}})
    await bound(plane, "kept", "second")


async def test_delete_takes_the_data_along(plane: ControlPlane, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "file").write_text("x")
    await a_volume(plane, "brief", hostPath={"path": str(folder)}, persistentVolumeReclaimPolicy="Delete")
    await a_claim(plane)
    await bound(plane, "brief")
    await plane.client.delete(PersistentVolumeClaim, "data", plane.namespace)
    await gone(plane, "brief")
    assert not folder.exists()


async def test_what_may_not_be_deleted_has_failed(plane: ControlPlane) -> None:
    await a_volume(plane, "stuck", persistentVolumeReclaimPolicy="Delete")
    await a_claim(plane)
    await bound(plane, "stuck")
    await plane.client.delete(PersistentVolumeClaim, "data", plane.namespace)
    why = "host_path deleter only supports /tmp/.+ but received provided /nowhere"
    assert (await in_phase(plane, "stuck", "Failed")).status.message == why
    assert (await told(plane, "stuck", "default"))[1:] == ("VolumeFailedDelete", why)


async def test_by_name_from_either_side(plane: ControlPlane) -> None:
    await a_claim(plane, volumeName="wanted")
    await a_volume(plane, "other")
    await a_volume(plane, "wanted", "5Gi")
    claim = await bound(plane, "wanted")
    assert "pv.kubernetes.io/bound-by-controller" not in claim.metadata.annotations
    await a_volume(plane, "reserved", "7Gi", claimRef={"namespace": plane.namespace, "name": "second"})
    await a_claim(plane, "second")
    await bound(plane, "reserved", "second")


async def test_a_volume_that_does_not_do(plane: ControlPlane) -> None:
    await a_volume(plane, "slow", storageClassName="slow")
    await a_claim(plane, volumeName="slow")
    why = 'Cannot bind to requested volume "slow": storageClassName does not match'
    assert (await told(plane, "data"))[1:] == ("VolumeMismatch", why)


async def test_classes(plane: ControlPlane) -> None:
    await a_claim(plane, storageClassName="unknown")
    why = 'storageclass.storage.k8s.io "unknown" not found'
    assert (await told(plane, "data"))[1:] == ("ProvisioningFailed", why)
    late = {"metadata": {"name": "late"}, "provisioner": "example.com/d", "volumeBindingMode": "WaitForFirstConsumer"}
    await plane.client.create(StorageClass.from_dict(late))
    await a_claim(plane, "waits", storageClassName="late")
    why = "waiting for first consumer to be created before binding"
    assert (await told(plane, "waits"))[1:] == ("WaitForFirstConsumer", why)
    await plane.client.delete(StorageClass, "late")


async def test_a_claim_whose_volume_is_gone_is_lost(plane: ControlPlane) -> None:
    await a_volume(plane, "short")
    await a_claim(plane)
    await bound(plane, "short")
    await plane.client.delete(PersistentVolume, "short")

    async def lost() -> bool:
        return (await plane.client.get(PersistentVolumeClaim, "data", plane.namespace)).status.phase == "Lost"

    await plane.eventually(lost)
    reasons = {reason for _, reason, _ in await plane.events("data")}
    assert "ClaimLost" in reasons
