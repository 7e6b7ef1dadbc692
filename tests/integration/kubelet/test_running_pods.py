"""What changes in a pod that runs: guests come to debug it, its resources grow."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import eventually
from tests.support.images import BOX
from tests.support.kubectl import binaries
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        running.pod("web", {"name": "c", "command": ["/bin/sh", "-c", STAYS]})
        yield running


def status_of(node: OneNode, guest: str, pod: str = "web") -> dict[str, Any]:
    document = json.loads(node.kubectl("get", "pod", pod, "-o", "json"))
    rows = document["status"].get("ephemeralContainerStatuses", [])
    return next((row for row in rows if row["name"] == guest), {})


@pytest.mark.parametrize("version", binaries())
def test_debug(node: OneNode, version: str) -> None:
    guest = f"guest-{version.replace('.', '-')}"
    words = ("debug", "web", "--image", BOX, "-c", guest, "--target=c", "-i", "--", "sh", "-c", "read x; echo $x; ps")
    told = node.kubectl(*words, binary=binaries()[version], stdin="by guest\n", check=False)
    assert "by guest" in told or "by guest" in node.kubectl("logs", "web", "-c", guest)
    eventually(lambda: "terminated" in status_of(node, guest).get("state", {}), 60)
    assert status_of(node, guest)["state"]["terminated"]["exitCode"] == 0
    seen = node.kubectl("logs", "web", "-c", guest)
    assert "trap 'exit 0' TERM" in seen, "the target's processes are seen"
    assert json.loads(node.kubectl("get", "pod", "web", "-o", "json"))["status"]["containerStatuses"][0]["ready"]


def test_debug_with_a_terminal(node: OneNode) -> None:
    with Terminal(node, "debug", "web", "--image", BOX, "-c", "tty", "-it", "--", "sh") as terminal:
        terminal.say("\n")
        terminal.until("# ")
        terminal.say("echo so $((40 + 2)); exit\n")
        terminal.until("so 42")
        assert terminal.ends() == 0


def test_guests_never_restart_and_never_leave(node: OneNode) -> None:
    node.kubectl("debug", "web", "--image", BOX, "-c", "brief", "--", "false")
    eventually(lambda: "terminated" in status_of(node, "brief").get("state", {}), 60)
    assert (status_of(node, "brief")["restartCount"], status_of(node, "brief")["ready"]) == (0, False)
    leave = {"spec": {"ephemeralContainers": [{"name": "brief", "$patch": "delete"}]}}
    code, told = patched(node, "pods/web/ephemeralcontainers", leave)
    assert code == 422 and 'existing ephemeral containers "brief" may not be removed' in told["message"]
    path = "/api/v1/namespaces/default/pods/web/ephemeralcontainers"
    assert json.loads(node.kubectl("get", "--raw", path))["kind"] == "Pod"


def test_resize(node: OneNode) -> None:
    amounts = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}
    pod = node.pod("grows", {"name": "c", "command": ["/bin/sh", "-c", STAYS], "resources": amounts})
    patch = {"spec": {"containers": [{"name": "c", "resources": {"limits": {"memory": "128Mi", "cpu": "500m"}}}]}}
    assert patched(node, "pods/grows/resize", patch)[0] == 200
    eventually(lambda: "resize" not in json.loads(node.kubectl("get", "pod", "grows", "-o", "json"))["status"], 60)
    assert limits_of(node, pod) == {str(128 << 20)}
    after = json.loads(node.kubectl("get", "pod", "grows", "-o", "json"))
    assert after["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "500m", "memory": "128Mi"}
    assert after["status"]["containerStatuses"][0]["restartCount"] == 0
    too_much = {"spec": {"containers": [{"name": "c", "resources": {"limits": {"memory": "9Ti"},
                                                                     "requests": {"memory": "8Ti"}}}]}}  # fmt: skip
    assert patched(node, "pods/grows/resize", too_much)[0] == 200
    resize = "jsonpath={.status.resize}"
    eventually(lambda: node.kubectl("get", "pod", "grows", "-o", resize) == "Infeasible", 60)
    assert limits_of(node, pod) == {str(128 << 20)}


def patched(node: OneNode, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """A strategic merge patch by plain HTTP: older kubectls know no subresource but the first ones."""
    request = urllib.request.Request(
        f"{node.server.url}/api/v1/namespaces/default/{path}", json.dumps(body).encode(),
        {"Content-Type": "application/strategic-merge-patch+json"}, method="PATCH",
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, context=node.server.context()) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def limits_of(node: OneNode, pod: dict[str, Any]) -> set[str]:
    """The memory limits in the kernel of every cgroup of the pod that has one."""
    found = set()
    for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory"):
        for folder, _, files in os.walk(f"{root}{node.containerd.cgroup_root}"):
            for name in ("memory.max", "memory.limit_in_bytes"):
                if f"pod{pod['metadata']['uid']}" in folder and name in files:
                    found.add(Path(folder, name).read_text().strip())
    return {text for text in found if text.isdecimal() and int(text) < 1 << 50}
