"""The loop's promises: prompt, stingy, stubborn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from kubeproxy.iptables import BackendError
from kubeproxy.ports import ServicePort
from kubeproxy.sync import RETRY_SECONDS, Sync
from machinery.component.clock import FakeClock

PORT = ServicePort("default/web", "tcp", "10.96.0.20", 80)


class FakeBackend:
    """Remembers what it was told, and refuses when asked to."""

    def __init__(self) -> None:
        self.applied: list[tuple[Sequence[ServicePort], bool]] = []
        self.refuse = False

    async def apply(self, ports: Sequence[ServicePort], *, full: bool = False) -> None:
        if self.refuse:
            raise BackendError("no")
        self.applied.append((tuple(ports), full))

    async def cleanup(self) -> None:
        self.applied.clear()


class Rig:
    def __init__(self) -> None:
        self.seen: list[ServicePort] = []
        self.backend = FakeBackend()
        self.clock = FakeClock()
        self.sync = Sync(lambda: self.seen, self.backend, self.clock, min_sync=0.1, full_sync=3600)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    task = asyncio.create_task(made.sync.run())
    await settle()
    yield made
    task.cancel()


async def test_starts_with_a_full_application(rig):
    assert rig.backend.applied == [((), True)]
    assert rig.sync.healthy


async def test_a_change_after_quiet_is_applied_at_once(rig):
    rig.clock.advance(5)
    await settle()
    rig.seen = [PORT]
    rig.sync.poke()
    await settle()
    assert rig.backend.applied[1:] == [((PORT,), False)]


async def test_a_burst_is_one_application_with_the_last_state(rig):
    for _ in range(50):
        rig.sync.poke()
        await settle()
    rig.seen = [PORT]
    assert len(rig.backend.applied) == 1
    rig.clock.advance(0.1)
    await settle()
    assert rig.backend.applied[1:] == [((PORT,), False)]


async def test_a_failure_is_tried_again_as_a_full_application(rig):
    rig.clock.advance(1)
    await settle()
    rig.backend.refuse = True
    rig.sync.poke()
    await settle()
    assert not rig.sync.healthy
    rig.backend.refuse = False
    rig.clock.advance(RETRY_SECONDS)
    await settle()
    assert rig.backend.applied[-1] == ((), True)
    assert rig.sync.healthy


async def test_a_quiet_cluster_is_looked_at_once_an_hour(rig):
    rig.clock.advance(1)
    await settle()
    rig.clock.advance(3600)
    await settle()
    assert [full for _, full in rig.backend.applied] == [True, True]
