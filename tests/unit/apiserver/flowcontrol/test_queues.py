"""One level at work: who runs, who waits, whose turn it is, and what is turned away."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from apiserver.flowcontrol import queues
from apiserver.flowcontrol.queues import Level, Waiting
from apiserver.flowcontrol.seats import Bounds
from machinery.api.errors import TooManyRequests


def level(seats: int, *, queue: bool = True, **queuing: int) -> Level:
    response: dict[str, Any] = {"type": "Reject"}
    if queue:
        response = {"type": "Queue", "queuing": {"queues": 64, "handSize": 6, "queueLengthLimit": 50, **queuing}}
    document = {"metadata": {"uid": "u"}, "spec": {"type": "Limited", "limited": {"limitResponse": response}}}
    made = Level("low")
    made.configure(document, Bounds(seats, seats, seats))
    return made


class Crowd:
    """Requests of named flows that wait, in the order in which they were let run."""

    def __init__(self, of: Level) -> None:
        self.level, self.tally = of, of.tally("schema")
        self.running: list[Waiting] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, flow: str, count: int = 1, width: int = 1) -> None:
        self.tasks += [asyncio.create_task(self._wait(flow, width)) for _ in range(count)]
        await settle()

    async def _wait(self, flow: str, width: int) -> None:
        self.running.append(await self.level.turn(self.tally, flow, width, asked=flow))

    async def end(self, seconds: float = 0.003) -> str:
        """The one that has run longest ends; says whose it was."""
        ended = self.running.pop(0)
        self.level.leave(ended, seconds)
        await settle()
        return ended.flow

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_never_more_than_there_are_seats() -> None:
    crowd = Crowd(level(3))
    await crowd.come("a", 10)
    assert (crowd.level.in_use, crowd.level.waiting, len(crowd.running)) == (3, 7, 3)
    while crowd.running:
        assert crowd.level.in_use <= 3
        await crowd.end()
    assert (crowd.level.in_use, crowd.level.waiting) == (0, 0) and all(task.done() for task in crowd.tasks)


async def test_a_flow_with_many_requests_takes_no_more_turns_than_one_with_few() -> None:
    crowd = Crowd(level(2))
    await crowd.come("noisy", 200)
    await crowd.come("quiet", 20)
    turns = [await crowd.end() for _ in range(44)]
    assert 18 <= Counter(turns)["quiet"] <= 21, turns
    await crowd.leave()


async def test_who_takes_long_gets_fewer_turns() -> None:
    crowd = Crowd(level(1))
    await crowd.come("slow", 40)
    await crowd.come("quick", 40)
    turns = []
    for _ in range(44):
        turns.append(await crowd.end(0.03 if crowd.running[0].flow == "slow" else 0.003))
    assert Counter(turns)["slow"] <= 9, turns
    await crowd.leave()


async def test_a_wide_request_waits_for_its_seats_and_runs_alone_if_it_must() -> None:
    crowd = Crowd(level(4))
    await crowd.come("a", 2)
    await crowd.come("wide", width=3)
    assert [each.flow for each in crowd.running] == ["a", "a"]
    await crowd.end()
    assert [each.flow for each in crowd.running] == ["a", "wide"] and crowd.level.in_use == 4
    await crowd.end()
    await crowd.end()
    await crowd.come("wider", width=9)
    assert [each.flow for each in crowd.running] == ["wider"]


async def test_a_full_queue_and_a_level_without_queues_turn_away_at_once() -> None:
    crowd = Crowd(level(1, queues=1, handSize=1, queueLengthLimit=5))
    await crowd.come("a", 6)
    with pytest.raises(TooManyRequests) as caught:
        await crowd.level.turn(crowd.tally, "a", 1, asked=None)
    assert caught.value.retry_after == 1 and crowd.level.waiting == 5
    await crowd.leave()
    with pytest.raises(TooManyRequests):
        reject = level(1, queue=False)
        await reject.turn(reject.tally("schema"), "a", 1, asked=None)


async def test_one_flow_seldom_fills_what_another_may_wait_in() -> None:
    crowd = Crowd(level(1, queueLengthLimit=5))
    await crowd.come("noisy", 60)
    refused = [task for task in crowd.tasks if task.done() and task.exception() is not None]
    assert len(refused) == 60 - 1 - 6 * 5, "the queues of its hand are full"
    await crowd.come("quiet")
    await crowd.end()
    await crowd.end()
    assert "quiet" in [each.flow for each in crowd.running] + [crowd.level.name] or crowd.level.waiting
    assert not crowd.tasks[-1].done() or crowd.tasks[-1].exception() is None
    await crowd.leave()


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0.05)
    crowd = Crowd(level(1))
    await crowd.come("a", 3)
    await asyncio.wait(crowd.tasks[1:], timeout=10)
    assert all(isinstance(task.exception(), TooManyRequests) for task in crowd.tasks[1:])
    assert (crowd.level.in_use, crowd.level.waiting, crowd.tally.waiting) == (1, 0, 0)


async def test_whoever_leaves_makes_room_even_when_its_turn_has_just_come() -> None:
    crowd = Crowd(level(1))
    await crowd.come("a", 4)
    crowd.tasks[1].cancel()
    crowd.level.leave(crowd.running.pop(), 0.0)
    crowd.tasks[2].cancel()
    await settle()
    assert [task.cancelled() for task in crowd.tasks] == [False, True, True, False]
    assert len(crowd.running) == 1 and (crowd.level.in_use, crowd.level.waiting) == (1, 0)


async def test_seats_that_come_are_used_at_once() -> None:
    crowd = Crowd(level(1))
    await crowd.come("a", 4)
    crowd.level.seats = 3
    crowd.level.dispatch()
    await settle()
    assert len(crowd.running) == 3
    await crowd.leave()
