"""Claim protection: a PersistentVolumeClaim that was deleted stays until no pod on a node uses it.

Watches PersistentVolumeClaims and Pods; gives claims the finalizer kubernetes.io/pvc-protection that admission did not
give them, and takes it away. Before it does, it asks for the pods afresh: a copy may not have heard of a new one.
In Kubernetes: pkg/controller/volume/pvcprotection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controllers.protection import lacks, protected, released, waits
from machinery.api.core.v1 import PersistentVolumeClaim, Pod
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, key_of, split_key

FINALIZER = "kubernetes.io/pvc-protection"


def claims_of(pod: Pod) -> Iterator[str]:
    """The names of claims that the pod uses; those of its own stay only until its kubelet has done with it."""
    meta = pod.metadata
    over = meta.deletion_timestamp is not None and meta.deletion_grace_period_seconds == 0
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            yield volume.persistent_volume_claim.claim_name
        elif volume.ephemeral is not None and not over:
            yield f"{meta.name}-{volume.name}"


def uses(pod: Pod, claim: str) -> bool:
    """A pod without a node uses nothing yet, and none will start with a claim that is going."""
    return bool(pod.spec.node_name) and claim in claims_of(pod)


def _keys_of_pod(pod: Pod) -> list[str]:
    return [f"{pod.metadata.namespace}/{name}" for name in claims_of(pod)]


class PVCProtectionController(Controller):
    """Keys are claims."""

    name = "pvc-protection"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.claims, self.pods = ctx.informers.informer(PersistentVolumeClaim), ctx.informers.informer(Pod)
        self.pods.add_index("claim", _keys_of_pod)
        self.watches = ((self.claims, keys_of_claim), (self.pods, self._keys_of_pod))

    def _keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """The claims of a pod that went, or that its kubelet has done with, as far as they wait for that."""
        if old is None or (new is not None and old.metadata.deletion_timestamp == new.metadata.deletion_timestamp):
            return ()
        return [key for key in _keys_of_pod(old) if self._waits(key)]

    def _waits(self, key: str) -> bool:
        claim = self.claims.lister.get(*split_key(key))
        return claim is not None and waits(claim, FINALIZER)

    async def reconcile(self, key: str) -> None:
        claim = self.claims.lister.get(*split_key(key))
        if claim is None:
            return
        try:
            if lacks(claim, FINALIZER):
                await self.ctx.client.update(protected(claim, FINALIZER))
            elif waits(claim, FINALIZER) and not await self._is_used(claim):
                await self.ctx.client.update(released(claim, FINALIZER))
        except NotFound:
            return

    async def _is_used(self, claim: PersistentVolumeClaim) -> bool:
        name, namespace = claim.metadata.name, claim.metadata.namespace
        if any(uses(pod, name) for pod in self.pods.lister.by_index("claim", key_of(claim))):
            return True
        fresh = await self.ctx.client.list(Pod, namespace)
        return any(uses(pod, name) for pod in fresh.items)


def keys_of_claim(old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> Iterable[str]:
    """A claim to which something is to be done."""
    return [key_of(new)] if new is not None and (lacks(new, FINALIZER) or waits(new, FINALIZER)) else []
