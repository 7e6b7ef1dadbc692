"""A private containerd in a network namespace of its own, with a CNI bridge and two busybox images.

`with Containerd() as node:` leaves nothing behind: processes, mounts, namespace, cgroups, files.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support import images

CONFIG = """
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "{folder}/c.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{folder}/certs.d"
"""

CONFLIST = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cbr0",
            "isGateway": True,
            "ipMasq": False,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "10.244.77.0/24"}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def _snapshotter(folder: Path) -> str:
    """overlayfs where the file system can carry it (not on an overlay), else plain copies."""
    parts = [folder / name for name in ("lower", "upper", "work", "merged")]
    for part in parts:
        part.mkdir()
    options = f"lowerdir={parts[0]},upperdir={parts[1]},workdir={parts[2]}"
    mounted = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", options, str(parts[3])], capture_output=True
    )
    if mounted.returncode != 0:
        return "native"
    subprocess.run(["umount", str(parts[3])], check=True)
    return "overlayfs"


class Containerd:
    """Started by `with`. `socket` is its address, `cgroup_root` a parent for pods, `netns` its network."""

    def __init__(self, *, network: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kc-", dir="/tmp"))
        self.name = f"kc-{uuid.uuid4().hex[:8]}"
        self.cgroup_root = f"/{self.name}"
        self.socket = f"unix://{self.folder}/c.sock"
        self.netns = f"/run/netns/{self.name}"
        self._network = network
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Containerd:
        try:
            self._prepare()
            self.start()
            self._load_images()
        except BaseException:
            self._clean()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._clean()

    def _prepare(self) -> None:
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["nsenter", f"--net={self.netns}", "ip", "link", "set", "lo", "up"], check=True)
        (self.folder / "cni").mkdir()
        if self._network:
            self.configure_network()
        self.snapshotter = _snapshotter(self.folder)
        text = CONFIG.format(folder=self.folder, pause=images.PAUSE, snapshotter=self.snapshotter)
        (self.folder / "config.toml").write_text(text)

    def configure_network(self) -> None:
        conflist = json.loads(json.dumps(CONFLIST))
        conflist["plugins"][0]["ipam"]["dataDir"] = str(self.folder / "ipam")
        (self.folder / "cni" / "10-pods.conflist").write_text(json.dumps(conflist))

    def start(self) -> None:
        log = (self.folder / "containerd.log").open("ab")
        command = ["nsenter", f"--net={self.netns}", "containerd", "--config", f"{self.folder}/config.toml"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._wait_for(lambda: self.ctr("version").returncode == 0)

    def kill(self) -> None:
        """kill -9 of the daemon only; its containers stay."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def cut_power(self) -> None:
        """Everything that runs here ends at once, and what a reboot empties is empty."""
        self.kill()
        for pid in [*_tasks(self.cgroup_root), *_shims(str(self.folder))]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for target in _mounts_under(f"{self.folder}/state"):
            subprocess.run(["umount", "-l", target], capture_output=True)
        shutil.rmtree(self.folder / "state")

    def kubelet_flags(self) -> dict[str, str]:
        """How a kubelet is told to use it."""
        return {"container-runtime-endpoint": self.socket, "cgroup-root": self.cgroup_root}

    def addresses(self) -> set[str]:
        """The pod addresses that are taken."""
        return {path.name for path in (self.folder / "ipam" / "pods").glob("10.*")}

    def pod_namespaces(self) -> list[Path]:
        """Files that hold the network namespaces of pods."""
        return list((self.folder / "state" / "io.containerd.grpc.v1.cri" / "netns").glob("*"))

    def _wait_for(self, ready: object, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():  # type: ignore[operator]
            if time.monotonic() > deadline:
                raise TimeoutError((self.folder / "containerd.log").read_text()[-2000:])
            time.sleep(0.02)

    def ctr(self, *args: str) -> subprocess.CompletedProcess[str]:
        command = ["ctr", "-a", f"{self.folder}/c.sock", "-n", "k8s.io", *args]
        return subprocess.run(command, capture_output=True, text=True)

    def _load_images(self) -> None:
        for name, command in ((images.PAUSE, ["/bin/sleep", "infinity"]), (images.BOX, ["/bin/sh"])):
            archive = images.build(self.folder / "image.tar", name, command)
            done = self.ctr("images", "import", str(archive))
            if done.returncode:
                raise RuntimeError(done.stderr)
            archive.unlink()

    def _clean(self) -> None:
        if self._process is not None:
            for task in self.ctr("tasks", "ls", "-q").stdout.split():
                self.ctr("tasks", "rm", "-f", task)
            self._process.terminate()
            self._process.wait(timeout=60)
        for pid in _shims(str(self.folder)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for target in _mounts_under(str(self.folder)):
            subprocess.run(["umount", "-l", target], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        _remove_cgroups(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)


def _shims(folder: str) -> Iterator[int]:
    """Processes whose command line names our socket: containerd-shim-runc-v2 -address <socket>."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if folder.encode() in (entry / "cmdline").read_bytes() and int(entry.name) != os.getpid():
                    yield int(entry.name)


def _tasks(cgroup: str) -> list[int]:
    """Every process below the cgroup, on whichever version."""
    files = [path for root in Path("/sys/fs/cgroup").glob(f"*{cgroup}") for path in root.rglob("cgroup.procs")]
    files += (Path("/sys/fs/cgroup") / cgroup.lstrip("/")).rglob("cgroup.procs")
    return [int(line) for path in files for line in path.read_text().split()]


def _mounts_under(folder: str) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in reversed(lines) if line.split()[4].startswith(folder)]


def _remove_cgroups(name: str) -> None:
    roots = [Path("/sys/fs/cgroup") / name, *(p / name for p in Path("/sys/fs/cgroup").iterdir() if p.is_dir())]
    for root in roots:
        if root.is_dir():
            for folder, _, _ in sorted(os.walk(root), key=lambda item: -len(item[0])):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
