"""Volumes that pods have by a claim: from the claim to the PersistentVolume, and that made ready for one pod.

Reads claims and PersistentVolumes, one by one: a node may get those of its pods, but neither list nor watch them. What
was made ready for a pod stays so until `forget`.
Real Kubernetes: volumemanager/populator, volume/hostpath, volume/local, volume/nfs, volume/csi.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kubelet import folders
from kubelet.volumes.claims import bound_volume, check_bound, check_mode, check_node, claim_name
from kubelet.volumes.failure import ClaimFailure, MountFailure, VolumeFailure
from kubelet.volumes.host_path import host_path
from kubelet.volumes.nfs import mount_nfs
from kubelet.volumes.ownership import fs_group, give_all, only_on_mismatch
from kubelet.volumes.prepared import Prepared
from machinery.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod, Volume
from machinery.api.errors import NotFound
from machinery.client.rest import Client

if TYPE_CHECKING:
    from kubelet.csi.volumes import CsiVolumes


class PersistentVolumes:
    """Of all pods of this node."""

    def __init__(
        self,
        root: str,
        client: Client,
        *,
        node_name: str,
        node_labels: Callable[[], Mapping[str, str]],
        csi: Callable[[], CsiVolumes],
    ) -> None:
        self._root = root
        self._client = client
        self._node_name = node_name
        self._node_labels = node_labels
        self._csi = csi
        self._ready: dict[tuple[str, str], Prepared] = {}

    async def prepare(self, pod: Pod, volume: Volume) -> Prepared:
        """Raises MountFailure in the name of the PersistentVolume, once one is known."""
        key = (pod.metadata.uid, volume.name)
        if key not in self._ready:
            claim = await self._claim(claim_name(pod, volume), pod.metadata.namespace)
            name = bound_volume(pod, volume, claim)
            assert claim is not None
            try:
                self._ready[key] = await self._make_ready(pod, volume, claim, name)
            except ClaimFailure:
                raise
            except (VolumeFailure, OSError) as error:
                raise MountFailure(name, error, inside=volume.name) from error
        return self._ready[key]

    async def _claim(self, name: str, namespace: str) -> PersistentVolumeClaim | None:
        try:
            return await self._client.get(PersistentVolumeClaim, name, namespace)
        except NotFound:
            return None

    async def _make_ready(self, pod: Pod, volume: Volume, claim: PersistentVolumeClaim, name: str) -> Prepared:
        try:
            found = await self._client.get(PersistentVolume, name)
        except NotFound as error:
            failed = f"error processing PVC {pod.metadata.namespace}/{claim.metadata.name}"
            raise ClaimFailure(f"{failed}: failed to fetch PV {name} from API server: {error}") from error
        check_bound(pod, claim, found)
        check_mode(volume, found)
        check_node(found, self._node_labels(), self._node_name)
        read_only = volume.persistent_volume_claim is not None and volume.persistent_volume_claim.read_only
        return await self._mounted(pod, found, read_only)

    async def _mounted(self, pod: Pod, found: PersistentVolume, read_only: bool) -> Prepared:
        spec = found.spec
        if spec.host_path is not None:
            return Prepared(host_path(spec.host_path), read_only)
        if spec.local is not None:
            return await self._local(pod, Path(spec.local.path), read_only)
        if spec.nfs is not None:
            folder = folders.claimed_folder(self._root, pod.metadata.uid, "nfs", found.metadata.name)
            path = await mount_nfs(spec.nfs, folder, spec.mount_options, read_only=read_only)
            return Prepared(path, read_only or spec.nfs.read_only)
        if spec.csi is not None:
            return await self._csi().persistent(pod, found, read_only)
        raise VolumeFailure("no volume plugin matched")

    async def _local(self, pod: Pod, path: Path, read_only: bool) -> Prepared:
        if not path.exists():
            raise VolumeFailure(f'path "{path}" does not exist')
        group = fs_group(pod)
        if group is not None and not read_only:
            await asyncio.to_thread(give_all, path, group, only_on_mismatch=only_on_mismatch(pod))
        return Prepared(path, read_only)

    def forget(self, uid: str) -> None:
        self._ready = {key: ready for key, ready in self._ready.items() if key[0] != uid}
