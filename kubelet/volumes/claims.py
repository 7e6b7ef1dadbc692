"""persistentVolumeClaim and ephemeral: from a pod's volume to its claim, and to the volume that is bound to it. Pure.

Real Kubernetes: volumemanager/populator, volume/util (CheckNodeAffinity). Left out: block devices, migration of the
old cloud volumes to CSI.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubelet.volumes.failure import ClaimFailure, VolumeFailure
from machinery.api.core.v1 import NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim, Pod, Volume
from machinery.api.labels import Requirement

_OPS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!", "Gt": "gt", "Lt": "lt"}


def claim_name(pod: Pod, volume: Volume) -> str:
    """The claim behind a volume; "" when there is none."""
    if volume.persistent_volume_claim is not None:
        return volume.persistent_volume_claim.claim_name
    return f"{pod.metadata.name}-{volume.name}" if volume.ephemeral is not None else ""


def bound_volume(pod: Pod, volume: Volume, claim: PersistentVolumeClaim | None) -> str:
    """The name of the volume that the claim is bound to."""
    name, namespace = claim_name(pod, volume), pod.metadata.namespace
    failed = f"error processing PVC {namespace}/{name}:"
    if claim is None:
        why = f'persistentvolumeclaims "{name}" not found'
        raise ClaimFailure(f"{failed} failed to fetch PVC from API server: {why}")
    if volume.ephemeral is not None and not _made_for(claim, pod):
        owner = f"{namespace}/{pod.metadata.name}"
        why = f"PVC {namespace}/{name} was not created for pod {owner} (pod is not owner)"
        raise ClaimFailure(f"{failed} {why}")
    if claim.metadata.deletion_timestamp is not None:
        raise ClaimFailure(f"{failed} PVC is being deleted")
    if claim.status.phase != "Bound":
        raise ClaimFailure(f"{failed} PVC is not bound")
    if not claim.spec.volume_name:
        raise ClaimFailure(f"{failed} PVC has empty pvc.Spec.VolumeName")
    return claim.spec.volume_name


def _made_for(claim: PersistentVolumeClaim, pod: Pod) -> bool:
    return any(owner.controller and owner.uid == pod.metadata.uid for owner in claim.metadata.owner_references)


def check_bound(pod: Pod, claim: PersistentVolumeClaim, found: PersistentVolume) -> None:
    """Both must name each other, or the volume may since belong to somebody else."""
    failed = f"error processing PVC {pod.metadata.namespace}/{claim.metadata.name}: found PV object"
    name, reference = found.metadata.name, found.spec.claim_ref
    if reference is None:
        why = "it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim"
        raise ClaimFailure(f"{failed} {name} but {why}")
    if reference.uid != claim.metadata.uid:
        why = f"its pv.Spec.ClaimRef.UID {reference.uid} does not point to claim.UID {claim.metadata.uid}"
        raise ClaimFailure(f"{failed} {name} but {why}")


def check_mode(volume: Volume, found: PersistentVolume) -> None:
    """We mount file systems; a raw device would go into a container as a device."""
    mode = found.spec.volume_mode or "Filesystem"
    if mode != "Filesystem":
        raise ClaimFailure(f"volume {volume.name} has volumeMode {mode}, which this node does not support")


def check_node(found: PersistentVolume, labels: Mapping[str, str], node: str) -> None:
    """A volume that lives elsewhere must not be looked for here."""
    affinity = found.spec.node_affinity
    if affinity is None or affinity.required is None:
        return
    fields = {"metadata.name": node}
    for term in affinity.required.node_selector_terms:
        expressions = (*((r, labels) for r in term.match_expressions), *((r, fields) for r in term.match_fields))
        if expressions and all(_holds(requirement, facts) for requirement, facts in expressions):
            return
    raise VolumeFailure("no matching NodeSelectorTerms")


def _holds(wanted: NodeSelectorRequirement, facts: Mapping[str, str]) -> bool:
    return Requirement(wanted.key, _OPS[wanted.operator], wanted.values).matches(facts)
