"""Lists that take work let other requests go on in between."""

from __future__ import annotations

import asyncio
import time

from apiserver.endpoints.read import in_turns


def slow(body: bytes) -> int:
    """Three milliseconds of work."""
    end = time.process_time() + 0.003
    while time.process_time() < end:
        pass
    return len(body)


async def test_work_is_done_in_turns() -> None:
    others = 0

    async def another() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(another())
    made = await in_turns([b"x" * size for size in range(20)], slow)
    task.cancel()
    assert made == list(range(20)) and others >= 19


async def test_what_takes_no_time_is_done_at_once() -> None:
    assert await in_turns([b"a", b"bc"], len) == [1, 2]
    assert await in_turns([], len) == []
