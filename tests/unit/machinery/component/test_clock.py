import asyncio

from machinery.component.clock import FakeClock, RealClock


async def test_fake_time_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock()
    before = clock.now()
    sleeper = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    clock.advance(9.9)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance(0.1)
    await sleeper
    assert (clock.now() - before).total_seconds() == 10
    assert clock.monotonic() == 10


def test_calls_come_in_order_of_their_time_and_see_it() -> None:
    clock, seen = FakeClock(), []
    clock.call_later(3, lambda: seen.append(("late", clock.monotonic())))
    clock.call_later(1, lambda: seen.append(("early", clock.monotonic())))
    clock.call_later(1, lambda: clock.call_later(1, lambda: seen.append(("nested", clock.monotonic()))))
    clock.call_later(2, lambda: seen.append(("cancelled", 0.0))).cancel()
    clock.advance(5)
    assert seen == [("early", 1), ("nested", 2), ("late", 3)]


async def test_a_cancelled_sleep_leaves_nothing_behind() -> None:
    clock = FakeClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    clock.advance(2)


async def test_real_clock() -> None:
    clock, called = RealClock(), asyncio.Event()
    before = clock.monotonic()
    clock.call_later(0.01, called.set)
    await clock.sleep(0)
    async with asyncio.timeout(60):
        await called.wait()
    assert clock.monotonic() >= before
    assert clock.now().utcoffset().total_seconds() == 0
