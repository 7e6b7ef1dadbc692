"""Where it is measured: etcd and the load on one core, one server on the other, one CA for all of them.

Processes inherit the core of whoever starts them; the benchmark itself stays on the load's core.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.apiserver import load
from bench.apiserver.load import Body, Load
from tests.support.apiserver import ROOT, ApiServer, environment
from tests.support.etcd import Etcd, free_ports
from tests.support.pki import Authority

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
PODS = "/api/v1/namespaces/default/pods"


@dataclass
class Measured:
    """A server's requests per second, and the processor time that each took it."""

    rates: list[float]
    micros: list[float]


class Target:
    """A server under load."""

    def __init__(self, url: str, pid: int, certificate: Path) -> None:
        self.url, self.pid, self.certificate = url, pid, certificate
        self.measured = Measured([], [])

    async def ask(self, path: str, *, concurrency: int, body: Body | None = None, **more: float) -> Load:
        """One run of the generator."""
        before = cpu_seconds(self.pid)
        result = await load.run(
            self.url + path, self.certificate, concurrency=concurrency, body=body, **more  # type: ignore[arg-type]
        )
        self.measured.rates.append(result.rate)
        self.measured.micros.append(1e6 * (cpu_seconds(self.pid) - before) / result.requests)
        return result


class Site:
    """`async with site(folder) as here`: etcd runs; servers are started when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.etcd = Etcd(folder)
        self.api = ApiServer(folder, etcd=self.etcd, authority=self.authority, accounts=True)
        self.certificate = folder / "client.pem"
        self.certificate.write_bytes(self.api.admin.cert.read_bytes() + self.api.admin.key.read_bytes())

    @asynccontextmanager
    async def api_server(self) -> AsyncIterator[Target]:
        """Ours."""
        with on_core(SERVER_CORE):
            await self.api.start()
        assert self.api.process
        try:
            await asyncio.to_thread(self._make_account)
            yield Target(self.api.url, self.api.process.pid, self.certificate)
        finally:
            self.api.stop()

    def _make_account(self) -> None:
        """What a controller would make: without it no pod is admitted."""
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        request = urllib.request.Request(
            f"{self.api.url}/api/v1/namespaces/default/serviceaccounts", data=json.dumps(account).encode(),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        try:
            urllib.request.urlopen(request, context=self.context()).close()
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise

    @asynccontextmanager
    async def bare_server(self, body: bytes) -> AsyncIterator[Target]:
        """aiohttp that answers everything with these bytes."""
        file, (port,) = self.folder / "bare.body", free_ports(1)
        file.write_bytes(body)
        pair = self.authority.issue("bare")
        words = [str(file), str(port), str(pair.cert), str(pair.key), str(self.authority.ca.cert)]
        with on_core(SERVER_CORE):
            process = subprocess.Popen([sys.executable, "-m", "bench.apiserver.bare", *words], cwd=ROOT)
        try:
            await listening(port)
            yield Target(f"https://127.0.0.1:{port}", process.pid, self.certificate)
        finally:
            process.kill()
            process.wait()

    def context(self) -> ssl.SSLContext:
        """For clients of our own."""
        return self.api.context()

    def body(self, name: str, text: bytes, **how: str) -> Body:
        """A body for the generator."""
        file = self.folder / name
        file.write_bytes(text)
        return Body(file, **how)


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    """etcd on the load's core, and room for a server on the other."""
    os.sched_setaffinity(0, {LOAD_CORE})
    here = Site(folder)
    async with here.etcd:
        yield here


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started meanwhile runs there."""
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {LOAD_CORE})


def run_pinned(*command: str) -> str:
    """A command's output, run alone on the server's core."""
    with on_core(SERVER_CORE):
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment(), check=True, text=True, stdout=subprocess.PIPE
        ).stdout


async def listening(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
    sys.exit(f"nothing listens on port {port}")


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads of a process so far, by the scheduler's own clock."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def resident(pid: int) -> float:
    """Resident memory in MB (10⁶ bytes)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def private(pid: int) -> float:
    """What of it is the process' own in MB: neither a file's bytes as they are on disk nor shared with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) * 1024 / 1e6
