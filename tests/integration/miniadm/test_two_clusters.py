"""Two clusters that come up at the same moment on one computer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.cluster import cluster


def network(folder: Path) -> str:
    with cluster(folder, "--workers", "1", "--runtime", "hollow") as lab:
        assert len(lab.api.get("/api/v1/nodes")["items"]) == 2
        return lab.cluster.subnet


def test_each_takes_a_network_of_its_own(tmp_path: Path):
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(network, (tmp_path / "a", tmp_path / "b"))
    assert first != second
