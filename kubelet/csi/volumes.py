"""CSI volumes of pods: waits until one is attached, stages it, publishes it for the pod, and gives it back.

Reads CSIDrivers, VolumeAttachments and the Secrets that a volume names; calls drivers (see plugins).
Real Kubernetes: volume/csi (csi_attacher.go, csi_mounter.go). Left out: raw devices, tokens for drivers,
republishing, growing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from kubelet import folders
from kubelet.csi import records
from kubelet.csi.driver import STAGE_UNSTAGE, VOLUME_MOUNT_GROUP, Driver, Wanted
from kubelet.csi.plugins import Plugins
from kubelet.csi.records import Record
from kubelet.rpc.unix import RpcFailure
from kubelet.volumes.failure import NotAttached, StagingFailure, VolumeFailure
from kubelet.volumes.ownership import fs_group, give_all, only_on_mismatch
from kubelet.volumes.prepared import Prepared
from machinery.api.core.v1 import CSIVolumeSource, PersistentVolume, Pod, Secret
from machinery.api.errors import NotFound
from machinery.api.storage.v1 import CSIDriver, VolumeAttachment
from machinery.client.rest import Client

INFO = "csi.storage.k8s.io/"
NONE: Mapping[str, str] = {}


def inline_handle(uid: str, volume: str) -> str:
    return "csi-" + hashlib.sha256(f"{uid}{volume}".encode()).hexdigest()


def attachment_name(handle: str, driver: str, node: str) -> str:
    return "csi-" + hashlib.sha256(f"{handle}{driver}{node}".encode()).hexdigest()


def access_mode(modes: tuple[str, ...]) -> str:
    """The widest that the volume allows."""
    order = ("ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteOncePod")
    return next((mode for mode in order if mode in modes), "ReadWriteOnce")


def pod_info(pod: Pod, *, ephemeral: bool) -> dict[str, str]:
    """What a driver is told of the pod, if it wants to know."""
    meta = pod.metadata
    return {
        f"{INFO}pod.name": meta.name,
        f"{INFO}pod.namespace": meta.namespace,
        f"{INFO}pod.uid": meta.uid,
        f"{INFO}serviceAccount.name": pod.spec.service_account_name,
        f"{INFO}ephemeral": "true" if ephemeral else "false",
    }


def owns_files(settings: CSIDriver, wanted: Wanted) -> bool:
    """Whether the group of the pod is ours to set: by the driver's word, or by what kind of volume it is."""
    policy = settings.spec.fs_group_policy or "ReadWriteOnceWithFSType"
    if policy == "ReadWriteOnceWithFSType":
        return wanted.fs_type != "" and wanted.access_mode in ("ReadWriteOnce", "ReadWriteOncePod")
    return policy == "File"


