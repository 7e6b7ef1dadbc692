"""Makes a pod's volumes, keeps their files current, and takes them away.

Watches (through Objects) what the pod refers to; writes below <root>/pods/<uid>. `prepare` may be called again at
any time: it changes only what differs, which is also how a changed ConfigMap reaches a running container.
Real Kubernetes: volumemanager, with its reconciler. Left out: attach and detach, CSI.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from kubelet import folders
from kubelet.containers.env import wanted
from kubelet.containers.guests import guests
from kubelet.objects import Key, Objects
from kubelet.volumes import atomic_writer, mount
from kubelet.volumes.claims import bound_volume, path_of
from kubelet.volumes.empty_dir import empty_dir
from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.host_path import host_path
from kubelet.volumes.payload import Materials, holds_files, holds_secrets, payload, references, requests_of
from kubelet.volumes.tokens import Tokens
from machinery.api.core.v1 import ConfigMap, PersistentVolume, Pod, Secret, ServiceAccountTokenProjection, Volume
from machinery.client.rest import Client
from machinery.component.clock import Clock


class MountFailure(Exception):
    """A volume that could not be made ready, in the words of the event FailedMount."""

    def __init__(self, volume: str, why: str) -> None:
        super().__init__(f'MountVolume.SetUp failed for volume "{volume}" : {why}')


def needed_objects(pod: Pod) -> set[Key]:
    """Everything that the pod's volumes and environment refer to."""
    namespace = pod.metadata.namespace
    pairs = wanted((*pod.spec.init_containers, *pod.spec.containers, *guests(pod)))
    for volume in pod.spec.volumes:
        pairs.update(references(volume))
        if volume.persistent_volume_claim:
            pairs.add(("PersistentVolumeClaim", volume.persistent_volume_claim.claim_name))
    return {(kind, namespace, name) for kind, name in pairs}


class Mounter:
    """The volumes of all pods of this node."""

    def __init__(
        self, root: str, client: Client, objects: Objects, *, clock: Clock, allocatable: Callable[[], Mapping[str, str]]
    ) -> None:
        self._root = root
        self._client = client
        self._objects = objects
        self._clock = clock
        self._allocatable = allocatable
        self._tokens = Tokens(client, clock)

    async def objects(self, pod: Pod) -> dict[tuple[str, str], ConfigMap | Secret]:
        """What exists of the things that the pod refers to."""
        keys = sorted(needed_objects(pod))
        self._objects.hold(pod.metadata.uid, keys)
        found = await asyncio.gather(*(self._objects.get(key) for key in keys))
        return {(kind, name): obj for (kind, _, name), obj in zip(keys, found, strict=True) if obj is not None}

    async def prepare(self, pod: Pod) -> dict[str, Path]:
        """Volume name -> its path on this node. Raises MountFailure."""
        objects, tokens = await asyncio.gather(self.objects(pod), self._pod_tokens(pod))
        materials = Materials(objects, tokens, self._allocatable())
        found: dict[str, Path] = {}
        for volume in pod.spec.volumes:
            try:
                found[volume.name] = await self._volume(pod, volume, materials)
            except VolumeFailure as error:
                raise MountFailure(volume.name, str(error)) from error
            except OSError as error:
                raise MountFailure(volume.name, f"{error.filename}: {error.strerror}") from error
        return found

    async def _pod_tokens(self, pod: Pod) -> dict[ServiceAccountTokenProjection, str]:
        """What the pod's projected volumes need of the token issuer, all asked for at once."""
        return dict(await asyncio.gather(
            *(self._token(pod, volume.name, request) for volume in pod.spec.volumes for request in requests_of(volume))
        ))  # fmt: skip

    async def _token(
        self, pod: Pod, volume: str, request: ServiceAccountTokenProjection
    ) -> tuple[ServiceAccountTokenProjection, str]:
        try:
            return request, await self._tokens.get(pod, request)
        except VolumeFailure as error:
            raise MountFailure(volume, str(error)) from error

    async def _volume(self, pod: Pod, volume: Volume, materials: Materials) -> Path:
        security = pod.spec.security_context
        group = security.fs_group if security else None
        folder = folders.volume_folder(self._root, pod.metadata.uid, volume)
        if volume.host_path is not None:
            return host_path(volume.host_path)
        if volume.empty_dir is not None:
            return empty_dir(volume.empty_dir, folder, group)
        if holds_files(volume):
            return self._files(pod, volume, folder, materials)
        if volume.persistent_volume_claim is not None:
            claim = volume.persistent_volume_claim.claim_name
            name = bound_volume(materials.objects.get(("PersistentVolumeClaim", claim)), claim)  # type: ignore[arg-type]
            return path_of(await self._client.get(PersistentVolume, name))
        raise VolumeFailure("no volume plugin matched")

    def _files(self, pod: Pod, volume: Volume, folder: Path, materials: Materials) -> Path:
        files = payload(pod, volume, materials)
        if not folder.exists():
            folder.mkdir(parents=True)
            # Without root only a hollow runtime works, and nothing reads the files.
            if holds_secrets(volume) and os.geteuid() == 0:
                mount.mount_tmpfs(folder, mode=0o755)
        security = pod.spec.security_context
        group = security.fs_group if security else None
        atomic_writer.write(folder, files, now=self._clock.now(), group=group)
        return folder

    def refresh_after(self, pod: Pod) -> float | None:
        """Seconds until a token of the pod wants to be renewed."""
        return self._tokens.refresh_after(pod)

    async def remove_volumes(self, uid: str) -> None:
        """Unmounts and deletes the pod's volumes; the last words of its containers stay."""
        self._objects.release(uid)
        self._tokens.forget(uid)
        await _remove(folders.pod_folder(self._root, uid) / "volumes")

    async def remove_folder(self, uid: str) -> None:
        """Everything else of the pod."""
        await _remove(folders.pod_folder(self._root, uid))

    def leftovers(self) -> set[str]:
        """UIDs that have a folder here."""
        folder = folders.pods_folder(self._root)
        return set(os.listdir(folder)) if folder.exists() else set()


async def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    for path in mount.mounts_under(folder):
        mount.unmount(path)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
