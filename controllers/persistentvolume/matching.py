"""Which PersistentVolume a claim gets: the smallest that is large enough, of the right class, modes and labels. Pure.

A volume that already names the claim comes before any other. In Kubernetes: pkg/controller/volume/persistentvolume
(index.go, pv_controller.go) and component-helpers/storage/volume. Left out: volume attributes classes.
"""

from __future__ import annotations

from collections.abc import Iterable

from machinery.api import labels
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim
from machinery.api.quantity import value

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def class_of_claim(claim: PersistentVolumeClaim) -> str:
    return claim.metadata.annotations.get(CLASS_ANNOTATION, claim.spec.storage_class_name or "")


def _class_of_volume(volume: PersistentVolume) -> str:
    return volume.metadata.annotations.get(CLASS_ANNOTATION, volume.spec.storage_class_name)


def names(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether the volume is reserved for this claim; one reserved by hand may not know its uid yet."""
    reference, meta = volume.spec.claim_ref, claim.metadata
    if reference is None or (reference.namespace, reference.name) != (meta.namespace, meta.name):
        return False
    return reference.uid in ("", meta.uid)


def mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim) -> str:
    """Why the volume is not what the claim asks for, in the words that users read; "" if it is."""
    wanted, has = claim.spec, volume.spec
    if volume.metadata.deletion_timestamp is not None:
        return f'the volume is marked for deletion "{volume.metadata.name}"'
    if _size(has.capacity) < _size(wanted.resources.requests):
        return "requested PV is too small"
    if _class_of_volume(volume) != class_of_claim(claim):
        return "storageClassName does not match"
    if (has.volume_mode or "Filesystem") != (wanted.volume_mode or "Filesystem"):
        return "incompatible volumeMode"
    if not set(wanted.access_modes) <= set(has.access_modes):
        return "incompatible accessMode"
    return ""


def _size(amounts: dict[str, str]) -> int:
    return value(amounts.get("storage", "0"))


def best_match(
    claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume], *, delayed: bool = False
) -> PersistentVolume | None:
    """delayed: the scheduler chooses; only what it has reserved is taken."""
    selector = labels.from_label_selector(claim.spec.selector) if claim.spec.selector else labels.everything()
    fitting = [volume for volume in volumes if not mismatch(volume, claim)]
    reserved = [volume for volume in fitting if names(volume, claim)]
    if reserved or delayed:
        return min(reserved, key=_rank, default=None)
    free = (
        volume for volume in fitting
        if volume.spec.claim_ref is None and volume.status.phase == "Available"
        and selector.matches(volume.metadata.labels)
    )  # fmt: skip
    return min(free, key=_rank, default=None)


def _rank(volume: PersistentVolume) -> tuple[int, int, str]:
    """What offers no more ways of access than needed comes first, then what is small."""
    return len(set(volume.spec.access_modes)), _size(volume.spec.capacity), volume.metadata.name