class CsiVolumes:
    """The CSI volumes of all pods of this node."""

    def __init__(self, root: str, node_name: str, client: Client, plugins: Plugins) -> None:
        self._root = root
        self._node = node_name
        self._client = client
        self._plugins = plugins
        self._busy: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def persistent(self, pod: Pod, found: PersistentVolume, read_only: bool) -> Prepared:
        """A PersistentVolume's part for one pod."""
        source = found.spec.csi
        assert source is not None
        name = source.driver
        settings = await self._settings(name)
        driver = self._driver(name, "attacher.MountDevice failed to create newCsiDriverClient", StagingFailure)
        context = dict(source.volume_attributes)
        if settings.spec.pod_info_on_mount:
            context |= pod_info(pod, ephemeral=False)
        wanted = Wanted(
            handle=source.volume_handle,
            fs_type=source.fs_type,
            options=found.spec.mount_options,
            access_mode=access_mode(found.spec.access_modes),
            context=context,
            attachment=await self._attachment(settings, name, source.volume_handle),
        )
        folder = folders.claimed_folder(self._root, pod.metadata.uid, "csi", found.metadata.name)
        stage_with, publish_with = source.node_stage_secret_ref, source.node_publish_secret_ref
        async with self._busy[name, wanted.handle]:
            secrets = await self._secret(stage_with.name, stage_with.namespace) if stage_with else NONE
            staging = await self._stage(driver, wanted, secrets, volume_context=source.volume_attributes)
            secrets = await self._secret(publish_with.name, publish_with.namespace) if publish_with else NONE
            record = Record(folder, name, wanted.handle)
            return await self._publish(
                pod, driver, wanted, secrets, record=record, settings=settings, staging=staging,
                read_only=read_only or source.read_only,
            )  # fmt: skip

    async def inline(self, pod: Pod, name: str, source: CSIVolumeSource) -> Prepared:
        """A volume that the driver makes for this pod alone."""
        settings = await self._settings(source.driver)
        modes = settings.spec.volume_lifecycle_modes
        if "Ephemeral" not in modes:
            why = f"(only supports {list(modes)})" if settings.metadata.name else "(no CSIDriver object)"
            raise VolumeFailure(f'volume mode "Ephemeral" not supported by driver {source.driver} {why}')
        driver = self._driver(source.driver, "mounter.SetUpAt failed to get CSI client", VolumeFailure)
        handle = inline_handle(pod.metadata.uid, name)
        context = {**source.volume_attributes, f"{INFO}ephemeral": "true"}
        if settings.spec.pod_info_on_mount:
            context |= pod_info(pod, ephemeral=True)
        wanted = Wanted(handle, source.fs_type or "", context=context)
        reference = source.node_publish_secret_ref
        secrets = await self._secret(reference.name, pod.metadata.namespace) if reference else NONE
        folder = folders.claimed_folder(self._root, pod.metadata.uid, "csi", name)
        record = Record(folder, source.driver, handle, ephemeral=True)
        return await self._publish(
            pod, driver, wanted, secrets, record=record, settings=settings, staging="",
            read_only=bool(source.read_only),
        )  # fmt: skip

    def _driver(self, name: str, where: str, kind: type[VolumeFailure]) -> Driver:
        found = self._plugins.driver(name)
        if found is None:
            why = f"driver name {name} not found in the list of registered CSI drivers"
            raise kind(f"kubernetes.io/csi: {where}: {why}")
        return found

    async def _settings(self, name: str) -> CSIDriver:
        """What the cluster knows of the driver; without a name, if nothing."""
        try:
            return await self._client.get(CSIDriver, name)
        except NotFound:
            return CSIDriver()

    async def _attachment(self, settings: CSIDriver, driver: str, handle: str) -> Mapping[str, str]:
        if settings.spec.attach_required is False:
            return NONE
        try:
            found = await self._client.get(VolumeAttachment, attachment_name(handle, driver, self._node))
        except NotFound:
            raise NotAttached("timed out waiting for the condition") from None
        if not found.status.attached:
            why = found.status.attach_error.message if found.status.attach_error else ""
            raise NotAttached(why or "timed out waiting for the condition")
        return found.status.attachment_metadata

    async def _secret(self, name: str, namespace: str) -> Mapping[str, str]:
        try:
            found = await self._client.get(Secret, name, namespace)
        except NotFound as error:
            raise VolumeFailure(f"fetching NodePublishSecretRef {namespace}/{name} failed: {error}") from error
        return {key: base64.b64decode(text).decode() for key, text in found.data.items()}

    async def _stage(
        self, driver: Driver, wanted: Wanted, secrets: Mapping[str, str], *, volume_context: Mapping[str, str]
    ) -> str:
        """Where the volume is staged; "" for a driver that does without."""
        try:
            if STAGE_UNSTAGE not in await driver.capabilities():
                return ""
            staging = records.staging_path(self._root, driver.name, wanted.handle)
            staging.mkdir(parents=True, exist_ok=True, mode=0o750)
            bare = Wanted(**{**vars(wanted), "context": volume_context})
            await driver.stage(bare, str(staging), secrets)
        except RpcFailure as error:
            raise StagingFailure(str(error)) from error
        return str(staging)

    async def _publish(
        self, pod: Pod, driver: Driver, wanted: Wanted, secrets: Mapping[str, str], *, record: Record,
        settings: CSIDriver, staging: str, read_only: bool,
    ) -> Prepared:  # fmt: skip
        group = fs_group(pod)
        record.write()
        try:
            theirs = group is not None and VOLUME_MOUNT_GROUP in await driver.capabilities()
            asked = Wanted(**{**vars(wanted), "group": group}) if theirs else wanted
            await driver.publish(asked, record.target, secrets, staging=staging, read_only=read_only)
        except RpcFailure as error:
            raise VolumeFailure(str(error)) from error
        path = Path(record.target)
        if group is not None and not theirs and not read_only and owns_files(settings, wanted):
            await asyncio.to_thread(give_all, path, group, only_on_mismatch=only_on_mismatch(pod))
        return Prepared(path, read_only)

    async def remove(self, uid: str) -> None:
        """Gives back what the pod has; the last pod of a volume also ends its staging."""
        for record in list(records.of_pod(self._root, uid)):
            async with self._busy[record.driver, record.handle]:
                await self._give_back(record)

    async def _give_back(self, record: Record) -> None:
        driver = self._driver(record.driver, "Unmounter.TearDownAt failed to get CSI client", VolumeFailure)
        try:
            await driver.unpublish(record.handle, record.target)
            staging = records.staging_path(self._root, record.driver, record.handle)
            if not record.ephemeral and staging.exists() and len(self._users(record)) == 1:
                await driver.unstage(record.handle, str(staging))
                staging.rmdir()
                staging.parent.rmdir()
        except RpcFailure as error:
            raise VolumeFailure(f"{record.driver} does not give back {record.handle}: {error}") from error
        record.remove()

    def _users(self, record: Record) -> list[Record]:
        return records.users(self._root, record.driver, record.handle)
