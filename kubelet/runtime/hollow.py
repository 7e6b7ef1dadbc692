"""A runtime that runs nothing: pods become Running after a set time, and can be told to fail.

The real fake behind the Runtime seam: tests of everything above it, clusters of thousands of nodes, a laptop
without root. A command `["sleep", "3"]` ends after 3 s with 0, `["exit", "2"]` at once with 2; all else runs on.
Real Kubernetes: kubemark's hollow-node with its fake docker client.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from kubelet.runtime import interface as rt

NOTHING_RUNS = "{} is not possible here: this node's runtime is hollow, its containers run no process"
FIRST_ADDRESS = (10 << 24) + (250 << 16) + 2


@dataclass
class _Pod:
    spec: rt.SandboxSpec
    sandbox: rt.Sandbox
    containers: dict[str, rt.RuntimeContainer] = field(default_factory=dict)
    specs: dict[str, rt.ContainerSpec] = field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


def _identity() -> str:
    return uuid.uuid4().hex + uuid.uuid4().hex


class HollowRuntime:
    """See Runtime in interface.py. `missing` images cannot be pulled; `failures` makes the next calls fail."""

    def __init__(
        self, *, start_seconds: float = 0.0, missing: frozenset[str] = frozenset(), first_address: int = FIRST_ADDRESS
    ) -> None:
        self.start_seconds = start_seconds
        self.missing = missing
        self.failures: list[str] = []
        self.calls: list[str] = []
        self.ready = True
        self.network_ready = True
        self._images: dict[str, rt.Image] = {}
        self._pods: dict[str, _Pod] = {}
        self._owner: dict[str, str] = {}
        self._events: asyncio.Queue[str] = asyncio.Queue()
        self._addresses = itertools.count(first_address)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failures and self.failures[0].split(":")[0] == name:
            raise rt.RuntimeFailure(self.failures.pop(0))

    async def version(self) -> rt.RuntimeVersion:
        return rt.RuntimeVersion("hollow", "1.0.0")

    async def conditions(self) -> tuple[rt.RuntimeCondition, ...]:
        reason, message = "NetworkPluginNotReady", "Network plugin returns error: cni plugin not initialized"
        network = rt.RuntimeCondition("NetworkReady", self.network_ready)
        if not self.network_ready:
            network = rt.RuntimeCondition("NetworkReady", False, reason, message)
        return rt.RuntimeCondition("RuntimeReady", self.ready), network

    async def pods(self, uid: str = "") -> dict[str, rt.RuntimePod]:
        found: dict[str, list[_Pod]] = {}
        for pod in self._pods.values():
            if uid in ("", pod.spec.uid):
                found.setdefault(pod.spec.uid, []).append(pod)
        return {key: _view(key, pods) for key, pods in found.items()}

    def _address(self) -> str:
        number = next(self._addresses)
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))

    async def run_sandbox(self, spec: rt.SandboxSpec) -> rt.Sandbox:
        self._called("run_sandbox")
        await asyncio.sleep(self.start_seconds)
        ips = () if spec.namespaces.host_network else (self._address(),)
        identity = (_identity(), spec.uid, spec.name, spec.namespace)
        grace = int(spec.annotations.get(rt.GRACE_PERIOD, "30"))
        sandbox = rt.Sandbox(*identity, ready=True, attempt=spec.attempt, created_at=_now(), ips=ips,
                             grace_period=grace)
        self._pods[sandbox.id] = _Pod(spec, sandbox)
        return sandbox

    async def stop_sandbox(self, sandbox_id: str) -> None:
        self._called("stop_sandbox")
        pod = self._pods.get(sandbox_id)
        if pod is None:
            return
        for container_id in list(pod.containers):
            await self.stop_container(container_id, 0)
        pod.sandbox = replace(pod.sandbox, ready=False, ips=())

    async def remove_sandbox(self, sandbox_id: str) -> None:
        self._called("remove_sandbox")
        pod = self._pods.pop(sandbox_id, None)
        for container_id in pod.containers if pod else ():
            self._owner.pop(container_id, None)

    async def create_container(
        self, sandbox_id: str, spec: rt.ContainerSpec, sandbox: rt.SandboxSpec
    ) -> str:
        self._called("create_container")
        pod = self._pods[sandbox_id]
        container = rt.RuntimeContainer(
            id=_identity(),
            sandbox_id=sandbox_id,
            pod_uid=pod.spec.uid,
            name=spec.name,
            attempt=spec.attempt,
            state=rt.ContainerState.CREATED,
            created_at=_now(),
            image=next((tag for tag in self._images.get(spec.image, rt.Image("")).tags), spec.image),
            image_id=spec.image,
            annotations=spec.annotations,
        )
        pod.containers[container.id] = container
        pod.specs[container.id] = spec
        self._owner[container.id] = sandbox_id
        return container.id

    async def start_container(self, container_id: str) -> None:
        self._called("start_container")
        if container_id not in self._owner:
            raise rt.RuntimeFailure(f"No such container: {container_id}")
        pod = self._pods[self._owner[container_id]]
        pod.containers[container_id] = replace(
            pod.containers[container_id], state=rt.ContainerState.RUNNING, started_at=_now()
        )
        words = (*pod.specs[container_id].command, *pod.specs[container_id].args)
        if len(words) == 2 and words[0] in ("sleep", "exit"):
            seconds = float(words[1]) if words[0] == "sleep" else 0.0
            code = int(words[1]) if words[0] == "exit" else 0
            loop = asyncio.get_running_loop()
            self._timers[container_id] = loop.call_later(seconds, self.end, container_id, code)

    def end(self, container_id: str, exit_code: int, reason: str = "") -> None:
        """The container's process ends by itself."""
        pod = self._pods.get(self._owner.get(container_id, ""))
        if pod is None or not pod.containers[container_id].running:
            return
        pod.containers[container_id] = replace(
            pod.containers[container_id],
            state=rt.ContainerState.EXITED,
            finished_at=_now(),
            exit_code=exit_code,
            reason=reason or ("Error" if exit_code else "Completed"),
        )
        self._events.put_nowait(container_id)

    async def stop_container(self, container_id: str, grace: float) -> None:
        self._called("stop_container")
        if timer := self._timers.pop(container_id, None):
            timer.cancel()
        self.end(container_id, 143 if grace else 137)

    async def remove_container(self, container_id: str) -> None:
        self._called("remove_container")
        pod = self._pods.get(self._owner.pop(container_id, ""))
        if pod is not None:
            pod.containers.pop(container_id, None)

    async def exec_sync(self, container_id: str, command: tuple[str, ...], timeout: float) -> rt.ExecResult:
        """`true` succeeds, `false` fails, `echo` prints; nothing else is known."""
        self._called("exec_sync")
        if command[:1] == ("echo",):
            return rt.ExecResult(0, " ".join(command[1:]).encode() + b"\n")
        return rt.ExecResult(0 if command[:1] == ("true",) else 1)

    async def exec(self, container_id: str, command: tuple[str, ...], streams: rt.Streams) -> str:
        raise rt.RuntimeFailure(NOTHING_RUNS.format("exec"))

    async def attach(self, container_id: str, streams: rt.Streams) -> str:
        raise rt.RuntimeFailure(NOTHING_RUNS.format("attach"))

    async def port_forward(self, sandbox_id: str, ports: tuple[int, ...]) -> str:
        raise rt.RuntimeFailure(NOTHING_RUNS.format("port-forward"))

    async def update_resources(self, container_id: str, resources: rt.Resources) -> None:
        self._called("update_resources")

    async def image(self, reference: str) -> rt.Image | None:
        return self._images.get(reference)

    async def images(self) -> tuple[rt.Image, ...]:
        return tuple({image.id: image for image in self._images.values()}.values())

    async def pull(self, reference: str, login: rt.RegistryLogin | None, sandbox: rt.SandboxSpec) -> str:
        self._called("pull")
        if reference in self.missing:
            raise rt.ImageFailure("ErrImagePull", f'failed to pull image "{reference}": not found')
        image = rt.Image("sha256:" + _identity(), (reference,), (), 1024)
        self._images[reference] = self._images[image.id] = image
        return image.id

    async def remove_image(self, image_id: str) -> None:
        self._called("remove_image")
        self._images = {key: image for key, image in self._images.items() if image.id != image_id}

    async def blobs(self) -> set[str]:
        return set()

    async def load(self, archive: AsyncIterator[bytes]) -> None:
        raise rt.RuntimeFailure(NOTHING_RUNS.format("loading images"))

    async def image_disk(self) -> rt.DiskUse:
        return rt.DiskUse()

    async def written_layers(self) -> dict[str, rt.DiskUse]:
        return {}

    async def reopen_log(self, container_id: str) -> None:
        self._called("reopen_log")

    async def events(self) -> AsyncIterator[str]:
        yield ""
        while True:
            yield await self._events.get()

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()


def _view(uid: str, pods: list[_Pod]) -> rt.RuntimePod:
    sandboxes = sorted((pod.sandbox for pod in pods), key=lambda s: (s.attempt, s.created_at), reverse=True)
    containers = [container for pod in pods for container in pod.containers.values()]
    containers.sort(key=lambda c: (c.created_at, c.attempt), reverse=True)
    spec = pods[0].spec
    return rt.RuntimePod(uid, spec.name, spec.namespace, tuple(sandboxes), tuple(containers))
