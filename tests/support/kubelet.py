"""A kubelet inside the test's own loop, on a PatchingApi and whichever runtime is given."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from kubelet.config import Config
from kubelet.kubelet import Base, Kubelet, own_sources
from kubelet.node.facts import read_machine
from kubelet.runtime.interface import Runtime
from kubelet.server.log_format import last_lines
from machinery.api.core.v1 import Node, Pod
from machinery.api.patch import strategic_merge_patch
from machinery.client.config import ClientConfig
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from machinery.component.clock import RealClock
from machinery.component.run import stoppable
from tests.support.fake_api import FakeApi


class PatchingApi(FakeApi):
    """A FakeApi that understands the kubelet's strategic merge patches of pods and nodes."""

    def on_object(self, method: str, key: tuple[str, str, str], body: Any, *, subresource: str | None) -> Any:
        model = {PODS: Pod, NODES: Node}.get(key[0])
        if method == "PATCH" and subresource == "status" and model:
            return 200, self.put(key[0], strategic_merge_patch(self.objects[key], body, model))
        return super().on_object(method, key, body, subresource=subresource)


PODS, NODES, SERVICES, EVENTS = "/api/v1/pods", "/api/v1/nodes", "/api/v1/services", "/api/v1/events"


def pod(name: str, **changes: Any) -> dict[str, Any]:
    """A bound pod as the API server would show it."""
    spec: dict[str, Any] = {
        "nodeName": "n1",
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 2,
        "containers": [{"name": "c", "image": "mini.test/busybox:1", "command": ["run"]}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {**spec, **changes},
        "status": {"phase": "Pending"},
    }


def shell(script: str, **changes: Any) -> dict[str, Any]:
    """A container that runs a shell script in the test image."""
    return {"name": "c", "image": "mini.test/busybox:1", "command": ["/bin/sh", "-c", script], **changes}


STAYS = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


class Bench:
    """What a test holds in its hands."""

    def __init__(self, api: FakeApi, kubelet: Kubelet, runtime: Any) -> None:
        self.api, self.kubelet, self.runtime = api, kubelet, runtime

    def pod(self, name: str) -> dict[str, Any] | None:
        return self.api.objects.get((PODS, "default", name))

    def status(self, name: str) -> dict[str, Any]:
        return (self.pod(name) or {}).get("status", {})

    def container(self, name: str) -> dict[str, Any]:
        return (self.status(name).get("containerStatuses") or [{}])[0]

    def events(self, name: str) -> list[tuple[str, str]]:
        found = [event for (path, _, _), event in self.api.objects.items() if path == EVENTS]
        return [(e["reason"], e["message"]) for e in found if e["involvedObject"]["name"] == name]

    async def create(self, document: dict[str, Any]) -> dict[str, Any]:
        return self.api.put(PODS, document)

    async def delete(self, name: str, grace: int = 2) -> None:
        """As the API server does it: first the mark, the object goes when the kubelet says so."""
        document = dict(self.pod(name) or {})
        meta = {**document["metadata"], "deletionTimestamp": "2030-01-01T00:00:00Z",
                "deletionGracePeriodSeconds": grace}
        self.api.put(PODS, {**document, "metadata": meta})

    async def delete_all(self) -> None:
        """Every pod, at once, without patience."""
        names = [name for path, _, name in self.api.objects if path == PODS]
        for name in names:
            await self.delete(name, grace=0)
        await self.until(lambda: not any(path == PODS for path, _, _ in self.api.objects), 60)
        await self.until(lambda: not self.kubelet.workers._workers, 60, "workers that do not end")

    def log(self, name: str, container: str = "c", attempt: int = 0) -> str:
        """The text of a container's log, without times."""
        meta = (self.pod(name) or {})["metadata"]
        folder = f"{meta['namespace']}_{name}_{meta['uid']}"
        path = Path(self.kubelet.base.config.pod_log_dir) / folder / container / f"{attempt}.log"
        return last_lines(path, 1000, 1 << 20) if path.exists() else ""

    async def until(self, condition: Callable[[], object], seconds: float = 60, what: str = "") -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(what or f"not in {seconds} s; objects: {list(self.api.objects)}")
            await asyncio.sleep(0.01)

    async def until_event(self, name: str, reason: str, message: str, seconds: float = 60) -> None:
        """Until the user has been told so, word by word."""
        deadline = time.monotonic() + seconds
        while (reason, message) not in self.events(name):
            if time.monotonic() > deadline:
                raise TimeoutError(f"only {self.events(name)}")
            await asyncio.sleep(0.01)

    async def until_waiting(self, name: str, reason: str, message: str) -> None:
        """Until the first container waits for exactly this."""
        wanted = {"reason": reason, "message": message}
        await self.until(lambda: self.container(name).get("state", {}).get("waiting") == wanted,
                         what=f"{name} is {self.status(name)}")

    async def until_phase(self, name: str, phase: str, seconds: float = 60) -> None:
        await self.until(lambda: self.status(name).get("phase") == phase, seconds, f"{name} is {self.status(name)}")

    async def until_ready(self, name: str, seconds: float = 60) -> None:
        await self.until(lambda: ready(self.status(name)), seconds, f"{name} is {self.status(name)}")


def ready(status: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", ()))


@contextlib.asynccontextmanager
async def kubelet_on(
    api: FakeApi, runtime: Runtime, folder: Path, **settings: Any
) -> AsyncIterator[Bench]:
    """Starts a kubelet for node n1, and stops it without touching its containers."""
    config = Config(node_name="n1", root_dir=str(folder / "kubelet"), pod_log_dir=str(folder / "logs"),
                    **{"node_ip": "10.0.0.1", "cgroup_root": "/kubelet-test", "eviction_hard": (), **settings})
    stop, clock = asyncio.Event(), RealClock()
    async with Client(ClientConfig(server=api.url), user_agent="kubelet") as client:
        recorder = EventRecorder(client, "kubelet", "n1")
        factory = InformerFactory(client)
        version, machine = await runtime.version(), read_machine(config.root_dir)
        base = Base(config, client, client, runtime, version, machine, recorder, clock)
        kubelet = Kubelet(base, own_sources(client, factory, "n1"))
        async with asyncio.TaskGroup() as group:
            group.create_task(factory.run(stop))
            group.create_task(stoppable(stop, kubelet.keeper.run(), kubelet.work()))
            try:
                yield Bench(api, kubelet, runtime)
            finally:
                stop.set()
        await kubelet.objects.close()
        await recorder.close()
