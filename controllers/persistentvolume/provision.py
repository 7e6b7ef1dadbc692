"""A volume made to order: a folder of this computer, for clusters whose nodes all see it (the lab's). Pure.

In Kubernetes: --enable-hostpath-provisioner, whose folder is always /tmp/hostpath_pv; minikube has such a one, too.
"""

from __future__ import annotations

from pathlib import Path

from controllers.persistentvolume.matching import BOUND_BY_CONTROLLER, class_of_claim
from controllers.persistentvolume.volumes import PROVISIONED_BY
from machinery.api.core.v1 import (
    HostPathVolumeSource,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeSpec,
)
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.storage.v1 import StorageClass

HOST_PATH = "kubernetes.io/host-path"


def refusal(claim: PersistentVolumeClaim) -> str:
    """Why no folder will do; "" if one will."""
    if claim.spec.selector is not None:
        return "claim.Spec.Selector is not supported"
    if claim.spec.volume_mode == "Block":
        return f"{HOST_PATH} does not support block volume provisioning"
    return ""


def provisioned(claim: PersistentVolumeClaim, found: StorageClass, folder: Path) -> PersistentVolume:
    """The volume, named after the claim and reserved for it."""
    meta = claim.metadata
    name = f"pvc-{meta.uid}"
    reference = ObjectReference(
        api_version="v1", kind="PersistentVolumeClaim", namespace=meta.namespace, name=meta.name, uid=meta.uid,
        resource_version=meta.resource_version,
    )  # fmt: skip
    spec = PersistentVolumeSpec(
        capacity={"storage": claim.spec.resources.requests["storage"]},
        access_modes=claim.spec.access_modes,
        claim_ref=reference,
        persistent_volume_reclaim_policy=found.reclaim_policy or "Delete",
        storage_class_name=class_of_claim(claim),
        mount_options=found.mount_options,
        host_path=HostPathVolumeSource(path=str(folder / name)),
    )
    notes = {BOUND_BY_CONTROLLER: "yes", PROVISIONED_BY: HOST_PATH}
    return PersistentVolume(metadata=ObjectMeta(name=name, annotations=notes), spec=spec)
