"""An archive of the user's own comes to the node, and a pod runs it; what is there is not sent again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support import images
from tests.support.apiserver import ROOT
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        yield running


def minictl(node: OneNode, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUBECONFIG": node.kubeconfig}
    return subprocess.run([sys.executable, "-m", "minictl", *words], cwd=ROOT, env=environment, capture_output=True,
                          text=True, timeout=120)  # fmt: skip


def test_load_and_ls(node: OneNode) -> None:
    archive = images.build(node.folder / "own.tar", "own:1", ["/bin/sh", "-c", STAYS])
    done = minictl(node, "image", "load", str(archive))
    assert done.stdout == "n1: docker.io/library/own:1 loaded, 2 of 3 blobs sent\n", done.stderr
    again = minictl(node, "image", "load", str(archive), "--node=n1")
    assert again.stdout == "n1: docker.io/library/own:1 loaded, 0 of 3 blobs sent\n", again.stderr
    pod = node.pod("mine", {"name": "c", "image": "own:1", "imagePullPolicy": "Never"})
    assert pod["status"]["containerStatuses"][0]["image"] == "docker.io/library/own:1"
    listed = minictl(node, "image", "ls").stdout
    assert images.BOX in listed and "NODES" in listed
    refused = minictl(node, "image", "load", str(archive), "--node=none")
    assert refused.returncode == 1 and 'nodes "none" not found' in refused.stderr
