"""The Runtime over CRI: lists cheaply, asks for details only of what changed, and follows its events.

* ListContainers carries no exit code and no start time, so ContainerStatus is asked once for each state
  of a container and remembered; an idle node costs two list calls per look.
* Only what carries our labels exists for us.
* State changes come from containerd's own event service; another CRI runtime is looked at once a second.
* containerd may note that a container ended before it notes that memory was the reason: its event is remembered here.
Real Kubernetes: kuberuntime_manager.go, pleg/generic.go. Left out: GetContainerEvents.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson

from kubelet.runtime import interface as rt
from kubelet.runtime.cri import archives, convert
from kubelet.runtime.cri.calls import IMAGES, Calls
from kubelet.runtime.cri.messages import message

EVENT_FILTER = 'namespace==k8s.io,topic~="^/tasks/(exit|oom)$"'
RECONNECT_SECONDS = 1.0
KILLED = 137


class CriRuntime:
    """See Runtime in interface.py for what each method promises."""

    def __init__(self, address: str) -> None:
        self._path = address.removeprefix("unix://")
        self._calls = Calls(self._path)
        self._containers: dict[str, rt.RuntimeContainer] = {}
        self._pause: str | None = None
        self._ips: dict[str, tuple[str, ...]] = {}
        self._out_of_memory: set[str] = set()

    async def version(self) -> rt.RuntimeVersion:
        answer = await self._calls.call("Version", version="v1", deadline=10)
        return rt.RuntimeVersion(answer.runtime_name, answer.runtime_version)

    async def conditions(self) -> tuple[rt.RuntimeCondition, ...]:
        answer = await self._calls.call("Status", deadline=10)
        return tuple(
            rt.RuntimeCondition(c.type, c.status, c.reason, c.message) for c in answer.status.conditions
        )

    async def pods(self, uid: str = "") -> dict[str, rt.RuntimePod]:
        selector = {rt.POD_UID: uid} if uid else {}
        sandboxes, containers = await asyncio.gather(
            self._calls.call("ListPodSandbox", filter={"label_selector": selector}),
            self._calls.call("ListContainers", filter={"label_selector": selector}),
        )
        ours = [item for item in sandboxes.items if rt.POD_UID in item.labels]
        inside = [item for item in containers.containers if rt.POD_UID in item.labels]
        found = await asyncio.gather(*map(self._sandbox, ours), *map(self._container, inside))
        if not uid:
            self._forget_all_but({item.id for item in (*ours, *inside)})
        return _group([item for item in found if item is not None])

    def _forget_all_but(self, ids: set[str]) -> None:
        self._containers = {key: value for key, value in self._containers.items() if key in ids}
        self._ips = {key: value for key, value in self._ips.items() if key in ids}
        self._out_of_memory &= ids

    async def _sandbox(self, listed: Any) -> rt.Sandbox | None:
        ready = listed.state == 0
        if ready and listed.id not in self._ips:
            try:
                return await self._sandbox_status(listed.id)
            except rt.RuntimeFailure:
                return None
        return convert.sandbox(listed, self._ips.get(listed.id, ()) if ready else ())

    async def _sandbox_status(self, sandbox_id: str) -> rt.Sandbox:
        answer = await self._calls.call("PodSandboxStatus", pod_sandbox_id=sandbox_id)
        ips = self._ips[sandbox_id] = convert.sandbox_ips(answer.status)
        return convert.sandbox(answer.status, ips)

    async def _container(self, listed: Any) -> rt.RuntimeContainer | None:
        known = self._containers.get(listed.id)
        if known is not None and known.state.value == listed.state:
            return known
        try:
            answer = await self._calls.call("ContainerStatus", container_id=listed.id)
        except rt.RuntimeFailure:
            return None
        status = convert.container(answer.status, listed.pod_sandbox_id)
        if listed.id in self._out_of_memory and status.exit_code == KILLED:
            status = replace(status, reason="OOMKilled")
        self._containers[listed.id] = status
        return status

    async def run_sandbox(self, spec: rt.SandboxSpec) -> rt.Sandbox:
        answer = await self._calls.call(
            "RunPodSandbox", config=convert.sandbox_config(spec), runtime_handler=spec.runtime_handler
        )
        return await self._sandbox_status(answer.pod_sandbox_id)

    async def stop_sandbox(self, sandbox_id: str) -> None:
        await self._calls.ensure_gone("StopPodSandbox", pod_sandbox_id=sandbox_id)

    async def remove_sandbox(self, sandbox_id: str) -> None:
        await self._calls.ensure_gone("RemovePodSandbox", pod_sandbox_id=sandbox_id)

    async def create_container(
        self, sandbox_id: str, spec: rt.ContainerSpec, sandbox: rt.SandboxSpec
    ) -> str:
        answer = await self._calls.call(
            "CreateContainer",
            pod_sandbox_id=sandbox_id,
            config=convert.container_config(spec, sandbox.namespaces),
            sandbox_config=convert.sandbox_config(sandbox),
        )
        return answer.container_id

    async def start_container(self, container_id: str) -> None:
        await self._calls.call("StartContainer", container_id=container_id)

    async def stop_container(self, container_id: str, grace: float) -> None:
        await self._calls.ensure_gone(
            "StopContainer", container_id=container_id, timeout=int(grace), deadline=grace + 60
        )

    async def remove_container(self, container_id: str) -> None:
        await self._calls.ensure_gone("RemoveContainer", container_id=container_id)

    async def exec_sync(self, container_id: str, command: tuple[str, ...], timeout: float) -> rt.ExecResult:
        answer = await self._calls.call(
            "ExecSync",
            container_id=container_id,
            cmd=list(command),
            timeout=math.ceil(timeout),
            deadline=timeout + 5,
        )
        return rt.ExecResult(answer.exit_code, answer.stdout, answer.stderr)

    async def exec(self, container_id: str, command: tuple[str, ...], streams: rt.Streams) -> str:
        answer = await self._calls.call("Exec", container_id=container_id, cmd=list(command), **vars(streams))
        return answer.url

    async def attach(self, container_id: str, streams: rt.Streams) -> str:
        return (await self._calls.call("Attach", container_id=container_id, **vars(streams))).url

    async def port_forward(self, sandbox_id: str, ports: tuple[int, ...]) -> str:
        return (await self._calls.call("PortForward", pod_sandbox_id=sandbox_id, port=list(ports))).url

    async def update_resources(self, container_id: str, resources: rt.Resources) -> None:
        linux = convert.resources(resources)
        await self._calls.call("UpdateContainerResources", container_id=container_id, linux=linux)

    async def image(self, reference: str) -> rt.Image | None:
        answer = await self._calls.call("ImageStatus", service=IMAGES, image={"image": reference})
        return convert.image(answer.image) if answer.HasField("image") else None

    async def images(self) -> tuple[rt.Image, ...]:
        answer, pause = await self._calls.call("ListImages", service=IMAGES), await self._pause_image()
        return tuple(convert.image(item, pinned=pause in item.repo_tags) for item in answer.images)

    async def _pause_image(self) -> str:
        """The image of sandboxes. containerd says that it is pinned from 1.7 on; before, its configuration tells."""
        if self._pause is None:
            answer = await self._calls.call("Status", verbose=True, deadline=10)
            self._pause = orjson.loads(answer.info.get("config", "{}")).get("sandboxImage", "")
        return self._pause

    async def pull(self, reference: str, login: rt.RegistryLogin | None, sandbox: rt.SandboxSpec) -> str:
        auth = {}
        if login is not None:
            auth = {
                "auth": {
                    "username": login.username,
                    "password": login.password,
                }
            }
        try:
            answer = await self._calls.call(
                "PullImage",
                service=IMAGES,
                deadline=3600,
                image={"image": reference},
                sandbox_config=convert.sandbox_config(sandbox),
                **auth,
            )
        except rt.RuntimeFailure as error:
            raise rt.ImageFailure("ErrImagePull", str(error)) from error
        return answer.image_ref

    async def remove_image(self, image_id: str) -> None:
        await self._calls.call("RemoveImage", service=IMAGES, image={"image": image_id})

    async def blobs(self) -> set[str]:
        return await archives.blobs(self._path)

    async def load(self, archive: AsyncIterator[bytes]) -> None:
        await archives.load(self._path, archive)

    async def image_disk(self) -> rt.DiskUse:
        answer = await self._calls.call("ImageFsInfo", service=IMAGES)
        return next((convert.disk_use(found) for found in answer.image_filesystems), rt.DiskUse())

    async def written_layers(self) -> dict[str, rt.DiskUse]:
        answer = await self._calls.call("ListContainerStats")
        return {found.attributes.id: convert.disk_use(found.writable_layer) for found in answer.stats}

    async def reopen_log(self, container_id: str) -> None:
        await self._calls.call("ReopenContainerLog", container_id=container_id)

    async def events(self) -> AsyncIterator[str]:
        while True:
            try:
                async with self._calls.subscribed(EVENT_FILTER) as envelopes:
                    await self.version()
                    yield ""
                    async for envelope in envelopes:
                        task = message("TaskEvent").FromString(envelope.event.value)
                        if envelope.topic.endswith("oom"):
                            self._out_of_memory.add(task.container_id)
                            self._containers.pop(task.container_id, None)
                        if task.id in ("", task.container_id):
                            yield task.container_id
            except rt.RuntimeFailure:
                await asyncio.sleep(RECONNECT_SECONDS)

    async def close(self) -> None:
        await self._calls.close()


def _group(found: list[rt.Sandbox | rt.RuntimeContainer]) -> dict[str, rt.RuntimePod]:
    """By pod UID, newest first: higher attempt, then later creation."""
    sandboxes: dict[str, list[rt.Sandbox]] = defaultdict(list)
    containers: dict[str, list[rt.RuntimeContainer]] = defaultdict(list)
    for item in found:
        target = sandboxes if isinstance(item, rt.Sandbox) else containers
        target[item.pod_uid].append(item)  # type: ignore[arg-type]
    return {uid: _pod(uid, sandboxes[uid], containers[uid]) for uid in {*sandboxes, *containers}}


def _pod(uid: str, sandboxes: list[rt.Sandbox], containers: list[rt.RuntimeContainer]) -> rt.RuntimePod:
    sandboxes.sort(key=lambda s: (s.attempt, s.created_at), reverse=True)
    containers.sort(key=lambda c: (c.created_at, c.attempt), reverse=True)
    name = sandboxes[0].pod_name if sandboxes else ""
    namespace = sandboxes[0].pod_namespace if sandboxes else ""
    return rt.RuntimePod(uid, name, namespace, tuple(sandboxes), tuple(containers))
