"""One cluster of three machines for all end-to-end tests, through the front door: `./mini up`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cluster import LabCluster, cluster
from tests.support.lab import Lab


@pytest.fixture(scope="session")
def lab_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCluster]:
    """A running cluster, deleted at the end of the whole run."""
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def lab(lab_cluster: LabCluster, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The cluster as seen from one test: in a namespace of its own, which is deleted afterwards."""
    name = request.node.name.replace("test_", "").split("[")[0].replace("_", "-")[:40].strip("-")
    view = Lab(lab_cluster, namespace=name)
    view.kubectl("create", "namespace", name, namespace="")
    yield view
    view.kubectl("delete", "namespace", name, "--wait=false", namespace="")
