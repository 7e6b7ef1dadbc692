"""The guarantees in the module's head, one by one, and then all at once against random histories."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from machinery.client.workqueue import WorkQueue
from machinery.component.clock import FakeClock


def take(queue: WorkQueue[str]) -> str:
    """get() of a queue that has something ready, without a loop."""
    try:
        queue.get().send(None)
    except StopIteration as taken:
        return taken.value
    raise AssertionError("nothing is ready")


def take_all(queue: WorkQueue[str]) -> list[str]:
    return [take(queue) for _ in range(len(queue))]


def make() -> tuple[WorkQueue[str], FakeClock]:
    clock = FakeClock()
    return WorkQueue(clock=clock), clock


def test_fair() -> None:
    queue, _ = make()
    for key in "cab":
        queue.add(key)
    assert take_all(queue) == ["c", "a", "b"]


def test_stingy() -> None:
    queue, _ = make()
    for key in "aabab":
        queue.add(key)
    assert take_all(queue) == ["a", "b"]


def test_exclusive() -> None:
    queue, _ = make()
    queue.add("a")
    assert take(queue) == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert take_all(queue) == ["a"]
    queue.done("a")
    assert len(queue) == 0


def test_patient() -> None:
    queue, clock = make()
    waits = []
    for _ in range(20):
        queue.add_rate_limited("a")
        waits.append(clock.next_due() - clock.monotonic())
        clock.advance(1000)
        take(queue)
        queue.done("a")
    assert waits == pytest.approx([min(0.005 * 2**failures, 1000) for failures in range(20)])
    assert queue.failures("a") == 20
    queue.forget("a")
    queue.add_rate_limited("a")
    clock.advance(0.005)
    assert take_all(queue) == ["a"]


def test_each_key_has_its_own_patience() -> None:
    queue, clock = make()
    for _ in range(5):
        queue.add_rate_limited("bad")
    clock.advance(1)
    take(queue)
    queue.done("bad")
    queue.add_rate_limited("bad")
    queue.add_rate_limited("good")
    clock.advance(0.005)
    assert take_all(queue) == ["good"]


def test_the_earliest_of_several_times_counts() -> None:
    queue, clock = make()
    queue.add_after("a", 10)
    queue.add_after("a", 2)
    queue.add_after("a", 5)
    clock.advance(2)
    assert take_all(queue) == ["a"]
    queue.done("a")
    clock.advance(20)
    assert len(queue) == 0


def test_no_wait_is_at_once() -> None:
    queue, _ = make()
    queue.add_after("a", 0)
    assert take_all(queue) == ["a"]


def test_close_takes_back_what_is_to_come() -> None:
    queue, clock = make()
    queue.add_after("a", 1)
    queue.close()
    clock.advance(5)
    assert len(queue) == 0


def test_remembers_who_woke_each_key() -> None:
    queue, _ = make()
    queue.add("a", "Pod/x@1")
    queue.add("b", "Pod/y@2")
    queue.add("a", "Pod/x@3")
    queue.add("a", "Pod/x@1")
    take(queue)
    assert queue.woken_by("a") == ("Pod/x@3", "Pod/x@1")
    queue.add("a", "Pod/x@4")
    assert queue.woken_by("a") == ("Pod/x@3", "Pod/x@1")
    take(queue)
    assert queue.woken_by("b") == ("Pod/y@2",)
    queue.done("a")
    assert queue.woken_by("a") == ()
    take(queue)
    assert queue.woken_by("a") == ("Pod/x@4",)


def test_a_retry_is_for_the_same_cause_and_what_came_since() -> None:
    queue, clock = make()
    queue.add("a", "Pod/x@1")
    take(queue)
    queue.add_rate_limited("a")
    queue.done("a")
    clock.advance(0.005)
    take(queue)
    assert queue.woken_by("a") == ("Pod/x@1",)
    queue.add_rate_limited("a")
    queue.done("a")
    queue.add("a", "Pod/x@2")
    take(queue)
    assert queue.woken_by("a") == ("Pod/x@2",)


def test_a_storm_of_wakers_is_cut_to_the_newest() -> None:
    queue, _ = make()
    for number in range(100):
        queue.add("a", f"Pod/x@{number}")
    take(queue)
    assert queue.woken_by("a") == tuple(f"Pod/x@{number}" for number in range(92, 100))


async def test_workers_wait_for_work_and_share_it() -> None:
    queue: WorkQueue[int] = WorkQueue()
    seen, in_work = [], set()

    async def work() -> None:
        while True:
            key = await queue.get()
            assert key not in in_work
            in_work.add(key)
            await asyncio.sleep(0)
            in_work.remove(key)
            seen.append(key)
            queue.done(key)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    await asyncio.sleep(0)
    for key in range(50):
        queue.add(key)
    async with asyncio.timeout(60):
        while len(seen) < 50:
            await asyncio.sleep(0)
    for worker in workers:
        worker.cancel()
    assert sorted(seen) == list(range(50))


async def test_a_cancelled_worker_loses_nothing() -> None:
    queue: WorkQueue[str] = WorkQueue()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    queue.add("a")
    async with asyncio.timeout(60):
        assert await queue.get() == "a"


@given(st.integers(0, 3000))
def test_the_longest_wait_is_bounded(failures: int) -> None:
    queue, clock = make()
    queue._failures["a"] = failures
    queue.add_rate_limited("a")
    clock.advance(1000)
    assert len(queue) == 1


KEYS = st.sampled_from("abc")


class Histories(RuleBasedStateMachine):
    """Adds, takes and returns in any order; a dict and a list are what the queue ought to be."""

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.clock = make()
        self.order: list[str] = []
        self.again: set[str] = set()
        self.in_work: set[str] = set()
        self.owed: dict[str, int] = dict.fromkeys("abc", 0)

    @rule(key=KEYS)
    def add(self, key: str) -> None:
        self.queue.add(key)
        if key in self.in_work:
            self.again.add(key)
        elif key not in self.order:
            self.order.append(key)
        self.owed[key] += 1

    @precondition(lambda self: self.order)
    @rule()
    def take(self) -> None:
        key = take(self.queue)
        assert key == self.order.pop(0), "fair"
        assert key not in self.in_work, "exclusive"
        assert self.owed[key], "handed out without being added"
        self.in_work.add(key)
        self.owed[key] = 0

    @precondition(lambda self: self.in_work)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.in_work)))
        self.queue.done(key)
        self.in_work.remove(key)
        if key in self.again:
            self.again.remove(key)
            self.order.append(key)

    @rule(key=KEYS, seconds=st.floats(0.1, 5))
    def add_after(self, key: str, seconds: float) -> None:
        """What waits is not ready until its time; then it is one add."""
        size = len(self.queue)
        self.queue.add_after(key, seconds)
        assert len(self.queue) == size
        self.clock.advance(seconds)
        if key in self.in_work:
            self.again.add(key)
        elif key not in self.order:
            self.order.append(key)
        self.owed[key] += 1

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        assert len(self.queue) == len(self.order)
        assert all(key in self.order or key in self.again for key, owed in self.owed.items() if owed)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
