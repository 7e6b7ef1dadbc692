"""One cluster without containers for all clients, and for each test a namespace of its own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from tests.support.kubectl import kubectl
from tests.support.light_cluster import LightCluster, light_cluster


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LightCluster]:
    with light_cluster(tmp_path_factory.mktemp("light"), "node-1", "node-2", "node-3") as running:
        yield running


@pytest.fixture
def namespace(cluster: LightCluster, request: pytest.FixtureRequest) -> Iterator[str]:
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")
    name = f"{words[-30:].strip('-')}-{uuid.uuid4().hex[:6]}"
    kubectl("create", "namespace", name, kubeconfig=cluster.kubeconfig)
    yield name
    kubectl("delete", "namespace", name, "--wait=false", kubeconfig=cluster.kubeconfig)
