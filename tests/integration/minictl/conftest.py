"""One real API server per file, and both command lines beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.minictl.sidebyside import SideBySide
from tests.support.apiserver import ApiServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    running = ApiServer(tmp_path_factory.mktemp("server"))
    asyncio.run(running.__aenter__())
    yield running
    asyncio.run(running.__aexit__())


@pytest.fixture(scope="module")
def side(server: ApiServer) -> SideBySide:
    return SideBySide(server.kubeconfig)
