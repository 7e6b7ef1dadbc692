"""Logs that grow on a real node: they stay small, and nobody who follows or looks back notices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import eventually
from tests.support.onenode import OneNode

TALKS = "i=0; while :; do i=$((i+1)); echo line $i; test $((i % 50)) = 0 && sleep 0.1; done"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    flags = {"container_log_max_size": "20Ki", "container_log_max_files": 4, "container_log_monitor_interval": "300ms"}
    with OneNode(tmp_path_factory.mktemp("node"), **flags) as running:
        yield running


def files(node: OneNode) -> list[Path]:
    return list((node.folder / "logs").glob("default_talks_*/c/*"))


def test_nobody_notices(node: OneNode) -> None:
    node.pod("talks", {"name": "c", "command": ["/bin/sh", "-c", TALKS]})
    reader = node.started("logs", "-f", "talks")
    try:
        assert reader.stdout is not None
        lines = [reader.stdout.readline() for _ in range(4000)]
        assert lines == [f"line {n}\n".encode() for n in range(1, 4001)]
    finally:
        reader.kill()
        reader.communicate()
    eventually(lambda: any(path.suffix == ".gz" for path in files(node)), 60)
    assert len([path for path in files(node) if path.suffix != ".tmp"]) <= 4
    seen = node.kubectl("logs", "talks", "--tail=1500").splitlines()
    first = int(seen[0].split()[1])
    assert len(seen) >= 1500 and seen == [f"line {n}" for n in range(first, first + len(seen))]
    node.kubectl("delete", "pod", "talks")
    eventually(lambda: not list((node.folder / "logs").iterdir()), 60)
