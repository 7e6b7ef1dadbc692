"""The fake behaves as the Runtime promises."""

from __future__ import annotations

import pytest

from kubelet.runtime import interface as rt
from kubelet.runtime.hollow import HollowRuntime
from tests.support.waiting import until

SPEC = rt.SandboxSpec("web", "default", "u1")


async def started(runtime: HollowRuntime, *command: str) -> tuple[rt.Sandbox, str]:
    sandbox = await runtime.run_sandbox(SPEC)
    image = await runtime.pull("i:1", None, SPEC)
    container = await runtime.create_container(sandbox.id, rt.ContainerSpec("c", image, command=command), SPEC)
    await runtime.start_container(container)
    return sandbox, container


async def test_a_container_s_life() -> None:
    runtime = HollowRuntime()
    sandbox, container = await started(runtime, "run")
    (pod,) = (await runtime.pods()).values()
    assert pod.sandbox == sandbox and sandbox.ips and pod.containers[0].running and pod.containers[0].image == "i:1"
    await runtime.stop_container(container, 1)
    assert (await runtime.pods("u1"))["u1"].containers[0].exit_code == 143
    await runtime.stop_sandbox(sandbox.id)
    assert (await runtime.pods())["u1"].sandbox is None
    await runtime.remove_sandbox(sandbox.id)
    assert await runtime.pods() == {}


async def test_a_container_that_ends_by_itself_is_an_event() -> None:
    runtime = HollowRuntime()
    events = runtime.events()
    assert await anext(events) == ""
    _, container = await started(runtime, "exit", "3")
    assert await anext(events) == container
    assert (await runtime.pods())["u1"].containers[0].exit_code == 3


async def test_it_fails_when_told_to() -> None:
    runtime = HollowRuntime(missing=frozenset({"no:1"}))
    runtime.failures = ["run_sandbox: no network"]
    with pytest.raises(rt.RuntimeFailure, match="no network"):
        await runtime.run_sandbox(SPEC)
    assert await runtime.run_sandbox(SPEC)
    with pytest.raises(rt.ImageFailure):
        await runtime.pull("no:1", None, SPEC)


async def test_what_is_gone_may_be_stopped_again() -> None:
    runtime = HollowRuntime()
    for name in ("stop_sandbox", "remove_sandbox", "remove_container"):
        await getattr(runtime, name)("none")
    await runtime.stop_container("none", 0)
    sandbox, _ = await started(runtime, "sleep", "0.01")
    await until(lambda: not runtime._pods[sandbox.id].containers or runtime._events.qsize() == 1)
    await runtime.close()
