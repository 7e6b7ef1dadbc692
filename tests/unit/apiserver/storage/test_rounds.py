"""Who has something to read is woken at once after a quiet moment, and in company when there is much to do."""

from __future__ import annotations

import asyncio
import time

from apiserver.storage.rounds import LONGEST_PAUSE, Rounds


class Sleeper:
    """Sleeps until it is woken, as often as it is told to; `work` is what waking costs the event loop."""

    def __init__(self, rounds: Rounds, work: float = 0.0) -> None:
        self._rounds, self._work = rounds, work
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
            time.sleep(self._work)

    def tell(self) -> None:
        self.pending += 1
        if self._future is not None:
            self._rounds.wake(self._future)
            self._future = None


async def told(work: float, times: int) -> list[int]:
    """What a sleeper gets at each waking, who is told once in each turn of the event loop. No work takes no time."""
    sleeper = Sleeper(Rounds() if work else Rounds(clock=lambda: 0.0), work)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sleeper.run())
        await asyncio.sleep(0)
        for _ in range(times):
            sleeper.tell()
            for _ in range(5):
                await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while sum(sleeper.batches) < times:
                await asyncio.sleep(0.001)
        running.cancel()
    return sleeper.batches


async def test_a_quick_reader_gets_each_change_as_it_comes() -> None:
    assert await told(work=0.0, times=5) == [1, 1, 1, 1, 1]


async def test_after_a_long_round_what_comes_meanwhile_comes_together() -> None:
    assert await told(work=0.01, times=5) == [1, 4]


async def test_a_pause_ends_soon_however_long_the_round_was() -> None:
    began = time.monotonic()
    await told(work=0.2, times=2)
    assert time.monotonic() - began < 2 * 0.2 + LONGEST_PAUSE + 0.15


async def test_who_gave_up_meanwhile_is_passed_over() -> None:
    rounds = Rounds()
    gone, there = (asyncio.get_running_loop().create_future() for _ in range(2))
    rounds.wake(gone)
    rounds.wake(there)
    gone.cancel()
    await asyncio.wait_for(there, 1)


async def test_a_round_after_a_quiet_moment_is_at_once() -> None:
    rounds = Rounds()
    for _ in range(3):
        future = asyncio.get_running_loop().create_future()
        rounds.wake(future)
        for _ in range(4):
            await asyncio.sleep(0)
        assert future.done()
