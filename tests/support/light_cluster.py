"""A cluster of processes without containers: API server, controllers, scheduler and hollow kubelets, all on loopback.

with light_cluster(folder, "node-1", "node-2") as cluster:
    cluster.kubeconfig           # of the administrator
    cluster.restart()            # another API server process at the same address
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.apiserver import ROOT, ApiServer, environment
from tests.support.cluster import eventually
from tests.support.etcd import free_ports
from tests.support.forks import Fork
from tests.support.kubectl import kubectl


class LightCluster:
    """What a test needs to know of it."""

    def __init__(self, server: ApiServer, nodes: tuple[str, ...]) -> None:
        self.server, self.nodes = server, nodes
        self.kubeconfig = server.kubeconfig
        self.url = server.url
        self._processes: list[subprocess.Popen[bytes] | Fork] = []

    def restart(self) -> None:
        """The API server goes as an administrator would let it go, and comes back at the same address."""
        self.server.stop()
        asyncio.run(self.server.start())

    def start(self) -> None:
        """Everything that is not the API server."""
        for component in ("controllers", "scheduler"):
            user = {"controllers": "system:kube-controller-manager", "scheduler": "system:kube-scheduler"}[component]
            self._run(component, {"kubeconfig": self.server.kubeconfig_of(user)})
        for name in self.nodes:
            flags = [f"--{key}={value}" for key, value in self._kubelet_flags(name).items()]
            self._processes.append(Fork("kubelet", flags, self.server.folder / f"{name}.log"))
        wait = ("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=5s")
        eventually(lambda: kubectl(*wait, kubeconfig=self.kubeconfig, check=False).count("condition met")
                   == len(self.nodes))  # fmt: skip

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()

    def _kubelet_flags(self, name: str) -> dict[str, object]:
        serving = self.server.authority.issue(name)
        folder = self.server.folder / name
        return {
            "kubeconfig": self.server.kubeconfig_of(f"system:node:{name}", organization="system:nodes"),
            "node-name": name, "node-ip": "127.0.0.1", "port": free_ports(1)[0],
            "root-dir": folder / "kubelet", "pod-log-dir": folder / "logs",
            "container-runtime": "hollow", "hollow-start-seconds": 0.05,
            "tls-cert-file": serving.cert, "tls-private-key-file": serving.key,
            "client-ca-file": self.server.authority.ca.cert,
        }  # fmt: skip

    def _run(self, component: str, flags: dict[str, object]) -> None:
        command = [sys.executable, "-m", component, *(f"--{name}={value}" for name, value in flags.items())]
        with (self.server.folder / f"{component}.log").open("ab") as log:
            self._processes.append(subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log))


@contextmanager
def light_cluster(folder: Path, *nodes: str) -> Iterator[LightCluster]:
    """Running and Ready."""
    server = ApiServer(folder)
    asyncio.run(server.__aenter__())
    cluster = LightCluster(server, nodes)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        asyncio.run(server.__aexit__())
