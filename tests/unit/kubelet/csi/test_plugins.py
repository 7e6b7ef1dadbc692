"""Drivers register by putting a socket into a folder, and are heard of without anybody looking at the clock."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
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
def folder() -> Iterator[Path]:
    """A short one: the path of a socket has no more than 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="csi-") as path:
        yield Path(path)


@pytest.fixture
async def plugins(folder: Path, names: Names) -> AsyncIterator[Plugins]:
    plugins = Plugins(str(folder), names, RealClock())  # type: ignore[arg-type]
    task = asyncio.create_task(plugins.run())
    await until(lambda: (folder / "plugins_registry").is_dir())
    yield plugins
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_driver_comes_and_goes(plugins: Plugins, names: Names, folder: Path) -> None:
    async with CsiDriver(folder / "driver", folder) as driver:
        await until(driver.registered.is_set)
        assert plugins.driver(NAME) and names.listed == [NAME]
    await until(lambda: plugins.driver(NAME) is None)
    assert names.listed == []


async def test_a_folder_that_was_taken_away_comes_back(plugins: Plugins, folder: Path) -> None:
    shutil.rmtree(folder / "plugins_registry")
    await until(lambda: (folder / "plugins_registry").is_dir())
    async with CsiDriver(folder / "driver", folder):
        await until(lambda: plugins.driver(NAME))


async def test_who_fails_is_asked_again(plugins: Plugins, folder: Path) -> None:
    driver = CsiDriver(folder / "driver", folder)
    driver.failures["NodeGetInfo"] = "not yet"
    async with driver:
        await until(lambda: "not yet" in driver.error)
        await until(driver.registered.is_set)
        assert [name for name, _ in driver.calls] == ["NodeGetInfo", "NodeGetInfo"]
