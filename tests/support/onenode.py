"""A cluster of one node inside a network namespace of its own: etcd, API server, kubelet and containerd, all real.

    with OneNode(folder) as node:
        node.kubectl("exec", "web", "--", "id")

Whatever the test opens or starts inside the block belongs to that namespace, so pods' addresses can be reached too.
There is no scheduler and no controller: a pod names its node.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tests.support.apiserver import ApiServer
from tests.support.cluster import eventually
from tests.support.containerd import Containerd
from tests.support.images import BOX
from tests.support.kubectl import kubectl, newest
from tests.support.kubelet_process import KubeletProcess
from tests.support.netlab import inside


class OneNode:
    """See the module."""

    def __init__(self, folder: Path, *, runtime: Callable[[], Containerd] = Containerd, **flags: Any) -> None:
        """`runtime` runs the containers; `flags` are the kubelet's, beside its usual ones."""
        self.folder, self._runtime, self._flags = folder, runtime, flags
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as building:
            self.containerd = building.enter_context(self._runtime())
            building.enter_context(inside(self.containerd.name))
            self._loop = asyncio.new_event_loop()
            building.callback(self._loop.close)
            self.server = ApiServer(self.folder)
            self._run(self.server.__aenter__())
            building.callback(lambda: self._run(self.server.__aexit__()))
            self.kubelet = KubeletProcess(self.folder, self.server, self.containerd, **self._flags)
            self.kubelet.start()
            building.callback(lambda: self.kubelet.end(signal.SIGKILL))
            eventually(lambda: "True" in self.kubectl("get", "nodes", "-o", READY, check=False))
            self._stack = building.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    @cached_property
    def kubeconfig(self) -> str:
        """Written once: several kubectls may read it at the same time."""
        return self.server.kubeconfig

    def kubectl(self, *words: str, **options: Any) -> str:
        return kubectl(*words, kubeconfig=self.kubeconfig, **options)

    def started(self, *words: str, binary: str | None = None, **options: Any) -> subprocess.Popen[bytes]:
        """A kubectl that goes on meanwhile; its three streams are pipes."""
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen([binary or newest(), *words], env=environment, **pipes)

    def pod(self, name: str, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
        """Creates a pod and waits until it is Ready."""
        meta = {"name": name, "namespace": "default", "labels": {"app": name}}
        every = [{"image": BOX, **container} for container in containers]
        body = {"nodeName": "n1", "terminationGracePeriodSeconds": 1, "containers": every, **spec}
        document = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": body}
        self.kubectl("create", "-f", "-", stdin=json.dumps(document))
        self.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")
        return json.loads(self.kubectl("get", "pod", name, "-o", "json"))


READY = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
