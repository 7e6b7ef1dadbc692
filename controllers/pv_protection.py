"""Volume protection: a PersistentVolume that was deleted stays as long as it is bound to a claim.

Watches PersistentVolumes; gives them the finalizer kubernetes.io/pv-protection, and takes it away.
In Kubernetes: pkg/controller/volume/pvprotection.
"""

from __future__ import annotations

from collections.abc import Iterable

from controllers.protection import lacks, protected, released, waits
from machinery.api.core.v1 import PersistentVolume
from machinery.api.errors import NotFound
from machinery.client.controller import Context, Controller, key_of

FINALIZER = "kubernetes.io/pv-protection"


def plan(volume: PersistentVolume) -> PersistentVolume | None:
    """The volume as it should be; None when it is so."""
    if lacks(volume, FINALIZER):
        return protected(volume, FINALIZER)
    done = waits(volume, FINALIZER) and volume.status.phase != "Bound"
    return released(volume, FINALIZER) if done else None


class PVProtectionController(Controller):
    """Keys are volumes."""

    name = "pv-protection"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.volumes = ctx.informers.informer(PersistentVolume)
        self.watches = ((self.volumes, keys_of),)

    async def reconcile(self, key: str) -> None:
        volume = self.volumes.lister.get("", key)
        wanted = plan(volume) if volume is not None else None
        if wanted is None:
            return
        try:
            await self.ctx.client.update(wanted)
        except NotFound:
            return


def keys_of(old: PersistentVolume | None, new: PersistentVolume | None) -> Iterable[str]:
    return [key_of(new)] if new is not None and plan(new) is not None else []
