"""What end-to-end tests do to a cluster: drive kubectl and minictl, ask pods over the network, wait and see."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from machinery.api import yaml
from tests.support.cluster import PROJECT, LabCluster, eventually
from tests.support.kubectl import kubectl

WEB, WEB2 = "mini/web:1", "mini/web:2"


@dataclass(frozen=True)
class Lab:
    """A cluster, looked at from one namespace."""

    cluster: LabCluster
    namespace: str

    @property
    def kubeconfig(self) -> str:
        return str(self.cluster.cluster.admin_kubeconfig)

    @property
    def addresses(self) -> dict[str, str]:
        """Machine → its address on the lab's network."""
        return {machine.name: machine.ip for machine in self.cluster.cluster.machines}

    def kubectl(self, *words: str, namespace: str | None = None, **options: Any) -> str:
        """Run a real kubectl in this namespace."""
        where = self.namespace if namespace is None else namespace
        return kubectl(*(("-n", where) if where else ()), *words, kubeconfig=self.kubeconfig, **options)

    def minictl(self, *words: str, check: bool = True) -> str:
        """Run our own CLI in this namespace."""
        command = [sys.executable, "-m", "minictl", "--kubeconfig", self.kubeconfig, "-n", self.namespace, *words]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
        if check and done.returncode:
            raise AssertionError(f"minictl {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout if check else done.stdout + done.stderr

    def items(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """Objects of a kind as documents."""
        chosen = ("-l", selector) if selector else ()
        return json.loads(self.kubectl("get", kind, *chosen, "-o", "json"))["items"]

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """One object as a document."""
        return json.loads(self.kubectl("get", kind, name, "-o", "json"))

    def ready_pods(self, selector: str) -> list[dict[str, Any]]:
        """Pods that are Ready and not on their way out."""
        return [pod for pod in self.items("pods", selector) if is_ready(pod)]

    def wait_ready(self, selector: str, count: int, seconds: float = 60) -> list[dict[str, Any]]:
        """Until exactly so many pods are Ready, and no others exist."""
        found: list[dict[str, Any]] = []

        def complete() -> bool:
            found[:] = self.items("pods", selector)
            return len(found) == count and all(map(is_ready, found))

        eventually(complete, seconds)
        return found

    def node_ready(self, name: str) -> bool:
        """Whether a node's Ready condition is True."""
        return condition(json.loads(self.kubectl("get", "node", name, "-o", "json", namespace="")), "Ready")


def is_ready(pod: dict[str, Any]) -> bool:
    """Ready, and not on its way out."""
    return condition(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def condition(document: dict[str, Any], kind: str) -> bool:
    """Whether a condition is True."""
    rows = document.get("status", {}).get("conditions", ())
    return any(row["type"] == kind and row["status"] == "True" for row in rows)


def ask(address: str, port: int, *, timeout: float = 2.0) -> str:
    """The first line of what a web server answers; each request on a connection of its own."""
    with urllib.request.urlopen(f"http://{address}:{port}/", timeout=timeout) as answer:
        return answer.read().decode().strip().splitlines()[0]


def web_manifest(name: str, *, replicas: int = 3, node_port: int | None = None, toleration: int | None = None,
                 image: str = WEB) -> str:  # fmt: skip
    """A Deployment of the demo's web server and a Service before it, as one file."""
    labels = {"app": name}
    container = {
        "name": "web", "image": image, "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}},
    }  # fmt: skip
    pod: dict[str, Any] = {"containers": [container], "terminationGracePeriodSeconds": 5}
    if toleration is not None:
        pod["tolerations"] = [
            {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute",
             "tolerationSeconds": toleration}
            for key in ("not-ready", "unreachable")
        ]  # fmt: skip
    port = {"port": 80, "targetPort": 8080, **({"nodePort": node_port} if node_port else {})}
    documents = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
         "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                  "template": {"metadata": {"labels": labels}, "spec": pod}}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
         "spec": {"type": "NodePort" if node_port else "ClusterIP", "selector": labels, "ports": [port]}},
    ]  # fmt: skip
    return "---\n".join(yaml.dump(document) for document in documents)


@dataclass
class Visitor:
    """Asks an address over and over from a thread of its own; counts the answers and keeps what failed."""

    visit: Callable[[], str]
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stop.wait(0.02):
            try:
                self.answers[self.visit()] += 1
            except (OSError, urllib.error.URLError) as error:
                self.failures.append(str(error))
