"""Which volume a claim gets, and what becomes of claims and volumes: every decision of the binder, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from controllers.persistentvolume.claims import BIND_COMPLETED, SELECTED_NODE, completed, in_phase, plan_claim, reserved
from controllers.persistentvolume.matching import BOUND_BY_CONTROLLER, best_match
from controllers.persistentvolume.provision import HOST_PATH, provisioned
from controllers.persistentvolume.volumes import PROVISIONED_BY, VolumePlan, folder_to_delete, freed, plan_volume
from machinery.api.core.v1 import ObjectReference, PersistentVolume, PersistentVolumeClaim
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.storage.v1 import StorageClass

OURS = ObjectReference(namespace="default", name="data", uid="u1")
OTHERS = ObjectReference(namespace="default", name="other", uid="u2")


def a_volume(name: str = "v", size: str = "1Gi", **spec: Any) -> PersistentVolume:
    body = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/tmp/d"}, **spec}
    labels = {"disk": "fast"} if name == "fast" else {}
    return PersistentVolume.from_dict(
        {"metadata": {"name": name, "labels": labels}, "spec": body, "status": {"phase": "Available"}}
    )


def held(volume: PersistentVolume, reference: ObjectReference, **annotations: str) -> PersistentVolume:
    meta = volume.metadata.replace(annotations=annotations)
    return volume.replace(spec=volume.spec.replace(claim_ref=reference), metadata=meta)


def a_claim(size: str = "1Gi", annotations: dict[str, str] | None = None, phase: str = "Pending",
            **spec: Any) -> PersistentVolumeClaim:  # fmt: skip
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    meta = {"name": "data", "namespace": "default", "uid": "u1", "annotations": annotations or {}}
    return PersistentVolumeClaim.from_dict({"metadata": meta, "spec": body, "status": {"phase": phase}})


@pytest.mark.parametrize(("claim", "volumes", "chosen"), [
    (a_claim(), [a_volume("big", "9Gi"), a_volume("small", "2Gi")], "small"),
    (a_claim("2Gi"), [a_volume("v", "1Gi")], None),
    (a_claim(storageClassName="a"), [a_volume("v"), a_volume("w", "9Gi", storageClassName="a")], "w"),
    (a_claim(), [a_volume(storageClassName="a")], None),
    (a_claim(volumeMode="Block"), [a_volume()], None),
    (a_claim(accessModes=["ReadWriteMany"]), [a_volume()], None),
    (a_claim(), [a_volume("many", accessModes=["ReadWriteOnce", "ReadWriteMany"]), a_volume("one", "9Gi")], "one"),
    (a_claim(selector={"matchLabels": {"disk": "fast"}}), [a_volume("slow"), a_volume("fast", "9Gi")], "fast"),
    (a_claim(), [held(a_volume("theirs"), OTHERS), a_volume("w", "9Gi")], "w"),
    (a_claim(), [a_volume("v"), held(a_volume("kept", "9Gi"), OURS.replace(uid=""))], "kept"),
    (a_claim(), [held(a_volume("of the one before"), OURS.replace(uid="u0"))], None),
])  # fmt: skip
def test_the_best_volume(claim: PersistentVolumeClaim, volumes: list[PersistentVolume], chosen: str | None) -> None:
    best = best_match(claim, volumes)
    assert (best.metadata.name if best else None) == chosen


def test_volumes_that_were_used_before_are_not_given_again() -> None:
    volume = a_volume()
    assert best_match(a_claim(), [volume.replace(status=volume.status.replace(phase="Released"))]) is None


LATE = StorageClass(provisioner="example.com/disks", volume_binding_mode="WaitForFirstConsumer")


@pytest.mark.parametrize(("claim", "found", "told"), [
    (a_claim(), None,
     ("Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")),
    (a_claim(storageClassName="a"), None,
     ("Warning", "ProvisioningFailed", 'storageclass.storage.k8s.io "a" not found')),
    (a_claim(storageClassName="a"), StorageClass(provisioner="kubernetes.io/no-provisioner"),
     ("Warning", "ProvisioningFailed", "no volume plugin matched name: kubernetes.io/no-provisioner")),
    (a_claim(storageClassName="a"), LATE,
     ("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding")),
    (a_claim("2Gi", volumeName="v"), None,
     ("Warning", "VolumeMismatch", 'Cannot bind to requested volume "v": requested PV is too small')),
    (a_claim(volumeName="theirs"), None,
     ("Warning", "FailedBinding", 'volume "theirs" already bound to a different claim.')),
])  # fmt: skip
def test_why_a_claim_waits(claim: PersistentVolumeClaim, found: StorageClass | None, told: tuple[str, ...]) -> None:
    volumes = {"theirs": held(a_volume("theirs"), OTHERS)}
    if claim.spec.volume_name == "v":
        volumes["v"] = a_volume()
    plan = plan_claim(claim, volumes, found)
    assert (plan.volume, plan.phase) == (None, "Pending")
    assert plan.told is not None
    assert (plan.told.type, plan.told.reason, plan.told.message) == told


def test_an_external_provisioner_is_asked_once_the_node_is_known() -> None:
    claim = a_claim(storageClassName="a", annotations={SELECTED_NODE: "n1"})
    plan = plan_claim(claim, {}, LATE)
    assert plan.provisioner == "example.com/disks"
    assert plan.told is not None
    assert plan.told.reason == "ExternalProvisioning"
    assert "external provisioner 'example.com/disks'" in plan.told.message


FOLDERS = StorageClass(metadata=ObjectMeta(name="standard"), provisioner=HOST_PATH, reclaim_policy="Delete")


def test_a_volume_made_to_order() -> None:
    claim = a_claim(storageClassName="standard")
    assert plan_claim(claim, {}, FOLDERS, own_provisioner=HOST_PATH).make
    volume = provisioned(claim, FOLDERS, Path("/v"))
    assert (volume.metadata.name, volume.spec.host_path and volume.spec.host_path.path) == ("pvc-u1", "/v/pvc-u1")
    assert best_match(claim, [volume]) is volume
    assert folder_to_delete(volume, "/v") == "/v/pvc-u1"
    with pytest.raises(ValueError, match="only supports"):
        folder_to_delete(volume, "/w")


@pytest.mark.parametrize(("spec", "why"), [
    ({"selector": {"matchLabels": {"disk": "fast"}}}, "claim.Spec.Selector is not supported"),
    ({"volumeMode": "Block"}, "kubernetes.io/host-path does not support block volume provisioning"),
])  # fmt: skip
def test_what_no_folder_can_be(spec: dict[str, Any], why: str) -> None:
    plan = plan_claim(a_claim(storageClassName="standard", **spec), {}, FOLDERS, own_provisioner=HOST_PATH)
    assert not plan.make
    assert plan.told is not None
    assert plan.told.message == f'failed to provision volume with StorageClass "standard": {why}'


def test_what_waits_for_its_pod_takes_only_what_the_scheduler_reserved() -> None:
    claim = a_claim(storageClassName="a")
    volume = a_volume(storageClassName="a")
    assert plan_claim(claim, {"v": volume}, LATE).volume is None
    assert plan_claim(claim, {"v": held(volume, OURS)}, LATE).volume is not None


def test_a_named_volume_that_is_not_there_yet() -> None:
    plan = plan_claim(a_claim(volumeName="v"), {}, None)
    assert (plan.volume, plan.phase, plan.told) == (None, "Pending", None)


DONE = {BIND_COMPLETED: "yes"}


@pytest.mark.parametrize(("claim", "volumes", "phase", "reason"), [
    (a_claim(annotations=DONE), {}, "Lost", "ClaimLost"),
    (a_claim(annotations=DONE, volumeName="v"), {}, "Lost", "ClaimLost"),
    (a_claim(annotations=DONE, volumeName="v"), {"v": held(a_volume(), OTHERS)}, "Lost", "ClaimMisbound"),
])  # fmt: skip
def test_lost(claim: PersistentVolumeClaim, volumes: dict[str, Any], phase: str, reason: str) -> None:
    plan = plan_claim(claim, volumes, None)
    assert (plan.phase, plan.told and plan.told.reason) == (phase, reason)


def test_both_name_each_other_and_show_who_did_it() -> None:
    volume, claim = a_volume(), a_claim()
    kept = reserved(volume, claim)
    reference = kept.spec.claim_ref
    assert reference is not None
    assert (reference.kind, reference.namespace, reference.name, reference.uid) == (
        "PersistentVolumeClaim", "default", "data", "u1")
    assert kept.metadata.annotations == {BOUND_BY_CONTROLLER: "yes"}
    named = completed(claim, kept)
    assert named.spec.volume_name == "v"
    assert named.metadata.annotations == {BOUND_BY_CONTROLLER: "yes", BIND_COMPLETED: "yes"}
    shown = in_phase(named, "Bound", kept)
    assert (shown.status.phase, shown.status.access_modes, shown.status.capacity) == (
        "Bound", ("ReadWriteOnce",), {"storage": "1Gi"})
    assert reserved(kept, shown) is kept
    assert completed(shown, kept) == shown


def test_what_a_user_reserved_is_not_called_ours() -> None:
    kept = reserved(held(a_volume(), OURS.replace(uid="")), a_claim(volumeName="v"))
    assert kept.spec.claim_ref is not None
    assert kept.spec.claim_ref.uid == "u1"
    assert kept.metadata.annotations == {}
    assert completed(a_claim(volumeName="v"), kept).metadata.annotations == DONE


BOUND = a_claim(annotations=DONE, volumeName="v")


@pytest.mark.parametrize(("volume", "claim", "plan"), [
    (a_volume(), None, VolumePlan("Available")),
    (held(a_volume(), OURS.replace(uid="")), None, VolumePlan("Available", wake_claim=True)),
    (held(a_volume(), OURS), BOUND, VolumePlan("Bound")),
    (held(a_volume(), OURS), a_claim(), VolumePlan("Available", wake_claim=True)),
    (held(a_volume(), OURS), None, VolumePlan("Released")),
    (held(a_volume(persistentVolumeReclaimPolicy="Delete"), OURS), None, VolumePlan("Released", delete=True)),
    (held(a_volume("w"), OURS), BOUND, VolumePlan("Available", unbind=True)),
    (held(a_volume("w", persistentVolumeReclaimPolicy="Delete"), OURS, **{PROVISIONED_BY: "x"}), BOUND,
     VolumePlan("Released", delete=True)),
])  # fmt: skip
def test_phases_of_a_volume(volume: PersistentVolume, claim: PersistentVolumeClaim | None, plan: VolumePlan) -> None:
    assert plan_volume(volume, claim) == plan


def test_what_could_not_be_deleted_waits_for_a_human() -> None:
    volume = held(a_volume(persistentVolumeReclaimPolicy="Delete"), OURS)
    failed = volume.replace(status=volume.status.replace(phase="Failed"))
    assert plan_volume(failed, None) == VolumePlan("Failed")


def test_a_volume_is_freed_as_it_was_before_us() -> None:
    assert freed(reserved(a_volume(), a_claim())) == a_volume()
    by_hand = held(a_volume(), OURS)
    kept = freed(by_hand).spec.claim_ref
    assert kept is not None
    assert (kept.name, kept.uid) == ("data", "")


@pytest.mark.parametrize("path", ["/data", "/tmp", "/tmp/", "/tmp/../etc", "/etc/tmp/x"])
def test_only_below_tmp_is_anything_deleted(path: str) -> None:
    with pytest.raises(ValueError, match=r"host_path deleter only supports /tmp/\.\+ but received provided"):
        folder_to_delete(a_volume(hostPath={"path": path}))


def test_folders_to_delete() -> None:
    assert folder_to_delete(a_volume(hostPath={"path": "/tmp/x/y"})) == "/tmp/x/y"
    volume = a_volume()
    with pytest.raises(ValueError, match="no deletable volume plugin matched"):
        folder_to_delete(volume.replace(spec=volume.spec.replace(host_path=None)))
