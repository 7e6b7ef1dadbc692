"""`python -m kubelet` as a process, between a real API server and a real containerd."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from tests.support.apiserver import ApiServer
from tests.support.containerd import Containerd
from tests.support.etcd import free_ports
from tests.support.forks import Fork


class KubeletProcess:
    """Can be killed and started again on the same folder. `more` are flags, with _ for -."""

    def __init__(self, folder: Path, server: ApiServer, containerd: Containerd, **more: Any) -> None:
        self.server, self.containerd = server, containerd
        (self.port,) = free_ports(1)
        serving = server.authority.issue("n1")
        flags = {
            "kubeconfig": server.kubeconfig_of("system:node:n1", organization="system:nodes"),
            "node-name": "n1",
            "node-ip": "127.0.0.1",
            "root-dir": folder / "kubelet",
            "pod-log-dir": folder / "logs",
            **containerd.kubelet_flags(),
            "port": self.port,
            "tls-cert-file": serving.cert,
            "tls-private-key-file": serving.key,
            "client-ca-file": server.authority.ca.cert,
            "node-labels": "disk=ssd",
            "eviction-hard": "",
            "image-gc-high-threshold": 100,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        self._flags = [f"--{name}={value}" for name, value in flags.items()]
        self._log = folder / "kubelet.log"
        self.process: Fork | None = None

    def start(self) -> None:
        self.process = Fork("kubelet", self._flags, self._log)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)
