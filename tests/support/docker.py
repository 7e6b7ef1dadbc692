"""A private Docker Engine beside a private containerd, in the same network namespace, with the same two images.

`with Docker() as node:` leaves nothing behind: processes, mounts, namespace, cgroups, files; but for the key that older
Engines put into /etc/docker.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kubelet.runtime.docker.runtime import DockerRuntime, Settings
from tests.support import images
from tests.support.containerd import Containerd


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


async def bytes_of(path: Path) -> AsyncIterator[bytes]:
    yield path.read_bytes()


class Docker(Containerd):
    """`engine` is its address. CNI plugins run wherever the kubelet is: enter its network first."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = f"unix://{self.folder}/d.sock"
        self._engine_process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        super().start()
        self.start_engine()

    def start_engine(self) -> None:
        config = self.folder / "daemon.json"
        config.write_text(json.dumps({"live-restore": True}))
        command = [
            "dockerd", f"--config-file={config}", f"--host={self.engine}", f"--pidfile={self.folder}/d.pid",
            f"--data-root={self.folder}/docker", f"--exec-root={self.folder}/exec",
            f"--containerd={self.folder}/c.sock", f"--storage-driver={self._storage_driver()}", "--bridge=none",
            "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--userland-proxy=false",
            "--exec-opt=native.cgroupdriver=cgroupfs", "--log-level=warn",
        ]  # fmt: skip
        log = (self.folder / "dockerd.log").open("ab")
        self._engine_process = subprocess.Popen(
            ["nsenter", f"--net={self.netns}", *command], stdout=log, stderr=log, start_new_session=True
        )
        try:
            self._wait_for(self._answers, 60)
        except TimeoutError as error:
            raise TimeoutError((self.folder / "dockerd.log").read_text()[-2000:]) from error

    def _storage_driver(self) -> str:
        """Copies where the file system carries no overlays."""
        return "overlay2" if 'snapshotter = "overlayfs"' in (self.folder / "config.toml").read_text() else "vfs"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The Engine's API as anybody may use it: status and JSON."""
        connection = _UnixConnection(f"{self.folder}/d.sock")
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            raw = answer.read()
            return answer.status, json.loads(raw) if raw.strip() else None
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/version")[0] == 200
        except OSError:
            return False

    def _load_images(self) -> None:
        super()._load_images()
        with ThreadPoolExecutor(1) as apart:  # A loop may run in this thread.
            apart.submit(lambda: asyncio.run(self._load_into_engine())).result()

    async def _load_into_engine(self) -> None:
        runtime = self.runtime(self.folder)
        for name, command in ((images.PAUSE, ["/bin/sleep", "infinity"]), (images.BOX, ["/bin/sh"])):
            await runtime.load(bytes_of(images.build(self.folder / "image.tar", name, command)))
        await runtime.close()

    def kill_engine(self) -> None:
        """kill -9 of the daemon only; its containers stay."""
        assert self._engine_process is not None
        self._engine_process.send_signal(signal.SIGKILL)
        self._engine_process.wait()
        (self.folder / "d.pid").unlink(missing_ok=True)

    def kubelet_flags(self) -> dict[str, str]:
        return {
            "container-runtime": "docker",
            "container-runtime-endpoint": self.engine,
            "cgroup-root": self.cgroup_root,
            "pod-infra-container-image": images.PAUSE,
            "cni-conf-dir": f"{self.folder}/cni",
        }

    def runtime(self, folder: Path, *, log_bytes: int = 0, log_files: int = 1) -> DockerRuntime:
        """A client of it, as the kubelet makes one."""
        return DockerRuntime(
            self.engine,
            Settings(
                folder=folder,
                pause=images.PAUSE,
                cni_conf_dir=f"{self.folder}/cni",
                cni_bin_dirs=("/usr/lib/cni", "/opt/cni/bin"),
                log_bytes=log_bytes,
                log_files=log_files,
            ),
        )

    def _clean(self) -> None:
        if self._engine_process is not None and self._engine_process.poll() is None:
            for left in self.ask("GET", "/containers/json?all=1")[1]:
                self.ask("DELETE", f"/containers/{left['Id']}?force=1&v=1")
            self._engine_process.terminate()
            self._engine_process.wait(timeout=15)
        super()._clean()
