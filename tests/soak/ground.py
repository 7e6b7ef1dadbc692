"""The machine of a soak: etcd and API server, which nobody hurts, a kubelet and a containerd, which everybody does."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from kubelet.runtime.cri.runtime import CriRuntime
from kubelet.runtime.interface import RuntimeFailure, RuntimePod
from machinery.api.core.v1 import Event, Pod
from machinery.api.errors import ApiError
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.soak.pods import OBJECTS, Document
from tests.support.apiserver import ApiServer
from tests.support.containerd import Containerd
from tests.support.kubelet_process import KubeletProcess
from tests.support.netlab import inside

PODS = "/api/v1/namespaces/default/pods"
PLURALS = {"ConfigMap": "configmaps", "Secret": "secrets", "ServiceAccount": "serviceaccounts"}


@dataclass
class Ground:
    """What the soak works on; `hurt` are the pods (by name) whose own processes it has killed."""

    folder: Path
    containerd: Containerd
    kubelet: KubeletProcess
    client: Client
    hurt: set[str] = field(default_factory=set)
    interruptions: int = 0

    async def create(self, document: Document) -> None:
        await self.client.request("POST", PODS, body=orjson.dumps(document))

    async def delete(self, name: str, grace: int | None) -> None:
        with suppress(ApiError):
            await self.client.delete(Pod, name, "default", grace_period_seconds=grace)

    async def pods(self) -> list[Document]:
        return orjson.loads(await self.client.request("GET", PODS))["items"]

    async def runtime_pods(self) -> dict[str, RuntimePod]:
        """By UID, asked for with a connection of our own that remembers nothing."""
        runtime = CriRuntime(self.containerd.socket)
        try:
            return await runtime.pods()
        except RuntimeFailure:
            return {}
        finally:
            await runtime.close()

    def processes(self) -> Iterator[tuple[str, bool, int]]:
        """(pod, whether it is the sandbox's, process) of every task that containerd has."""
        tasks = self.containerd.folder / "state" / "io.containerd.runtime.v2.task" / "k8s.io"
        for task in sorted(tasks.glob("*")):
            with suppress(OSError, ValueError, KeyError):
                notes = json.loads((task / "config.json").read_text())["annotations"]
                sandbox = notes["io.kubernetes.cri.container-type"] == "sandbox"
                yield notes["io.kubernetes.cri.sandbox-name"], sandbox, int((task / "init.pid").read_text())

    def kill(self, pod: str, process: int) -> None:
        self.hurt.add(pod)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)

    async def interrupt_kubelet(self, seconds: float) -> None:
        """kill -9, and a new one after a while."""
        self.interruptions += 1
        await asyncio.to_thread(self.kubelet.end, signal.SIGKILL)
        await asyncio.sleep(seconds)
        self.kubelet.start()

    async def interrupt_containerd(self, seconds: float) -> None:
        self.interruptions += 1
        await asyncio.to_thread(self.containerd.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.containerd.start)

    async def story(self, name: str) -> list[str]:
        """What was told of a pod."""
        found = await self.client.list(Event, "default", field_selector=f"involvedObject.name={name}")
        return [f"{event.first_timestamp} {event.reason} {event.message}" for event in found.items]

    def complaints(self) -> list[str]:
        """The kubelet's own surprises."""
        lines = (self.folder / "kubelet.log").read_text(errors="replace").splitlines()
        return [line for line in lines if line.startswith("Traceback")]


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Everything started; at the end everything ended, whatever is left."""
    with Containerd() as containerd, inside(containerd.name):
        async with ApiServer(folder) as server, Client(load_kubeconfig(server.kubeconfig)) as client:
            for each in OBJECTS:
                await _create(client, each)
            kubelet = KubeletProcess(folder, server, containerd)
            kubelet.start()
            try:
                yield Ground(folder, containerd, kubelet, client)
            finally:
                kubelet.end(signal.SIGKILL)
                shutil.copy(containerd.folder / "containerd.log", folder)


async def _create(client: Client, document: dict[str, Any]) -> None:
    path = f"/api/v1/namespaces/default/{PLURALS[document['kind']]}"
    await client.request("POST", path, body=orjson.dumps(document))
