"""Who stops when."""

from __future__ import annotations

import asyncio

from kubelet.pods.ordering import Turns, awaited
from machinery.api.core.v1 import Container, Pod, PodSpec

SIDECARS = tuple(Container(name=name, restart_policy="Always") for name in ("log", "mesh"))
POD = Pod(spec=PodSpec(init_containers=(Container(name="once"), *SIDECARS), containers=(Container(name="app"),)))


def test_sidecars_wait_for_the_apps_and_for_those_started_later() -> None:
    assert awaited(POD, ["app", "log", "mesh"]) == {"mesh": ("app",), "log": ("app", "mesh")}
    assert awaited(POD, ["log"]) == {"log": ()}


async def test_turns() -> None:
    turns, order = Turns(POD, ["app", "log", "mesh"]), []

    async def stop(name: str) -> None:
        await turns.wait(name, 10)
        order.append(name)
        turns.ended(name)

    async with asyncio.TaskGroup() as group:
        for name in ("log", "mesh", "app"):
            group.create_task(stop(name))
    assert order == ["app", "mesh", "log"]


async def test_patience_ends() -> None:
    await Turns(POD, ["app", "log"]).wait("log", 0.01)


def test_only_who_waits_for_others_may_be_given_more_time() -> None:
    turns = Turns(POD, ["app", "log", "mesh"])
    assert [name for name in ("app", "log", "mesh") if turns.waits(name)] == ["log", "mesh"]
