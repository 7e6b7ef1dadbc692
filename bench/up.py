"""How long `./mini up` takes with everything installed, from the command to the demo's answer.

Ceiling, in the same run: the programs that are not ours (etcd and one containerd per machine) started bare, all at
once, until each answers and has the images. Command: `.venv/bin/python -m bench.up`.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from bench.figures import show, show_median
from bench.lab import folder, mini
from miniadm import checks, images

RUNS, MACHINES = 5, 3


def main() -> None:
    """Print the figures."""
    ups, downs, again = [], [], []
    for _ in range(RUNS):
        with folder() as environment:
            ups.append(timed(lambda env=environment: mini(env, "up")))
            downs.append(timed(lambda env=environment: mini(env, "down")))
            again.append(timed(lambda env=environment: mini(env, "up")))
    bare = [timed(bare_programs) for _ in range(RUNS)]
    whole = show_median("up: nothing → demo answers through a NodePort", ups, "s", bound=8)
    show_median("down", downs, "s")
    show_median("up again after down", again, "s")
    alone = show_median("ceiling: bare etcd and containerds with images", bare, "s")
    show("up, as a multiple of the ceiling", whole / alone, "×")


def timed(work: object) -> float:
    """Seconds that a call takes."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def bare_programs() -> None:
    """etcd and three containerds, at once, with the demo's images imported; then all of them are killed."""
    with tempfile.TemporaryDirectory(prefix="mini-bench-") as path:
        root = Path(path)
        archive = images.build(root / "images", checks.busybox())
        started = [_etcd(root), *(_containerd(root, index) for index in range(MACHINES))]
        try:
            _wait_for(lambda: _answers(["etcdctl", "--endpoints=http://127.0.0.1:22379", "endpoint", "health"]))
            for index in range(MACHINES):
                _wait_for(lambda index=index: _answers([*_ctr(root, index), "version"]))
            imports = [subprocess.Popen([*_ctr(root, index), "-n", "k8s.io", "images", "import", str(archive)],
                                        stdout=subprocess.DEVNULL) for index in range(MACHINES)]  # fmt: skip
            for one in imports:
                one.wait()
        finally:
            for process in started:
                process.kill()
                process.wait()


def _etcd(root: Path) -> subprocess.Popen[bytes]:
    client, peer = "http://127.0.0.1:22379", "http://127.0.0.1:22380"
    return _quiet(
        "etcd", f"--data-dir={root}/etcd", f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}",
    )  # fmt: skip


def _containerd(root: Path, index: int) -> subprocess.Popen[bytes]:
    place = root / f"c{index}"
    return _quiet("containerd", "--root", f"{place}/root", "--state", f"{place}/state", "--address", f"{place}.sock")


def _quiet(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _ctr(root: Path, index: int) -> list[str]:
    return ["ctr", "--address", f"{root}/c{index}.sock"]


def _answers(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _wait_for(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a bare program did not answer")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
