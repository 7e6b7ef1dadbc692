from __future__ import annotations

import asyncio

import pytest

from apiserver.storage.feed import Progress
from apiserver.storage.interface import Unavailable
from apiserver.storage.shared import SharedRead


async def test_nobody_gets_an_answer_that_was_asked_for_before_they_came() -> None:
    asked, gate = [], asyncio.Event()

    async def read() -> int:
        asked.append(None)
        answer = len(asked)
        await gate.wait()
        return answer

    shared = SharedRead(read)
    first = shared.get()
    while not asked:
        await asyncio.sleep(0)
    later = [shared.get() for _ in range(10)]
    later[3].cancel()
    gate.set()
    assert await first == 1
    assert {await each for each in later if not each.cancelled()} == {2}
    assert await shared.get() == 3


async def test_those_who_are_on_their_way_share_one_read() -> None:
    asked = []

    async def read() -> int:
        asked.append(None)
        return len(asked)

    async def ask(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await shared.get()

    shared = SharedRead(read)
    assert await asyncio.gather(ask(0), ask(1), ask(1)) == [1, 1, 1]


async def test_an_error_reaches_all_who_asked_and_no_more() -> None:
    fail = True

    async def read() -> int:
        if fail:
            raise Unavailable("gone")
        return 7

    shared = SharedRead(read)
    for waiting in (shared.get(), shared.get()):
        with pytest.raises(Unavailable):
            await waiting
    fail = False
    assert await shared.get() == 7


async def test_progress_wakes_those_who_need_no_more() -> None:
    progress = Progress()
    waiting = {revision: asyncio.create_task(progress.reached(revision)) for revision in (5, 3, 9, 3)}
    late = asyncio.create_task(progress.reached(10**9))
    await asyncio.sleep(0)
    progress.advance(5)
    await asyncio.sleep(0)
    assert waiting[5].done()
    assert waiting[3].done()
    assert not waiting[9].done()
    late.cancel()
    await asyncio.wait([late])
    assert len(progress._waiting) == 1, "who gave up is forgotten"
    progress.advance(9)
    await waiting[9]
