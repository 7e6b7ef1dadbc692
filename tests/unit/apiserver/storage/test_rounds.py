"""Who has something to read is woken at once after a quiet moment, and in company when there is much to do."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from apiserver.storage import rounds as rounds_module
from apiserver.storage.rounds import Rounds


class Sleeper:
    """Sleeps until it is woken, as often as it is told to."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._future: asyncio.Future[None] | None = None
        self.pending = 0
        self.batches: list[int] = []

    async def run(self) -> None:
        while True:
            if not self.pending:
                self._future = asyncio.get_running_loop().create_future()
                await self._future
            self.batches.append(self.pending)
            self.pending = 0

    def tell(self) -> None:
        self.pending += 1
        if self._future is not None:
            self._rounds.wake(self._future)
            self._future = None


async def told(seconds: float, times: int) -> list[int]:
    """What a sleeper gets at each waking, who is told once in each turn of the event loop; each round takes so long."""
    sleeper = Sleeper(Rounds(clock=itertools.count(0, seconds).__next__))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sleeper.run())
        await asyncio.sleep(0)
        for _ in range(times):
            sleeper.tell()
            for _ in range(5):
                await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while sum(sleeper.batches) < times:
                await asyncio.sleep(0.001)
        running.cancel()
    return sleeper.batches


async def test_a_quick_reader_gets_each_change_as_it_comes() -> None:
    assert await told(seconds=0, times=5) == [1, 1, 1, 1, 1]


async def test_after_a_long_round_what_comes_meanwhile_comes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds_module, "LONGEST_PAUSE", 1.0)
    assert await told(seconds=0.5, times=5) == [1, 4]


async def test_a_pause_ends_soon_however_long_the_round_was() -> None:
    assert await told(seconds=1000, times=2) == [1, 1]


async def test_who_gave_up_meanwhile_is_passed_over() -> None:
    rounds = Rounds()
    gone, there = (asyncio.get_running_loop().create_future() for _ in range(2))
    rounds.wake(gone)
    rounds.wake(there)
    gone.cancel()
    await asyncio.wait_for(there, 60)


async def test_a_round_after_a_quiet_moment_is_at_once() -> None:
    rounds = Rounds()
    for _ in range(3):
        future = asyncio.get_running_loop().create_future()
        rounds.wake(future)
        for _ in range(4):
            await asyncio.sleep(0)
        assert future.done()
