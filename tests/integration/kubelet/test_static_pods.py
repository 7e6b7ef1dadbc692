"""A static pod on a real node: in the API it is a mirror, on the node it is its file's."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import eventually
from tests.support.images import BOX
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode

TEXT = f"""
apiVersion: v1
kind: Pod
metadata:
  name: front
  labels: {{app: front}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: {BOX}
    command: ["/bin/sh", "-c", "echo here; {STAYS}"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("manifests")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node"), pod_manifest_path=folder) as running:
        yield running


def mirror(node: OneNode) -> dict[str, Any]:
    told = node.kubectl("get", "pod", "front-n1", "-o", "json", "--ignore-not-found")
    return json.loads(told) if told.strip() else {}


def is_ready(node: OneNode) -> bool:
    conditions = mirror(node).get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def test_the_life_of_a_static_pod(node: OneNode, folder: Path) -> None:
    (folder / "front.yaml").write_text(TEXT)
    eventually(lambda: is_ready(node), 60)
    shown = mirror(node)
    annotations = shown["metadata"]["annotations"]
    assert annotations["kubernetes.io/config.source"] == "file"
    assert annotations["kubernetes.io/config.mirror"] == annotations["kubernetes.io/config.hash"]
    assert node.kubectl("logs", "front-n1") == "here\n"
    assert "here" in node.kubectl("exec", "front-n1", "--", "echo", "here")
    assert "Started container c" in node.kubectl("describe", "pod", "front-n1")
    container = shown["status"]["containerStatuses"][0]["containerID"]

    node.kubectl("delete", "pod", "front-n1", "--wait=false")
    eventually(lambda: mirror(node).get("metadata", {}).get("uid") not in (None, shown["metadata"]["uid"]), 60)
    eventually(lambda: is_ready(node), 60)
    assert mirror(node)["status"]["containerStatuses"][0]["containerID"] == container

    node.kubelet.end(signal.SIGKILL)
    node.kubelet.start()
    (folder / "front.yaml").write_text(TEXT.replace("echo here", "echo there"))
    eventually(lambda: is_ready(node) and node.kubectl("logs", "front-n1", check=False) == "there\n", 60)

    (folder / "front.yaml").unlink()
    eventually(lambda: not mirror(node), 60)
    assert node.containerd.ctr("tasks", "ls", "-q").stdout == ""
