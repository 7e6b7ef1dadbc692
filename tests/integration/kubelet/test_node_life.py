"""A real node beside things that are not its own, and at its end."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.images import BOX
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode


@pytest.fixture
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    flags = {"shutdown_grace_period": "20s", "shutdown_grace_period_critical_pods": "5s"}
    with OneNode(tmp_path_factory.mktemp("node"), **flags) as running:
        yield running


def read(node: OneNode, kind: str, name: str) -> dict[str, Any]:
    return json.loads(node.kubectl("get", kind, name, "-o", "json"))


def test_strangers_are_left_alone_and_pods_end_with_the_node(node: OneNode) -> None:
    group = f"{node.containerd.cgroup_root}/stranger"
    done = node.containerd.ctr("run", "-d", "--null-io", "--cgroup", group, BOX, "stranger", "/bin/sleep", "1000")
    assert done.returncode == 0, done.stderr
    node.pod("web", {"name": "c", "command": ["/bin/sh", "-c", STAYS]})
    node.kubelet.end(signal.SIGKILL)
    node.kubelet.start()
    node.kubectl("run", "brief", "--image", BOX, "--restart=Never", "--overrides", '{"spec":{"nodeName":"n1"}}',
                 "--", "true")  # fmt: skip
    node.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/brief", "--timeout=60s")
    assert "stranger" in node.containerd.ctr("tasks", "ls").stdout

    assert node.kubelet.process is not None
    node.kubelet.process.send_signal(signal.SIGTERM)
    assert node.kubelet.process.wait(60) == 0
    status = read(node, "pod", "web")["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "Terminated")
    assert "Terminated" in node.kubectl("get", "pod", "web") or "Completed" in node.kubectl("get", "pod", "web")
    ready = next(c for c in read(node, "node", "n1")["status"]["conditions"] if c["type"] == "Ready")
    assert (ready["status"], ready["message"]) == ("False", "node is shutting down")
    assert [line.split()[0] for line in node.containerd.ctr("tasks", "ls").stdout.splitlines()[1:]] == ["stranger"]
