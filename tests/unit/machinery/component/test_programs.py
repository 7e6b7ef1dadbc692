"""Programs are run to their end."""

from __future__ import annotations

import asyncio

import pytest

from machinery.component.programs import finished


async def test_what_a_program_says_and_how_it_ends():
    assert await finished(("sh", "-c", "cat; echo no >&2; exit 3"), "yes") == (3, "yes", "no\n")


async def test_a_program_that_reads_nothing_of_much():
    assert await finished(("true",), "x" * 1_000_000) == (0, "", "")


async def test_what_is_begun_is_finished_though_its_caller_is_cancelled(tmp_path):
    begun, done = tmp_path / "begun", tmp_path / "done"
    script = f"touch {begun}; read word; until [ -e {tmp_path}/go ]; do :; done; touch {done}"
    task = asyncio.create_task(finished(("sh", "-c", script), "word\n"))
    while not begun.exists():
        await asyncio.sleep(0.005)
    task.cancel()
    (tmp_path / "go").touch()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.exists()


async def test_a_program_that_does_not_exist():
    with pytest.raises(FileNotFoundError):
        await finished(("no-such-program-here",))
