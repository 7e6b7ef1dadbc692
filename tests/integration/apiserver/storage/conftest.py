from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.support.etcd import Etcd


@pytest.fixture
async def etcd(tmp_path: Path) -> AsyncIterator[Etcd]:
    async with Etcd(tmp_path) as running:
        yield running


@pytest.fixture
async def storage(etcd: Etcd) -> AsyncIterator[EtcdStorage]:
    async with EtcdStorage(EtcdConfig(servers=(etcd.url,))) as opened:
        yield opened
