"""A real node of a lab, its runtime, and pods on it: what the parts of this benchmark hold in their hands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kubelet.runtime.cri.runtime import CriRuntime
from machinery.api.core.v1 import Container, Namespace, Pod, PodSpec, ServiceAccount
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from miniadm.cluster import Cluster, Machine
from miniadm.status import processes

IMAGE, NAMESPACE = "mini/busybox:1", "node-bench"
OBEYS = ("sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait")
IGNORES = ("sleep", "3600")
"""As process 1 it never hears of TERM."""

Condition = Callable[[Pod | None], object]
"""None: the API has the pod no more."""


class Watch:
    """The pods as they change: when was something first true of one?"""

    def __init__(self) -> None:
        self._pods: dict[str, Pod] = {}
        self._waiting: list[tuple[str, Condition, asyncio.Future[float]]] = []

    def when(self, name: str, condition: Condition) -> asyncio.Future[float]:
        """The moment, by this process' clock."""
        moment: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((name, condition, moment))
        return moment

    async def run(self, client: Client) -> None:
        """Until cancelled."""
        start = (await client.list(Pod, NAMESPACE, limit=1)).resource_version
        async for event in client.watch(Pod, NAMESPACE, resource_version=start):
            if event.type != "BOOKMARK":
                self._heard(event.object.metadata.name, None if event.type == "DELETED" else event.object)

    def _heard(self, name: str, pod: Pod | None) -> None:
        now = time.monotonic()
        for wanted, condition, moment in self._waiting:
            if wanted == name and not moment.done() and condition(pod):
                moment.set_result(now)
        self._waiting = [row for row in self._waiting if not row[2].done()]


@dataclass(frozen=True)
class Here:
    """One worker of the lab."""

    client: Client
    machine: Machine
    runtime: CriRuntime
    watch: Watch

    def pod(self, name: str, command: tuple[str, ...] = OBEYS, *, grace: int = 0, restart: str = "Always") -> Pod:
        spec = PodSpec(
            containers=(Container(name="c", image=IMAGE, command=command),), restart_policy=restart,
            node_selector={"kubernetes.io/hostname": self.machine.name}, termination_grace_period_seconds=grace,
        )  # fmt: skip
        return Pod(metadata=ObjectMeta(name=name, namespace=NAMESPACE), spec=spec)

    async def start(self, pod: Pod) -> float:
        """Seconds from its creation until it is Ready."""
        ready = self.watch.when(pod.metadata.name, is_ready)
        began = time.monotonic()
        await self.client.create(pod)
        return await ready - began

    async def delete(self, name: str) -> float:
        """Seconds from its deletion until the API has it no more."""
        gone = self.watch.when(name, lambda pod: pod is None)
        began = time.monotonic()
        await self.client.delete(Pod, name, NAMESPACE)
        return await gone - began

    async def clean(self) -> None:
        """Until neither API nor runtime have a pod of ours."""
        names = [pod.metadata.name for pod in (await self.client.list(Pod, NAMESPACE)).items]
        await asyncio.gather(*(self.delete(name) for name in names))
        while any(pod.namespace == NAMESPACE for pod in (await self.runtime.pods()).values()):
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)

    def kubelet(self) -> int:
        """The number of its process."""
        return next(process.pid for process in processes(self.machine) if process.name == "kubelet")


@asynccontextmanager
async def node_of(cluster: Cluster) -> AsyncIterator[Here]:
    """The last machine, whose pods are followed."""
    machine, watch = cluster.machines[-1], Watch()
    runtime = CriRuntime(str(machine.run / "containerd" / "containerd.sock"))
    async with Client(load_kubeconfig(cluster.admin_kubeconfig)) as client:
        await make_namespace(client)
        following = asyncio.create_task(watch.run(client))
        await asyncio.sleep(0.5)
        yield Here(client, machine, runtime, watch)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    await runtime.close()


async def make_namespace(client: Client) -> None:
    """Of our own, and ready to take pods."""
    await client.create(Namespace(metadata=ObjectMeta(name=NAMESPACE)))
    while True:
        try:
            await client.get(ServiceAccount, "default", NAMESPACE)
            return
        except NotFound:
            await asyncio.sleep(0.1)


def is_ready(pod: Pod | None) -> bool:
    return bool(pod and any(c.type == "Ready" and c.status == "True" for c in pod.status.conditions))


def processes_of(container: str) -> list[int]:
    """The numbers of a container's processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if container in file.read_text():
                found.append(int(file.parent.name))
        except OSError:
            continue
    return found
