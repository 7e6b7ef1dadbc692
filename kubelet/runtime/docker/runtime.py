"""The Runtime over a Docker Engine.

* Only what carries Kubernetes' labels exists for us: whoever uses the same Engine by hand is left alone.
* A pod's addresses come from CNI plugins that run here, in the kubelet's own network namespace: the node's.
* State changes come from the Engine's events.
Real Kubernetes: dockershim until 1.24, now cri-dockerd. Left out: checkpoints, user namespaces, engines whose cgroups
are systemd's, engines on another machine.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kubelet.runtime import interface as rt
from kubelet.runtime.docker.cni import NOT_READY, Network
from kubelet.runtime.docker.containers import Containers, log_config
from kubelet.runtime.docker.engine import Engine, filters
from kubelet.runtime.docker.images import Images
from kubelet.runtime.docker.sandboxes import Sandboxes
from kubelet.runtime.docker.streams.port_forward import PortForward, dial
from kubelet.runtime.docker.streams.remote_command import RemoteCommand
from kubelet.runtime.docker.streams.server import StreamServer

RECONNECT_SECONDS = 1.0
EVENTS = {"type": ["container"], "event": ["die", "oom"], "label": [rt.POD_UID]}


@dataclass(frozen=True)
class Settings:
    """What a node decides. `folder` keeps what must outlive us."""

    folder: Path
    pause: str
    cni_conf_dir: str
    cni_bin_dirs: tuple[str, ...]
    log_bytes: int = 0
    log_files: int = 1


class DockerRuntime:
    """See Runtime in interface.py for what each method promises."""

    def __init__(self, address: str, settings: Settings) -> None:
        self._engine = Engine(address)
        self._network = Network(settings.cni_conf_dir, settings.cni_bin_dirs, settings.folder / "sandboxes")
        self._images = Images(self._engine, settings.pause)
        self._sandboxes = Sandboxes(self._engine, self._network, self._images)
        log = log_config(settings.log_bytes, settings.log_files)
        self._containers = Containers(self._engine, self._images, log)
        self._streams = StreamServer()

    async def version(self) -> rt.RuntimeVersion:
        return rt.RuntimeVersion("docker", (await self._engine.get("/version", seconds=10))["Version"])

    async def conditions(self) -> tuple[rt.RuntimeCondition, ...]:
        info = await self._engine.get("/info", seconds=10)
        driver = info["CgroupDriver"]
        runtime = rt.RuntimeCondition("RuntimeReady", True)
        if driver != "cgroupfs":
            words = f'kubelet cgroup driver: "cgroupfs" is different from docker cgroup driver: "{driver}"'
            runtime = rt.RuntimeCondition("RuntimeReady", False, "CgroupDriver", f"misconfiguration: {words}")
        network = rt.RuntimeCondition("NetworkReady", True)
        if not self._network.ready:
            network = rt.RuntimeCondition("NetworkReady", False, "NetworkPluginNotReady", NOT_READY)
        return runtime, network

    async def pods(self, uid: str = "") -> dict[str, rt.RuntimePod]:
        sandboxes, containers = await asyncio.gather(self._sandboxes.list(uid), self._containers.list(uid))
        return _group(sandboxes, containers)

    async def run_sandbox(self, spec: rt.SandboxSpec) -> rt.Sandbox:
        return await self._sandboxes.run(spec)

    async def stop_sandbox(self, sandbox_id: str) -> None:
        await self._sandboxes.stop(sandbox_id)

    async def remove_sandbox(self, sandbox_id: str) -> None:
        await self._sandboxes.remove(sandbox_id)

    async def create_container(self, sandbox_id: str, spec: rt.ContainerSpec, sandbox: rt.SandboxSpec) -> str:
        return await self._containers.create(sandbox_id, spec, sandbox)

    async def start_container(self, container_id: str) -> None:
        await self._containers.start(container_id)

    async def stop_container(self, container_id: str, grace: float) -> None:
        await self._containers.stop(container_id, grace)

    async def remove_container(self, container_id: str) -> None:
        await self._containers.remove(container_id)

    async def exec_sync(self, container_id: str, command: tuple[str, ...], timeout: float) -> rt.ExecResult:
        return await self._containers.exec(container_id, command, timeout)

    async def exec(self, container_id: str, command: tuple[str, ...], streams: rt.Streams) -> str:
        containers = self._containers
        process = await containers.process(container_id, command, streams)

        async def resize(width: int, height: int) -> None:
            await self._engine.call("POST", f"/exec/{process}/resize", w=width, h=height)

        work = RemoteCommand(
            streams, partial(containers.begun, process, tty=streams.tty), resize, partial(containers.exit_code, process)
        )
        return await self._streams.address("exec", work)

    async def attach(self, container_id: str, streams: rt.Streams) -> str:
        async def resize(width: int, height: int) -> None:
            await self._engine.call("POST", f"/containers/{container_id}/resize", w=width, h=height)

        async def ended() -> int:
            return 0

        work = RemoteCommand(streams, partial(self._containers.attached, container_id, streams), resize, ended)
        return await self._streams.address("attach", work)

    async def port_forward(self, sandbox_id: str, ports: tuple[int, ...]) -> str:
        process = await self._sandboxes.process(sandbox_id)
        if not process:
            raise rt.RuntimeFailure(f"sandbox {sandbox_id} does not run")
        return await self._streams.address("portforward", PortForward(partial(dial, process), ports))

    async def update_resources(self, container_id: str, resources: rt.Resources) -> None:
        await self._containers.update(container_id, resources)

    async def image(self, reference: str) -> rt.Image | None:
        return await self._images.find(reference)

    async def images(self) -> tuple[rt.Image, ...]:
        return await self._images.list()

    async def pull(self, reference: str, login: rt.RegistryLogin | None, sandbox: rt.SandboxSpec) -> str:
        return await self._images.pull(reference, login)

    async def remove_image(self, image_id: str) -> None:
        await self._images.remove(image_id)

    async def blobs(self) -> set[str]:
        return await self._images.lowest_layers()

    async def load(self, archive: AsyncIterator[bytes]) -> None:
        await self._images.load(archive)

    async def image_disk(self) -> rt.DiskUse:
        """A layer that several images share counts for each: to add it up once, the Engine would walk its disk."""
        return rt.DiskUse(sum(image.size for image in await self._images.list()), 0, await self._engine.root())

    async def written_layers(self) -> dict[str, rt.DiskUse]:
        return await self._containers.written()

    async def reopen_log(self, container_id: str) -> None:
        """Never needed: the Engine moves its own files away."""

    async def events(self) -> AsyncIterator[str]:
        while True:
            try:
                async with self._engine.following("/events", filters=filters(**EVENTS)) as found:
                    yield ""
                    async for event in found:
                        identity = event["Actor"]["ID"]
                        if event["Action"] == "oom":
                            self._containers.out_of_memory(identity)
                        yield identity
            except rt.RuntimeFailure:
                pass
            await asyncio.sleep(RECONNECT_SECONDS)

    async def close(self) -> None:
        await self._streams.close()
        await self._engine.close()


def _group(sandboxes: list[rt.Sandbox], containers: list[rt.RuntimeContainer]) -> dict[str, rt.RuntimePod]:
    """By pod UID, newest first: higher attempt, then later creation."""
    rows: dict[str, tuple[list[rt.Sandbox], list[rt.RuntimeContainer]]] = defaultdict(lambda: ([], []))
    for sandbox in sorted(sandboxes, key=lambda s: (s.attempt, s.created_at), reverse=True):
        rows[sandbox.pod_uid][0].append(sandbox)
    for container in sorted(containers, key=lambda c: (c.created_at, c.attempt), reverse=True):
        rows[container.pod_uid][1].append(container)
    return {uid: _pod(uid, tuple(first), tuple(second)) for uid, (first, second) in rows.items()}


def _pod(uid: str, sandboxes: tuple[rt.Sandbox, ...], containers: tuple[rt.RuntimeContainer, ...]) -> rt.RuntimePod:
    name, namespace = (sandboxes[0].pod_name, sandboxes[0].pod_namespace) if sandboxes else ("", "")
    return rt.RuntimePod(uid, name, namespace, sandboxes, containers)
