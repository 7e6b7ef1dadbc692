"""One API server for the tests of a file; each test has its own namespace and its own scheduler."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.apiserver import ApiServer
from tests.support.controlplane import one_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with one_server(tmp_path_factory.mktemp("server")) as running:
        yield running
