"""Controllers, scheduler and kubelets without containers, in this process, against a real API server.

    with one_server(tmp_path_factory) as server:            # in a fixture of the module
    async with ControlPlane(server, "worker-1") as plane:   # in a test
        await plane.client.create(...)
        await plane.until(lambda: plane.pods("default"))
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from controllers.config import Config as ControllersConfig
from controllers.run import control
from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.core.v1 import Event, Namespace, Node, Pod
from machinery.api.errors import Conflict, NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.config import load_kubeconfig
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from scheduler.config import Config as SchedulerConfig
from scheduler.run import schedule_with
from tests.support.apiserver import ApiServer
from tests.support.objects import ALLOCATABLE, CONTROL_PLANE
from tests.support.waiting import until

STAMP = "%Y-%m-%dT%H:%M:%SZ"
_numbers = itertools.count(1)


@contextmanager
def one_server(folder: Path, *flags: str, accounts: bool = False) -> Iterator[ApiServer]:
    """An API server that outlives the event loops of the tests."""
    server = ApiServer(folder, *flags, accounts=accounts)
    asyncio.run(server.__aenter__())
    try:
        yield server
    finally:
        asyncio.run(server.__aexit__())


class ControlPlane:
    """nodes: names of nodes to register, on which every pod runs as soon as it is asked to."""

    def __init__(self, server: ApiServer, *nodes: str, scheduler: bool = True, kubelets: bool = True,
                 controllers: tuple[str, ...] = ("*",), **config: Any) -> None:
        self.server, self.nodes = server, nodes
        self.client = Client(load_kubeconfig(server.kubeconfig), user_agent="test")
        self.ready: Any = lambda pod: True
        """Which pods become ready."""
        self._config = ControllersConfig(controllers=controllers, **config)
        self._scheduler, self._kubelets = scheduler, kubelets
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []
        self.informers = InformerFactory(self.client)
        self._pods, self._namespaces = self.informers.informer(Pod), self.informers.informer(Namespace)
        self._nodes = self.informers.informer(Node)
        self.namespace = f"test-{next(_numbers)}"

    async def __aenter__(self) -> Self:
        for name in self.nodes:
            await self.register(name)
        await self.client.create(Namespace(metadata=ObjectMeta(name=self.namespace)))
        if self._kubelets:
            self._pods.on_change(lambda old, new: new and self.start(self._sync_pod(new)))
        self.start(self.informers.run(self._stop))
        self.start(self._as("system:kube-controller-manager", control, self._config))
        if self._scheduler:
            self.start(self._as("system:kube-scheduler", schedule_with, SchedulerConfig()))
        await self.informers.synced()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.wait(self._tasks, timeout=5)
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            for result in results:
                if isinstance(result, Exception):
                    raise result
        finally:
            await self._clean_up()
            await self.client.__aexit__()

    async def until(self, condition: Any, seconds: float = 60) -> None:
        """Wait for a condition on the copies."""
        await until(condition, seconds)

    async def eventually(self, ask: Any, seconds: float = 60) -> Any:
        """Ask the API again and again until the answer is true; returns it."""
        pause = 0.02
        async with asyncio.timeout(seconds):
            while not (answer := await ask()):
                await asyncio.sleep(pause)
                pause = min(1.1 * pause, 0.2)
            return answer

    def pods(self, **labels: str) -> list[Pod]:
        """The test's pods that are not on their way out."""
        return [
            pod for pod in self._pods.lister.list(self.namespace)
            if labels.items() <= pod.metadata.labels.items() and not pod.metadata.deletion_timestamp]

    def node(self, name: str) -> Node | None:
        """A node as it is now."""
        return self._nodes.lister.get("", name)

    async def events(self, name: str, namespace: str = "") -> list[tuple[str, str, str]]:
        """(source, reason, message) of what was told about an object whose name begins so."""
        found = await self.client.list(Event, namespace or self.namespace)
        return [(e.source.component, e.reason, e.message) for e in found.items
                if e.involved_object.name.startswith(name)]

    async def register(self, name: str, **allocatable: str) -> Node:
        """What a kubelet does first."""
        taints = [CONTROL_PLANE.to_dict()] if name == "control-plane" else []
        body = {"metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "spec": {"taints": taints}}
        await self.client.create(Node.from_dict(body))
        return await self.beat(name, **allocatable)

    async def beat(self, name: str, **allocatable: str) -> Node:
        """A heartbeat, by status."""
        stamp = _now()
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": stamp,
                 "lastTransitionTime": stamp}
        room = ALLOCATABLE | allocatable
        body = {"status": {"conditions": [ready], "allocatable": room, "capacity": room}}
        return await self.client.patch(Node, name, "", body, patch_type="strategic", subresource="status")

    def start(self, work: Any) -> None:
        """Let this run until the end of the test."""
        self._tasks = [task for task in self._tasks if not task.done() or task.exception()]
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _as(self, user: str, work: Any, config: Any) -> None:
        kubeconfig = load_kubeconfig(self.server.kubeconfig_of(user))
        async with Client(kubeconfig, user_agent=user) as client:
            await work(client, config, self._stop)

    async def _sync_pod(self, pod: Pod) -> None:
        """What a kubelet does, without doing it."""
        meta = pod.metadata
        if not pod.spec.node_name or pod.spec.node_name not in self.nodes:
            return
        try:
            if meta.deletion_timestamp:
                await self.client.delete(Pod, meta.name, meta.namespace, grace_period_seconds=0, uid=meta.uid)
            elif pod.status.phase == "Pending":
                await self._report(pod)
        except (NotFound, Conflict):
            return

    async def _report(self, pod: Pod) -> None:
        stamp, number = _now(), next(_numbers)
        ready = {"type": "Ready", "status": str(bool(self.ready(pod))), "lastTransitionTime": stamp}
        body = {"metadata": {"uid": pod.metadata.uid}, "status": {
            "phase": "Running", "conditions": [ready], "startTime": stamp,
            "podIP": f"10.244.{number // 250}.{number % 250 + 1}",
            "podIPs": [{"ip": f"10.244.{number // 250}.{number % 250 + 1}"}]}}
        await self.client.patch(
            Pod, pod.metadata.name, pod.metadata.namespace, body, patch_type="strategic", subresource="status")

    async def _clean_up(self) -> None:
        """Nodes of the next test have the same names: they must not find our pods on them."""
        for kind in (Deployment, ReplicaSet):
            await self.client.delete_collection(kind, self.namespace)
        for pod in (await self.client.list(Pod, self.namespace)).items:
            await self._remove(Pod, pod.metadata.name, self.namespace, grace_period_seconds=0)
        for name in self.nodes:
            await self._remove(Node, name)

    async def _remove(self, kind: Any, name: str, namespace: str = "", **options: Any) -> None:
        try:
            await self.client.delete(kind, name, namespace, **options)
        except NotFound:
            return


def _now() -> str:
    return datetime.now(UTC).strftime(STAMP)
