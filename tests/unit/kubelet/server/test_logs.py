"""Logs: the runtime's format, the end of a file, following it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kubelet.server.log_format import Line, last_lines, parse
from kubelet.server.logs import LogOptions, LogRefused, attempt_of, moment, read_log
from machinery.api.core.v1 import (
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodStatus,
)
from machinery.api.core.v1 import ContainerStateWaiting as Waits
from machinery.api.meta.v1 import ObjectMeta
from tests.support.runs import NOW

TIMES = [f"2030-01-01T11:59:{second:02}.123456789Z" for second in range(60)]


def write(path: Path, count: int, first: int = 0) -> None:
    with path.open("a") as file:
        file.writelines(f"{TIMES[n]} stdout F line {n}\n" for n in range(first, first + count))


async def read(path: Path, **options: object) -> str:
    return b"".join([piece async for piece in read_log(path, LogOptions(**options), lambda: False)]).decode()


def test_the_format() -> None:
    assert parse(b"T stderr F some text\n") == Line("T", "stderr", True, b"some text\n")
    assert parse(b"T stdout P part\n") == Line("T", "stdout", False, b"part")
    assert parse(b"T stdout F \n") == Line("T", "stdout", True, b"\n")
    assert parse(b"nonsense\n") is None


@pytest.mark.parametrize("tail", [0, 1, 2, 5, 10, 11])
async def test_the_end_of_a_log(tmp_path: Path, tail: int) -> None:
    write(tmp_path / "l", 10)
    lines = (await read(tmp_path / "l", tail=tail)).splitlines()
    assert lines == [f"line {n}" for n in range(max(0, 10 - tail), 10)]


async def test_the_end_of_a_long_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubelet.server.log_files.BLOCK", 100)
    write(tmp_path / "l", 60)
    assert (await read(tmp_path / "l", tail=23)).splitlines() == [f"line {n}" for n in range(37, 60)]


async def test_options(tmp_path: Path) -> None:
    write(tmp_path / "l", 3)
    assert await read(tmp_path / "l", timestamps=True, tail=1) == f"{TIMES[2]} line 2\n"
    assert await read(tmp_path / "l", since=moment(TIMES[1])) == "line 1\nline 2\n"
    assert await read(tmp_path / "l", limit=10) == "line 0\nlin"


async def test_a_line_in_parts(tmp_path: Path) -> None:
    (tmp_path / "l").write_text(f"{TIMES[0]} stdout P one \n{TIMES[1]} stdout F two\n{TIMES[2]} stdout F x\n")
    assert await read(tmp_path / "l", timestamps=True) == f"{TIMES[0]} one two\n{TIMES[2]} x\n"


def test_docker_s_own_format() -> None:
    raw = b'{"log":"a \\"b\\"\\n","stream":"stderr","time":"2030-01-01T11:59:00.1Z"}\n'
    assert parse(raw) == Line("2030-01-01T11:59:00.1Z", "stderr", True, b'a "b"\n')
    assert parse(b'{"log":"part","stream":"stdout","time":"T"}\n') == Line("T", "stdout", False, b"part")
    for bad in (b"{\n", b'{"log":1,"stream":"s","time":"T"}\n', b"{}\n"):
        assert parse(bad) is None


async def test_docker_s_own_files(tmp_path: Path) -> None:
    """The file that is written is behind a link; of those that were moved away the first is the youngest."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "0.log").symlink_to(tmp_path / "engine" / "id-json.log")
    for name, number in (("id-json.log.10", 1), ("id-json.log.2", 2), ("id-json.log.1", 3), ("id-json.log", 4)):
        line = f'{{"log":"line {number}\\n","stream":"stdout","time":"{TIMES[number]}"}}\n'
        (tmp_path / "engine" / name).write_text(line)
    assert await read(tmp_path / "0.log") == "line 1\nline 2\nline 3\nline 4\n"
    assert await read(tmp_path / "0.log", tail=2) == "line 3\nline 4\n"
    assert last_lines(tmp_path / "0.log", 5, 100) == "line 4\n"


async def test_following_ends_with_the_container(tmp_path: Path) -> None:
    write(tmp_path / "l", 1)
    alive = True

    async def live() -> None:
        nonlocal alive
        await asyncio.sleep(0.05)
        with (tmp_path / "l").open("a") as file:
            file.write(f"{TIMES[1]} stdout F li")
        await asyncio.sleep(0.15)
        with (tmp_path / "l").open("a") as file:
            file.write("ne 1\n")
        write(tmp_path / "l", 1, 2)
        alive = False

    task = asyncio.create_task(live())
    pieces = [piece async for piece in read_log(tmp_path / "l", LogOptions(follow=True), lambda: alive)]
    await task
    assert b"".join(pieces) == b"line 0\nline 1\nline 2\n"


def test_the_last_words(tmp_path: Path) -> None:
    write(tmp_path / "l", 5)
    assert last_lines(tmp_path / "l", 2, 100) == "line 3\nline 4\n"
    assert last_lines(tmp_path / "l", 2, 5) == "ne 4\n"
    assert last_lines(tmp_path / "none", 2, 5) == ""


def test_parsing_a_request() -> None:
    query = {"follow": "true", "tailLines": "5", "sinceSeconds": "60", "timestamps": "true", "limitBytes": "9"}
    since = datetime(2030, 1, 1, 11, 59, tzinfo=UTC)
    assert LogOptions.parse(query, NOW) == LogOptions(True, False, True, 5, since, 9)
    with pytest.raises(ValueError):
        LogOptions.parse({"tailLines": "x"}, NOW)


ENDED = ContainerState(terminated=ContainerStateTerminated(exit_code=1))
RUNS = ContainerState(running=ContainerStateRunning())


@pytest.mark.parametrize(("state", "last", "restarts", "previous", "attempt"), [
    (RUNS, ContainerState(), 0, False, 0),
    (RUNS, ENDED, 3, False, 3),
    (RUNS, ENDED, 3, True, 2),
    (ENDED, ContainerState(), 0, False, 0),
    (ContainerState(waiting=Waits(reason="CrashLoopBackOff")), ENDED, 2, False, 2),
    (ContainerState(waiting=Waits(reason="CrashLoopBackOff")), ENDED, 2, True, 2),
    (RUNS, ContainerState(), 0, True, 'previous terminated container "c" in pod "web" not found'),
    (ContainerState(waiting=Waits(reason="ContainerCreating")), ContainerState(), 0, False,
     'container "c" in pod "web" is waiting to start: ContainerCreating'),
    (ContainerState(waiting=Waits(reason="ImagePullBackOff")), ContainerState(), 0, False,
     'container "c" in pod "web" is waiting to start: trying and failing to pull image'),
])
def test_which_run_is_meant(state, last, restarts: int, previous: bool, attempt: int | str) -> None:
    status = ContainerStatus(name="c", state=state, last_state=last, restart_count=restarts)
    pod = Pod(metadata=ObjectMeta(name="web"), status=PodStatus(container_statuses=(status,)))
    if isinstance(attempt, int):
        assert attempt_of(pod, "c", previous) == attempt
    else:
        with pytest.raises(LogRefused, match=f"^{attempt}$"):
            attempt_of(pod, "c", previous)
