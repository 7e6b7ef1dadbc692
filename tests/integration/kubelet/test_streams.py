"""exec, attach, cp and port-forward by real kubectls, through a real API server and kubelet, into real containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.kubectl import binaries
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode

EVERY = pytest.mark.parametrize("version", binaries())


def shell(script: str, name: str = "c", **changes: object) -> dict[str, object]:
    return {"name": name, "command": ["/bin/sh", "-c", script], **changes}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        running.pod("web", shell(STAYS))
        yield running


@EVERY
def test_exec(node: OneNode, version: str) -> None:
    binary = binaries()[version]
    assert node.kubectl("exec", "web", "--", "echo", "one  two", binary=binary) == "one  two\n"
    assert node.kubectl("exec", "-i", "web", "--", "cat", stdin="from here\n", binary=binary) == "from here\n"
    both = node.kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7", binary=binary, check=False)
    assert both == "out\nerr\ncommand terminated with exit code 7\n"
