"""A machine's Docker Engine, if the cluster was asked for one: over the machine's own containerd, and without a network
of its own, since pods get theirs from CNI plugins.

kind has no such nodes; minikube has, with `--container-runtime=docker` and cri-dockerd.
"""

from __future__ import annotations

from miniadm.cluster import Machine, write_atomically

SOCKET = "/run/docker.sock"


def write(machine: Machine) -> None:
    """An empty configuration: the computer's own may be about another Engine."""
    write_atomically(machine.home / "docker.json", "{}\n", mode=0o644)


def command(machine: Machine, containerd: str) -> tuple[str, ...]:
    return (
        "dockerd", f"--config-file={machine.home / 'docker.json'}", f"--host=unix://{SOCKET}",
        f"--data-root={machine.home / 'docker'}", "--exec-root=/run/docker", "--pidfile=/run/docker.pid",
        f"--containerd={containerd}", "--exec-opt=native.cgroupdriver=cgroupfs", "--live-restore",
        "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--userland-proxy=false",
        "--log-level=warn",
    )  # fmt: skip
