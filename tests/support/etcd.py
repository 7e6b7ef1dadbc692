"""A real etcd for a test: its own data folder and free ports; can be killed hard and started again on them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Etcd:
    """`async with Etcd(tmp_path) as etcd: etcd.url`."""

    def __init__(self, folder: Path, *arguments: str, tls: tuple[str, str, str] | None = None) -> None:
        self.folder = folder / "etcd"
        self._arguments = arguments
        self._token = "test"
        self._client, self._peer = free_ports(2)
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._client}"
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        peer = f"http://127.0.0.1:{self._peer}"
        command = [shutil.which("etcd") or "etcd", "--data-dir", str(self.folder / "data"), "--name=test"]
        command += ["--listen-client-urls", self.url, "--advertise-client-urls", self.url]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        command += [
            "--initial-cluster",
            f"test={peer}",
            "--initial-cluster-token",
            self._token,
            "--logger=zap",
            "--log-level=error",
        ]
        command += ["--heartbeat-interval=20", "--election-timeout=200"]
        command += [*self._tls_flags(), *self._arguments]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
        await self._answers()

    def _tls_flags(self) -> list[str]:
        if self._tls is None:
            return []
        ca, cert, key = self._tls
        return [f"--trusted-ca-file={ca}", f"--cert-file={cert}", f"--key-file={key}", "--client-cert-auth"]

    async def _answers(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process and self._process.poll() is not None:
                break
            if await self._healthy():
                return
            await asyncio.sleep(0.02)
        raise RuntimeError(f"etcd did not start:\n{(self.folder / 'log').read_text()}")

    async def _healthy(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._client)
        except OSError:
            return False
        try:
            if self._tls:
                return True
            writer.write(b"GET /health HTTP/1.0\r\n\r\n")
            return b'"health":"true"' in await reader.read()
        except OSError:
            return False
        finally:
            writer.close()

    def kill(self) -> None:
        """As if the power went."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Its connections stand, but nothing answers."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def lose_data(self) -> None:
        self.kill()
        shutil.rmtree(self.folder / "data")

    def become_another(self) -> None:
        """A new token gives the cluster another id, once the data is lost."""
        self._token = "stranger"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}
