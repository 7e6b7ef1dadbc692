"""A control plane of processes, as a cluster has it: etcd, API server with all admission, controllers, scheduler.

TLS, RBAC and the audit log are on; every process says how much processor time it has used.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench.apiserver.site import cpu_seconds
from tests.support.apiserver import ROOT, ApiServer, environment

FLAGS = ("--enable-admission-plugins=NodeRestriction", "--audit-log-maxsize=10000")
POD_NETWORK = "10.0.0.0/8"


class Plane:
    """`async with plane(folder) as here`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.api = ApiServer(folder, *FLAGS, accounts=True)
        self.processes: dict[str, list[int]] = {}
        self._children: list[subprocess.Popen[bytes]] = []

    async def begin(self) -> None:
        """Everything but nodes."""
        assert self.api.process
        self.processes["apiserver"] = [self.api.process.pid]
        self.run("controllers", {
            "kubeconfig": self.api.kubeconfig_of("system:kube-controller-manager"), "cluster-cidr": POD_NETWORK,
            "root-ca-file": self.api.authority.ca.cert, "service-account-private-key-file": self.api.signing_key,
        })  # fmt: skip
        self.run("scheduler", {"kubeconfig": self.api.kubeconfig_of("system:kube-scheduler")})

    def run(self, module: str, flags: dict[str, object], *, name: str = "") -> None:
        """One more process of ours."""
        words = [sys.executable, "-m", module, *(f"--{flag}={value}" for flag, value in flags.items())]
        with (self.folder / f"{name or module}.log").open("ab") as log:
            child = subprocess.Popen(words, cwd=ROOT, env=environment(), stdout=log, stderr=log)
        self._children.append(child)
        self.processes.setdefault(module, []).append(child.pid)

    def spent(self) -> dict[str, float]:
        """Seconds of processor time so far, by what runs."""
        return {name: sum(map(cpu_seconds, pids)) for name, pids in self.processes.items()}

    def end(self) -> None:
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@asynccontextmanager
async def plane(folder: Path) -> AsyncIterator[Plane]:
    """Up, and gone at the end."""
    async with AsyncExitStack() as stack:
        here = Plane(folder)
        await stack.enter_async_context(here.api)
        stack.callback(here.end)
        await here.begin()
        yield here
        await asyncio.to_thread(here.end)
