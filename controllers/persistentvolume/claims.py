"""What is to be done about one claim. Pure: the claim, the volumes and its class in, a plan out.

A claim that was bound once carries pv.kubernetes.io/bind-completed: from then on it is Bound, or Lost for good.
In Kubernetes: pkg/controller/volume/persistentvolume, syncUnboundClaim and syncBoundClaim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controllers.persistentvolume.matching import BOUND_BY_CONTROLLER, best_match, class_of_claim, mismatch, names
from controllers.persistentvolume.provision import refusal
from machinery.api.core.v1 import ObjectReference, PersistentVolume, PersistentVolumeClaim
from machinery.api.storage.v1 import StorageClass

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
PROVISIONERS = ("volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner")
LOST = "Data on the volume is lost!"
WAITS = (
    "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system"
    " administrator. If volume creation is delayed, please verify that the provisioner is running and correctly"
    " registered."
)


@dataclass(frozen=True)
class Told:
    """An event."""

    type: str
    reason: str
    message: str


@dataclass(frozen=True)
class ClaimPlan:
    """Bind it to `volume`; or leave it in `phase`, say why, and note who shall make a volume for it: we, or others."""

    volume: PersistentVolume | None = None
    phase: str = "Pending"
    told: Told | None = None
    provisioner: str = ""
    make: bool = False


def plan_claim(
    claim: PersistentVolumeClaim, volumes: Mapping[str, PersistentVolume], found: StorageClass | None, *,
    own_provisioner: str = "",
) -> ClaimPlan:  # fmt: skip
    """volumes: by name. found: the claim's class, if there is one of its name."""
    if BIND_COMPLETED in claim.metadata.annotations:
        return _bound(claim, volumes.get(claim.spec.volume_name))
    if claim.spec.volume_name:
        return _asked_for(claim, volumes.get(claim.spec.volume_name))
    delayed = found is not None and found.volume_binding_mode == "WaitForFirstConsumer"
    best = best_match(claim, volumes.values(), delayed=delayed and SELECTED_NODE not in claim.metadata.annotations)
    if best is not None:
        return ClaimPlan(best)
    if delayed and SELECTED_NODE not in claim.metadata.annotations:
        why = "waiting for first consumer to be created before binding"
        return ClaimPlan(told=Told("Normal", "WaitForFirstConsumer", why))
    if found is not None and found.provisioner == own_provisioner:
        return _made_by_us(claim, found)
    return _without_volume(class_of_claim(claim), found)


def _made_by_us(claim: PersistentVolumeClaim, found: StorageClass) -> ClaimPlan:
    if why := refusal(claim):
        message = f'failed to provision volume with StorageClass "{found.metadata.name}": {why}'
        return ClaimPlan(told=Told("Warning", "ProvisioningFailed", message), provisioner=found.provisioner)
    return ClaimPlan(provisioner=found.provisioner, make=True)


def _asked_for(claim: PersistentVolumeClaim, volume: PersistentVolume | None) -> ClaimPlan:
    """Its author named a volume."""
    if volume is None:
        return ClaimPlan()
    if volume.spec.claim_ref is None:
        if why := mismatch(volume, claim):
            message = f'Cannot bind to requested volume "{volume.metadata.name}": {why}'
            return ClaimPlan(told=Told("Warning", "VolumeMismatch", message))
        return ClaimPlan(volume)
    if names(volume, claim):
        return ClaimPlan(volume)
    message = f'volume "{volume.metadata.name}" already bound to a different claim.'
    return ClaimPlan(told=Told("Warning", "FailedBinding", message))


def _without_volume(name: str, found: StorageClass | None) -> ClaimPlan:
    """Nothing fits: somebody has to make a volume."""
    if not name:
        why = "no persistent volumes available for this claim and no storage class is set"
        return ClaimPlan(told=Told("Normal", "FailedBinding", why))
    if found is None:
        return ClaimPlan(told=Told("Warning", "ProvisioningFailed", f'storageclass.storage.k8s.io "{name}" not found'))
    if found.provisioner.startswith("kubernetes.io/"):
        why = f"no volume plugin matched name: {found.provisioner}"
        return ClaimPlan(told=Told("Warning", "ProvisioningFailed", why))
    told = Told("Normal", "ExternalProvisioning", WAITS.format(found.provisioner))
    return ClaimPlan(told=told, provisioner=found.provisioner)


def _bound(claim: PersistentVolumeClaim, volume: PersistentVolume | None) -> ClaimPlan:
    if not claim.spec.volume_name:
        return _lost("ClaimLost", f"Bound claim has lost reference to PersistentVolume. {LOST}")
    if volume is None:
        return _lost("ClaimLost", f"Bound claim has lost its PersistentVolume. {LOST}")
    if volume.spec.claim_ref is None or volume.spec.claim_ref.uid == claim.metadata.uid:
        return ClaimPlan(volume)
    return _lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")


def _lost(reason: str, message: str) -> ClaimPlan:
    return ClaimPlan(phase="Lost", told=Told("Warning", reason, message))


def reserved(volume: PersistentVolume, claim: PersistentVolumeClaim) -> PersistentVolume:
    """The volume as it names the claim; who did it by hand is not forgotten."""
    meta = claim.metadata
    if volume.spec.claim_ref is not None and volume.spec.claim_ref.uid == meta.uid:
        return volume
    annotations = volume.metadata.annotations
    if not names(volume, claim):
        annotations = annotations | {BOUND_BY_CONTROLLER: "yes"}
    reference = ObjectReference(
        api_version="v1", kind="PersistentVolumeClaim", namespace=meta.namespace, name=meta.name, uid=meta.uid,
        resource_version=meta.resource_version,
    )  # fmt: skip
    spec = volume.spec.replace(claim_ref=reference)
    return volume.replace(spec=spec, metadata=volume.metadata.replace(annotations=annotations))


def completed(claim: PersistentVolumeClaim, volume: PersistentVolume) -> PersistentVolumeClaim:
    """The claim as it names the volume."""
    annotations = claim.metadata.annotations
    if claim.spec.volume_name != volume.metadata.name:
        annotations = annotations | {BOUND_BY_CONTROLLER: "yes"}
    annotations = annotations | {BIND_COMPLETED: annotations.get(BIND_COMPLETED, "yes")}
    spec = claim.spec.replace(volume_name=volume.metadata.name)
    return claim.replace(spec=spec, metadata=claim.metadata.replace(annotations=annotations))


def in_phase(claim: PersistentVolumeClaim, phase: str, volume: PersistentVolume | None = None) -> PersistentVolumeClaim:
    """The claim with that status; a bound one shows what its volume offers, until it is told to grow."""
    status = claim.status.replace(phase=phase)
    if volume is None:
        return claim.replace(status=status.replace(access_modes=(), capacity={}))
    capacity = claim.status.capacity if claim.status.phase == "Bound" else dict(volume.spec.capacity)
    return claim.replace(status=status.replace(access_modes=volume.spec.access_modes, capacity=capacity))
