"""One cluster of three machines for all end-to-end tests, through the front door: `./mini up`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest

from tests.support.cluster import LabCluster, cluster
from tests.support.lab import Lab

NUMBERS = count(1)


@pytest.fixture(scope="package")
def lab_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCluster]:
    """A running cluster, deleted when the last of them is done."""
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def lab(lab_cluster: LabCluster, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The cluster as seen from one test: in a namespace of its own, which is deleted afterwards."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())
    name = f"{words[:40].strip('-')}-{next(NUMBERS)}"
    view = Lab(lab_cluster, namespace=name)
    view.kubectl("create", "namespace", name, namespace="")
    yield view
    view.kubectl("delete", "namespace", name, "--wait=false", namespace="")
