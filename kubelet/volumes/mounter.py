"""Makes a pod's volumes, keeps their files current, and takes them away.

Watches (through Objects) what the pod refers to; writes below <root>/pods/<uid>. `prepare` may be called again at
any time: it changes only what differs, which is also how a changed ConfigMap reaches a running container.
Real Kubernetes: volumemanager, with its reconciler. Left out: attaching and detaching.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubelet import folders
from kubelet.containers.env import wanted
from kubelet.containers.guests import guests
from kubelet.containers.qos import pod_limits
from kubelet.csi.plugins import Plugins
from kubelet.csi.records import of_pod
from kubelet.objects import Key, Objects
from kubelet.volumes import atomic_writer, mount
from kubelet.volumes.claims import claim_name
from kubelet.volumes.empty_dir import empty_dir, memory_size
from kubelet.volumes.failure import MountFailure, VolumeFailure
from kubelet.volumes.host_path import host_path
from kubelet.volumes.nfs import mount_nfs
from kubelet.volumes.ownership import fs_group
from kubelet.volumes.payload import Materials, holds_files, holds_secrets, payload, references, requests_of
from kubelet.volumes.persistent import PersistentVolumes
from kubelet.volumes.prepared import Prepared
from kubelet.volumes.tokens import Tokens
from machinery.api.core.v1 import ConfigMap, EmptyDirVolumeSource, Pod, Secret, ServiceAccountTokenProjection, Volume
from machinery.api.quantity import value
from machinery.client.rest import Client
from machinery.component.clock import Clock

if TYPE_CHECKING:
    from kubelet.csi.volumes import CsiVolumes


def needed_objects(pod: Pod) -> set[Key]:
    """All ConfigMaps and Secrets that the pod's volumes, environment and images refer to."""
    namespace = pod.metadata.namespace
    pairs = wanted((*pod.spec.init_containers, *pod.spec.containers, *guests(pod)))
    pairs.update(("Secret", reference.name) for reference in pod.spec.image_pull_secrets)
    for volume in pod.spec.volumes:
        pairs.update(references(volume))
    return {(kind, namespace, name) for kind, name in pairs}


@dataclass(frozen=True)
class Node:
    """What volumes must know of the node."""

    name: str
    labels: Callable[[], Mapping[str, str]]
    allocatable: Callable[[], Mapping[str, str]]
    plugins: Plugins
    hollow: bool = False
    """Nobody will read the files: what they would hold is found out, but not written."""


class Mounter:
    """The volumes of all pods of this node."""

    def __init__(self, root: str, client: Client, objects: Objects, *, clock: Clock, node: Node) -> None:
        self._root = root
        self._client = client
        self._objects = objects
        self._clock = clock
        self._node = node
        self._allocatable = node.allocatable
        self._tokens = Tokens(client, clock)
        self._csi_volumes: CsiVolumes | None = None
        self._persistent = PersistentVolumes(
            root, client, node_name=node.name, node_labels=node.labels, csi=lambda: self._csi()
        )

    async def objects(self, pod: Pod) -> dict[tuple[str, str], ConfigMap | Secret]:
        """What exists of the things that the pod refers to."""
        keys = sorted(needed_objects(pod))
        self._objects.hold(pod.metadata.uid, keys)
        found = await asyncio.gather(*(self._objects.get(key) for key in keys))
        return {(kind, name): obj for (kind, _, name), obj in zip(keys, found, strict=True) if obj is not None}

    async def prepare(self, pod: Pod) -> dict[str, Prepared]:
        """Every volume by its name. Raises MountFailure."""
        objects, tokens = await asyncio.gather(self.objects(pod), self._pod_tokens(pod))
        materials = Materials(objects, tokens, self._allocatable())
        found: dict[str, Prepared] = {}
        for volume in pod.spec.volumes:
            try:
                found[volume.name] = await self._volume(pod, volume, materials)
            except (VolumeFailure, OSError) as error:
                raise MountFailure(volume.name, error) from error
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
            raise MountFailure(volume, error) from error

    async def _volume(self, pod: Pod, volume: Volume, materials: Materials) -> Prepared:
        folder = folders.volume_folder(self._root, pod.metadata.uid, volume)
        if volume.host_path is not None:
            return Prepared(host_path(volume.host_path))
        if volume.empty_dir is not None:
            return Prepared(self._empty_dir(pod, volume.empty_dir, folder))
        if holds_files(volume):
            return Prepared(self._files(pod, volume, folder, materials), read_only=True)
        if claim_name(pod, volume):
            return await self._persistent.prepare(pod, volume)
        if volume.nfs is not None:
            return Prepared(await mount_nfs(volume.nfs, folder), volume.nfs.read_only)
        if volume.csi is not None:
            return await self._csi().inline(pod, volume.name, volume.csi)
        if volume.image is not None:
            raise VolumeFailure("volumes of images are alpha, and not supported")
        raise VolumeFailure("no volume plugin matched")

    def _csi(self) -> CsiVolumes:
        """Made for the first volume that needs it: drivers are asked over gRPC, which costs memory."""
        from kubelet.csi.volumes import CsiVolumes

        if self._csi_volumes is None:
            self._csi_volumes = CsiVolumes(self._root, self._node.name, self._client, self._node.plugins)
        return self._csi_volumes

    def _empty_dir(self, pod: Pod, source: EmptyDirVolumeSource, folder: Path) -> Path:
        if self._node.hollow:
            return folder
        memory = value(self._allocatable().get("memory", "0"))
        size = memory_size(source, pod_limits(pod).get("memory_limit", 0), memory)
        return empty_dir(source, folder, fs_group(pod), size)

    def _files(self, pod: Pod, volume: Volume, folder: Path, materials: Materials) -> Path:
        files = payload(pod, volume, materials)
        if self._node.hollow:
            return folder
        if not folder.exists():
            folder.mkdir(parents=True)
            # Without root only a hollow runtime works, and nothing reads the files.
            if holds_secrets(volume) and os.geteuid() == 0:
                mount.mount_tmpfs(folder, mode=0o755)
        atomic_writer.write(folder, files, now=self._clock.now(), group=fs_group(pod))
        return folder

    def refresh_after(self, pod: Pod) -> float | None:
        """Seconds until a token of the pod wants to be renewed."""
        return self._tokens.refresh_after(pod)

    async def remove_volumes(self, uid: str) -> None:
        """Unmounts and deletes the pod's volumes; the last words of its containers stay."""
        self._objects.release(uid)
        self._tokens.forget(uid)
        self._persistent.forget(uid)
        mount.unmount_all(folders.pod_folder(self._root, uid) / "volume-subpaths")
        if any(of_pod(self._root, uid)):
            await self._csi().remove(uid)
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
    mount.unmount_all(folder)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
