"""The loop without a server: informers are fed by hand, time is fake."""

import asyncio
import logging

import pytest

from machinery.api.apps.v1 import ReplicaSet
from machinery.api.core.v1 import Node, Pod
from machinery.api.errors import Conflict, ServiceUnavailable
from machinery.api.meta.v1 import ObjectMeta, OwnerReference
from machinery.client import cause
from machinery.client.controller import Context, Controller, key_of, own_key, owner_key, split_key, subscribe, work
from machinery.client.informer import Informer
from machinery.client.reflector import Changed, Scope
from machinery.component.clock import FakeClock


def pod(name: str, revision: int = 1, *, owner: str = "", controller: bool = True) -> Pod:
    owners = (OwnerReference(api_version="apps/v1", kind="ReplicaSet", name=owner, uid="u", controller=controller),)
    meta = ObjectMeta(name=name, namespace="default", resource_version=str(revision), uid="u",
                      owner_references=owners if owner else ())
    return Pod(metadata=meta)


class Recorder(Controller):
    """Notes each key with its cause, and does as told."""

    name = "recorder"
    workers = 1

    def __init__(self, ctx: Context, outcomes: list[float | Exception | None] = ()) -> None:
        super().__init__(ctx)
        self.pods: Informer[Pod] = Informer(None, Scope(Pod))
        self.watches = ((self.pods, owner_key("ReplicaSet")),)
        self.outcomes = list(outcomes)
        self.seen: list[cause.Cause] = []

    async def reconcile(self, key: str) -> float | None:
        self.seen.append(cause.current())
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Running:
    """A controller whose worker runs while the block lasts."""

    def __init__(self, *outcomes: float | Exception | None) -> None:
        self.clock = FakeClock()
        self.controller = Recorder(Context(None, None, None, self.clock), outcomes)
        subscribe(self.controller)

    async def __aenter__(self) -> "Running":
        self.worker = asyncio.create_task(work(self.controller))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.worker.cancel()
        await asyncio.gather(self.worker, return_exceptions=True)

    async def settle(self, advance: float = 0) -> int:
        """Lets the worker finish what is ready; the number of reconciles so far."""
        self.clock.advance(advance)
        for _ in range(10):
            await asyncio.sleep(0)
        return len(self.controller.seen)


async def test_a_change_wakes_its_owner_with_the_cause_set() -> None:
    async with Running() as running:
        running.controller.pods.apply(Changed(pod("web-1", 7, owner="web")))
        running.controller.pods.apply(Changed(pod("web-2", 8, owner="web")))
        assert await running.settle() == 1
        assert running.controller.seen == [
            cause.Cause("recorder", "default/web", ("Pod/default/web-1@7", "Pod/default/web-2@8"))]
    assert cause.current() is None


async def test_one_that_changes_hands_wakes_both() -> None:
    async with Running() as running:
        running.controller.pods.apply(Changed(pod("p", 1, owner="old")))
        await running.settle()
        running.controller.pods.apply(Changed(pod("p", 2, owner="new")))
        await running.settle()
        assert [seen.key for seen in running.controller.seen] == ["default/old", "default/old", "default/new"]


async def test_failures_are_retried_with_growing_waits_and_the_same_cause(caplog: pytest.LogCaptureFixture) -> None:
    async with Running(ServiceUnavailable("away"), ValueError("bug"), Conflict("pods", "p"), None) as running:
        running.controller.pods.apply(Changed(pod("p", 7, owner="web")))
        with caplog.at_level(logging.WARNING):
            assert await running.settle() == 1
            assert await running.settle(0.005) == 2
            assert await running.settle(0.009) == 2
            assert await running.settle(0.001) == 3
            assert await running.settle(0.02) == 4
        assert await running.settle(1000) == 4
        assert {seen.woken_by for seen in running.controller.seen} == {("Pod/default/p@7",)}
        assert running.controller.queue.failures("default/web") == 0
    levels = [(record.levelname, record.exc_info is not None) for record in caplog.records]
    assert levels == [("WARNING", False), ("ERROR", True)]


async def test_a_reconcile_may_ask_to_be_called_again() -> None:
    async with Running(30.0) as running:
        running.controller.queue.add("default/web")
        assert await running.settle() == 1
        assert await running.settle(29) == 1
        assert await running.settle(1) == 2
        assert await running.settle(1000) == 2


def test_keys() -> None:
    assert key_of(pod("a")) == "default/a"
    assert key_of(Node(metadata=ObjectMeta(name="n"))) == "n"
    assert split_key("default/a") == ("default", "a")
    assert split_key("n") == ("", "n")


def test_own_key_of_what_is_there_or_was() -> None:
    replicaset = ReplicaSet(metadata=ObjectMeta(name="a", namespace="default"))
    assert list(own_key(None, replicaset)) == list(own_key(replicaset, None)) == ["default/a"]


def test_only_the_controlling_owner_of_the_kind_counts() -> None:
    assert list(owner_key("ReplicaSet")(None, pod("p", owner="web", controller=False))) == []
    assert list(owner_key("Job")(None, pod("p", owner="web"))) == []
    assert list(owner_key("ReplicaSet")(pod("p", owner="web"), None)) == ["default/web"]
