"""Drivers register by putting a socket into a folder, and are heard of without anybody looking at the clock."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kubelet.csi.plugins import Plugins
from machinery.component.clock import RealClock
from tests.support.csi_driver import NAME, CsiDriver
from tests.support.waiting import until


class Names:
    """In place of the node's CSINode."""

    def __init__(self) -> None:
        self.listed: list[str] = []

    async def begin(self) -> None:
        self.listed = []

    async def add(self, name: str, info: Any) -> None:
        self.listed.append(name)

    async def remove(self, name: str) -> None:
        self.listed.remove(name)


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def plugins(tmp_path: Path, names: Names) -> AsyncIterator[Plugins]:
    plugins = Plugins(str(tmp_path), names, RealClock())  # type: ignore[arg-type]
    task = asyncio.create_task(plugins.run())
    await until(lambda: (tmp_path / "plugins_registry").is_dir())
    yield plugins
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_driver_comes_and_goes(plugins: Plugins, names: Names, tmp_path: Path) -> None:
    async with CsiDriver(tmp_path / "driver", tmp_path) as driver:
        await until(driver.registered.is_set)
        assert plugins.driver(NAME) and names.listed == [NAME]
    await until(lambda: plugins.driver(NAME) is None)
    assert names.listed == []


async def test_a_folder_that_was_taken_away_comes_back(plugins: Plugins, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "plugins_registry")
    await until(lambda: (tmp_path / "plugins_registry").is_dir())
    async with CsiDriver(tmp_path / "driver", tmp_path):
        await until(lambda: plugins.driver(NAME))


async def test_who_fails_is_asked_again(plugins: Plugins, tmp_path: Path) -> None:
    driver = CsiDriver(tmp_path / "driver", tmp_path)
    driver.failures["NodeGetInfo"] = "not yet"
    async with driver:
        await until(lambda: "not yet" in driver.error)
        await until(driver.registered.is_set)
        assert [name for name, _ in driver.calls] == ["NodeGetInfo", "NodeGetInfo"]
