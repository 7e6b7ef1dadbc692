"""The volume binder: claims get volumes, volumes whose claims went are released or deleted.

Watches PersistentVolumes, PersistentVolumeClaims and StorageClasses; writes claimRef and phase of volumes, volumeName,
annotations and phase of claims. A binding is two writes, the volume first: whoever is interrupted between them finds
the volume reserved and goes on. Keys are volume/NAME and claim/NAMESPACE/NAME; one worker, so no volume is given twice.
With a folder to make volumes in, it serves classes of the provisioner kubernetes.io/host-path itself.
In Kubernetes: pkg/controller/volume/persistentvolume. Left out: recycling.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from controllers.persistentvolume.claims import BIND_COMPLETED, PROVISIONERS, completed, in_phase, plan_claim, reserved
from controllers.persistentvolume.matching import class_of_claim
from controllers.persistentvolume.provision import HOST_PATH, provisioned
from controllers.persistentvolume.volumes import PROVISIONED_BY, folder_to_delete, freed, plan_volume
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim
from machinery.api.errors import AlreadyExists, NotFound
from machinery.api.storage.v1 import StorageClass
from machinery.client.controller import Context, Controller, key_of, split_key


class PersistentVolumeBinder(Controller):
    """See the module."""

    name = "persistentvolume-binder"
    workers = 1

    def __init__(self, ctx: Context, *, folder: str = "") -> None:
        super().__init__(ctx)
        self._folder = folder
        informers = ctx.informers
        self.volumes, self.claims = informers.informer(PersistentVolume), informers.informer(PersistentVolumeClaim)
        self.classes = informers.informer(StorageClass)
        self.watches = (
            (self.claims, _keys_of_claim), (self.volumes, self._keys_of_volume), (self.classes, self._keys_of_class),
        )  # fmt: skip

    def _keys_of_volume(self, old: PersistentVolume | None, new: PersistentVolume | None) -> Iterator[str]:
        """Its claim is concerned; and if it may be had, whoever waits for one."""
        for volume in (old, new):
            if volume is not None and (reference := volume.spec.claim_ref) is not None:
                yield f"claim/{reference.namespace}/{reference.name}"
        if new is not None:
            yield f"volume/{key_of(new)}"
            if new.spec.claim_ref is None and new.status.phase == "Available":
                yield from self._waiting()

    def _keys_of_class(self, old: StorageClass | None, new: StorageClass | None) -> Iterable[str]:
        return self._waiting() if old is None else ()

    def _waiting(self) -> Iterator[str]:
        return (f"claim/{key_of(claim)}" for claim in self.claims.lister if not _is_bound(claim))

    async def reconcile(self, key: str) -> None:
        kind, _, rest = key.partition("/")
        try:
            if kind == "volume":
                await self._volume(rest)
            else:
                await self._claim(*split_key(rest))
        except NotFound:
            return

    async def _claim(self, namespace: str, name: str) -> None:
        claim = self.claims.lister.get(namespace, name)
        if claim is None or (claim.metadata.deletion_timestamp is not None and not _is_bound(claim)):
            return
        volumes = {volume.metadata.name: volume for volume in self.volumes.lister}
        if _is_bound(claim) and claim.spec.volume_name not in volumes:
            volumes |= await self._afresh(claim.spec.volume_name)
        found = self.classes.lister.get("", class_of_claim(claim))
        plan = plan_claim(claim, volumes, found, own_provisioner=HOST_PATH if self._folder else "")
        if plan.volume is not None:
            await self._bind(claim, plan.volume)
            return
        if plan.told is not None and claim.status.phase != "Lost":
            self.ctx.events.record(claim, plan.told.type, plan.told.reason, plan.told.message)
        if plan.provisioner:
            claim = await self._note_provisioner(claim, plan.provisioner)
        if claim.status.phase != plan.phase:
            claim = await self.ctx.client.update_status(in_phase(claim, plan.phase))
        if plan.make and found is not None:
            await self._make(claim, found)

    async def _make(self, claim: PersistentVolumeClaim, found: StorageClass) -> None:
        """The folder, then the volume, whose coming binds the claim. Interrupted between the two, we do both again."""
        volume = provisioned(claim, found, Path(self._folder))
        assert volume.spec.host_path is not None
        await asyncio.to_thread(_make_folder, Path(volume.spec.host_path.path))
        try:
            await self.ctx.client.create(volume)
        except AlreadyExists:
            return
        message = f"Successfully provisioned volume {volume.metadata.name} using {HOST_PATH}"
        self.ctx.events.record(claim, "Normal", "ProvisioningSucceeded", message)

    async def _afresh(self, name: str) -> dict[str, PersistentVolume]:
        """Before a claim is called lost for good: the copy may not have heard of its volume."""
        try:
            return {name: await self.ctx.client.get(PersistentVolume, name)} if name else {}
        except NotFound:
            return {}

    async def _bind(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> None:
        """Volume, its phase, claim, its phase: each only if it is not so already."""
        client = self.ctx.client
        if (wanted := reserved(volume, claim)) is not volume:
            volume = await client.update(wanted)
        if volume.status.phase != "Bound":
            volume = await self._set_phase(volume, "Bound")
        if (named := completed(claim, volume)) != claim:
            claim = await client.update(named)
        if (shown := in_phase(claim, "Bound", volume)) != claim:
            await client.update_status(shown)

    async def _note_provisioner(self, claim: PersistentVolumeClaim, name: str) -> PersistentVolumeClaim:
        """What an external provisioner looks for."""
        notes = claim.metadata.annotations | dict.fromkeys(PROVISIONERS, name)
        if notes == claim.metadata.annotations:
            return claim
        return await self.ctx.client.update(claim.replace(metadata=claim.metadata.replace(annotations=notes)))

    async def _volume(self, name: str) -> None:
        volume = self.volumes.lister.get("", name)
        if volume is None:
            return
        reference = volume.spec.claim_ref
        plan = plan_volume(volume, await self._claim_of(volume))
        if plan.wake_claim and reference is not None:
            self.queue.add(f"claim/{reference.namespace}/{reference.name}")
        if plan.unbind:
            volume = await self.ctx.client.update(freed(volume))
        if plan.phase != volume.status.phase:
            volume = await self._set_phase(volume, plan.phase)
        if plan.delete:
            await self._delete(volume)

    async def _claim_of(self, volume: PersistentVolume) -> PersistentVolumeClaim | None:
        """Asked afresh where the copy does not have it: its data may be at stake."""
        reference = volume.spec.claim_ref
        if reference is None:
            return None
        claim = self.claims.lister.get(reference.namespace, reference.name)
        if claim is None or claim.metadata.uid != reference.uid:
            try:
                claim = await self.ctx.client.get(PersistentVolumeClaim, reference.name, reference.namespace)
            except NotFound:
                return None
        return claim if claim.metadata.uid == reference.uid else None

    async def _set_phase(self, volume: PersistentVolume, phase: str, message: str = "") -> PersistentVolume:
        status = volume.status.replace(phase=phase, message=message)
        return await self.ctx.client.update_status(volume.replace(status=status))

    async def _delete(self, volume: PersistentVolume) -> None:
        """What lies in it, then the object. Volumes that others have made are theirs to delete."""
        if not volume.metadata.annotations.get(PROVISIONED_BY, "kubernetes.io/").startswith("kubernetes.io/"):
            return
        try:
            folder = Path(folder_to_delete(volume, self._folder))
            if folder.exists():
                await asyncio.to_thread(shutil.rmtree, folder)
        except (ValueError, OSError) as error:
            self.ctx.events.record(volume, "Warning", "VolumeFailedDelete", str(error))
            await self._set_phase(volume, "Failed", str(error))
            return
        if volume.metadata.deletion_timestamp is None:
            await self.ctx.client.delete(PersistentVolume, volume.metadata.name, uid=volume.metadata.uid)


def _make_folder(path: Path) -> None:
    """Whoever runs in the pod may write there."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o777)


def _is_bound(claim: PersistentVolumeClaim) -> bool:
    return BIND_COMPLETED in claim.metadata.annotations


def _keys_of_claim(old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> Iterator[str]:
    """The volume that it names is concerned when it comes or goes."""
    if new is not None:
        yield f"claim/{key_of(new)}"
    for claim in (old, new):
        if claim is not None and claim.spec.volume_name:
            yield f"volume/{claim.spec.volume_name}"
