"""A real API server for a test: its own etcd, its own CA, free ports, and a kubeconfig for every name one asks for.

async with ApiServer(tmp_path) as server:
    server.kubeconfig            # of kubernetes-admin, group system:masters
    server.kubeconfig_of("system:kube-scheduler")
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import yaml

from tests.support.etcd import Etcd, free_ports
from tests.support.forks import Fork
from tests.support.pki import Authority, Pair, signing_key

ROOT = Path(__file__).parents[2]
COMPLETED = ("ServiceAccount", "TaintNodesByCondition", "StorageObjectInUseProtection")
ISSUER = "https://kubernetes.default.svc.cluster.local"


class ApiServer:
    """`python -m apiserver` as a process; `kill` and `start` as often as one likes on the same data."""

    def __init__(self, folder: Path, *flags: str, etcd: Etcd | None = None, authority: Authority | None = None,
                 accounts: bool = False) -> None:
        """accounts: whether admission asks for what only controllers complete: accounts of pods and their tokens,
        nodes that were seen to be ready, storage that nobody uses any more."""
        self.folder = folder
        self.etcd = etcd or Etcd(folder)
        self._own_etcd = etcd is None
        self.authority = authority or Authority(folder)
        self.serving = self.authority.issue("kube-apiserver")
        self._kubelet = self.authority.issue("kube-apiserver-kubelet-client", organization="system:masters")
        (self.port,) = free_ports(1)
        self.url = f"https://127.0.0.1:{self.port}"
        self.audit_log = folder / f"audit-{self.port}.log"
        self.log = folder / f"apiserver-{self.port}.log"
        self._flags = flags
        self.signing_key = signing_key(folder / "sa.key")
        self._admission = () if accounts else (f"--disable-admission-plugins={','.join(COMPLETED)}",)
        self.process: Fork | None = None
        self.admin = self.authority.issue("kubernetes-admin", organization="system:masters")

    async def __aenter__(self) -> Self:
        if self._own_etcd:
            await self.etcd.start()
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._own_etcd:
            self.etcd.kill()

    @property
    def kubeconfig(self) -> str:
        """The path of the administrator's kubeconfig."""
        return self._write_kubeconfig("kubernetes-admin", self.admin)

    def kubeconfig_of(self, name: str, *, organization: str = "") -> str:
        """The path of a kubeconfig for any other user."""
        return self._write_kubeconfig(name, self.authority.issue(name, organization=organization))

    def context(self, pair: Pair | None = None) -> ssl.SSLContext:
        """What an HTTP client of one's own needs."""
        context = ssl.create_default_context(cafile=str(self.authority.ca.cert))
        who = pair or self.admin
        context.load_cert_chain(who.cert, who.key)
        return context

    async def start(self) -> None:
        self.spawn()
        await self._ready()

    def spawn(self) -> None:
        """Start, and do not wait until it is ready."""
        self.process = Fork("apiserver", self.flags(), self.log)

    def stop(self) -> None:
        """As an administrator would."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self) -> None:
        """As if the power went."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def command(self) -> list[str]:
        """The plain way to start it."""
        return [sys.executable, "-m", "apiserver", *self.flags()]

    def flags(self) -> list[str]:
        flags = {
            "etcd-servers": self.etcd.url,
            "bind-address": "127.0.0.1",
            "secure-port": self.port,
            "advertise-address": "127.0.0.1",
            "tls-cert-file": self.serving.cert,
            "tls-private-key-file": self.serving.key,
            "client-ca-file": self.authority.ca.cert,
            "kubelet-client-certificate": self._kubelet.cert,
            "kubelet-client-key": self._kubelet.key,
            "kubelet-certificate-authority": self.authority.ca.cert,
            "audit-log-path": self.audit_log,
            "service-account-issuer": ISSUER,
            "service-account-signing-key-file": self.signing_key,
        }
        given = [f"--{name}={value}" for name, value in flags.items()]
        return [*given, *self._admission, *self._flags]

    async def _ready(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self.process and self.process.poll() is not None:
                break
            if await self._answers():
                return
            await asyncio.sleep(0.02)
        raise RuntimeError(f"the API server did not start:\n{self.log.read_text()}")

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.context())
        except (OSError, ssl.SSLError):
            return False
        try:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return b" 200 " in (await reader.read()).split(b"\r\n", 1)[0]
        except OSError:
            return False
        finally:
            writer.close()

    def _write_kubeconfig(self, name: str, pair: Pair) -> str:
        cluster = {"server": self.url, "certificate-authority": str(self.authority.ca.cert)}
        user = {"client-certificate": str(pair.cert), "client-key": str(pair.key)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}],
            "current-context": "test",
        }
        file = self.folder / f"{name.replace(':', '-')}-{self.port}.kubeconfig"
        file.write_text(yaml.safe_dump(document))
        return str(file)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def running(server: ApiServer) -> Iterator[ApiServer]:
    """For fixtures of a whole module: with an event loop of its own."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(server.__aenter__())
        yield server
    finally:
        loop.run_until_complete(server.__aexit__())
        loop.close()
