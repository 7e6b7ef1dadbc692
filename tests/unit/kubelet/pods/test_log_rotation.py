"""Logs that grow: set aside, packed, thrown away; and read as one all the while."""

from __future__ import annotations

import asyncio
import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kubelet.config import Config
from kubelet.pods.log_rotation import LogRotation, make_room, set_aside
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import ContainerState, RuntimeContainer, RuntimeFailure
from kubelet.server import log_files
from kubelet.server.logs import LogOptions, read_log
from machinery.component.clock import RealClock

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def write(path: Path, first: int, last: int) -> None:
    with path.open("a") as file:
        file.writelines(f"2030-01-01T11:{n:02}:00.000000000Z stdout F line {n}\n" for n in range(first, last))


def a_log(folder: Path) -> Path:
    """Lines 0 to 29 in three files, the oldest packed."""
    path = folder / "0.log"
    for number, first in enumerate((0, 10, 20)):
        write(path, first, first + 10)
        if first < 20:
            make_room(path, 5)
            set_aside(path, NOW + timedelta(minutes=number))
    return path


async def read(path: Path, **options: object) -> list[str]:
    pieces = [piece async for piece in read_log(path, LogOptions(**options), lambda: False)]
    return b"".join(pieces).decode().splitlines()


def lines(first: int, last: int = 30) -> list[str]:
    return [f"line {n}" for n in range(first, last)]


def test_names_and_packages(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    packed, plain = log_files.rotated(path)
    assert packed.name.endswith(".gz") and not plain.name.endswith(".gz")
    assert gzip.decompress(packed.read_bytes()).endswith(b"line 9\n")
    make_room(path, 3)
    assert [each.name for each in log_files.rotated(path)] == [f"{plain.name}.gz"]
    log_files.remove(path)
    assert list(tmp_path.iterdir()) == []


def test_two_in_one_second_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    for text in ("a", "b"):
        path.write_text(text)
        set_aside(path, NOW)
    assert [each.read_text() for each in log_files.rotated(path)] == ["a", "b"]


@pytest.mark.parametrize("tail", [0, 1, 10, 11, 20, 21, 29, 30, 31])
async def test_the_end_reaches_back_into_older_files(tmp_path: Path, tail: int) -> None:
    assert await read(a_log(tmp_path), tail=tail) == lines(max(0, 30 - tail))


async def test_the_whole_log_and_since_when(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    assert await read(path) == lines(0)
    since = datetime(2030, 1, 1, 11, 15, tzinfo=UTC)
    assert await read(path, since=since) == lines(20), "files written last before that are not opened"
    for each in log_files.rotated(path):
        os.utime(each, (NOW.timestamp(), NOW.timestamp()))
    assert await read(path, since=since) == lines(15)
    assert await read(path, since=since, tail=3) == lines(27)
    assert await read(path, limit=8) == ["line 0", "l"]


async def test_following_goes_on_into_the_next_file(tmp_path: Path) -> None:
    path, alive = tmp_path / "0.log", True
    write(path, 0, 5)
    found: list[bytes] = []

    async def follow() -> None:
        async for piece in read_log(path, LogOptions(follow=True), lambda: alive):
            found.append(piece)

    async def until(count: int) -> None:
        async with asyncio.timeout(60):
            while b"".join(found).count(b"\n") < count:
                await asyncio.sleep(0.01)

    task = asyncio.create_task(follow())
    await until(5)
    aside = set_aside(path, NOW)
    write(aside, 5, 7)
    await until(7)
    write(path, 7, 10)
    await until(10)
    alive = False
    await asyncio.wait_for(task, 5)
    assert b"".join(found).decode().splitlines() == lines(0, 10)


async def test_only_what_runs_and_is_too_large(tmp_path: Path) -> None:
    config = Config(node_name="n", node_ip="", container_log_max_size="100", container_log_max_files=2)
    runtime, path, small = HollowRuntime(), tmp_path / "0.log", tmp_path / "1.log"
    write(path, 0, 10)
    write(small, 0, 1)

    def container(state: ContainerState, log: Path) -> RuntimeContainer:
        return RuntimeContainer("id", "s", "u", "c", 0, state, NOW, log_path=str(log))

    link = tmp_path / "link.log"
    link.symlink_to(path)
    held = [container(ContainerState.RUNNING, small), container(ContainerState.EXITED, path),
            container(ContainerState.RUNNING, link)]  # fmt: skip
    rotation = LogRotation(config, runtime, RealClock(), lambda: held)
    await rotation.look()
    assert runtime.calls == [], "small, over, and somebody else's behind a link"
    held.append(container(ContainerState.RUNNING, path))
    await rotation.look()
    assert runtime.calls == ["reopen_log"] and not path.exists() and len(log_files.rotated(path)) == 1
    write(path, 10, 20)
    await rotation.look()
    assert await read_all(path) == [b"line 19"], "one file beside the one that is written"
    write(path, 0, 10)
    runtime.failures = ["reopen_log: no"]
    with pytest.raises(RuntimeFailure):
        await runtime.reopen_log("id")
    runtime.failures = ["reopen_log: no"]
    await rotation.look()
    assert path.exists(), "a runtime that refuses goes on writing where it wrote"


async def read_all(path: Path) -> list[bytes]:
    return [each.read_bytes().splitlines()[-1].split(b" ", 3)[3] for each in log_files.rotated(path)]
