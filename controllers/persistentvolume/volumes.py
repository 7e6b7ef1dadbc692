"""What is to be done about one volume. Pure: the volume and the claim that it names in, a plan out.

    Available   nobody's, or reserved for a claim that is not there yet
    Bound       its claim names it
    Released    its claim is gone; with the policy Delete it is deleted, with Retain it waits for a human
    Failed      it could not be deleted
In Kubernetes: pkg/controller/volume/persistentvolume (syncVolume, reclaimVolume), volume/hostpath. Left out: Recycle,
which is deprecated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from controllers.persistentvolume.matching import BOUND_BY_CONTROLLER
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim

PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
ENDED = ("Released", "Failed")


@dataclass(frozen=True)
class VolumePlan:
    """The volume's phase; whether it is to forget its claim, or to be deleted; whether the claim is to be looked at."""

    phase: str = ""
    unbind: bool = False
    delete: bool = False
    wake_claim: bool = False


def plan_volume(volume: PersistentVolume, claim: PersistentVolumeClaim | None) -> VolumePlan:
    """claim: the one that the volume names, if it still exists; one made anew under the old name is another."""
    reference = volume.spec.claim_ref
    if reference is None or not reference.uid:
        return VolumePlan("Available", wake_claim=reference is not None)
    policy, name = volume.spec.persistent_volume_reclaim_policy, volume.metadata.name
    if claim is None:
        return _released(volume, delete=policy == "Delete")
    if not claim.spec.volume_name:
        return VolumePlan(volume.status.phase, wake_claim=True)
    if claim.spec.volume_name == name:
        return VolumePlan("Bound")
    if PROVISIONED_BY in volume.metadata.annotations and policy == "Delete":
        return _released(volume, delete=True)
    return VolumePlan("Available", unbind=True)


def _released(volume: PersistentVolume, *, delete: bool) -> VolumePlan:
    """What could not be deleted once stays as it is: a human must look at it."""
    phase = volume.status.phase if volume.status.phase in ENDED else "Released"
    return VolumePlan(phase, delete=delete and phase != "Failed")


def freed(volume: PersistentVolume) -> PersistentVolume:
    """Without its claim; a reservation that was made by hand stays, for whoever comes by that name."""
    reference, annotations = volume.spec.claim_ref, dict(volume.metadata.annotations)
    if annotations.pop(BOUND_BY_CONTROLLER, None) is not None or reference is None:
        kept = None
    else:
        kept = reference.replace(uid="", resource_version="")
    return volume.replace(
        spec=volume.spec.replace(claim_ref=kept), metadata=volume.metadata.replace(annotations=annotations)
    )


def folder_to_delete(volume: PersistentVolume, own_folder: str = "") -> str:
    """The folder that goes with the volume. Raises ValueError with what users read where we may not delete."""
    name, path = volume.metadata.name, volume.spec.host_path.path if volume.spec.host_path else ""
    if not path:
        raise ValueError(f'error getting deleter volume plugin for volume "{name}": no deletable volume plugin matched')
    ours = bool(own_folder) and path == f"{own_folder}/{name}"
    if ".." in path.split("/") or not (ours or re.fullmatch(r"/tmp/[^/].*", path)):
        raise ValueError(f"host_path deleter only supports /tmp/.+ but received provided {path}")
    return path
