"""Lifecycle hooks: a hollow runtime for commands, real sockets on loopback."""

from __future__ import annotations

import asyncio

from kubelet.pods.hooks import run_hook
from kubelet.probes.checks import Target
from kubelet.probes.outcome import Outcome
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import Container, ExecAction, HTTPGetAction, LifecycleHandler, Pod, SleepAction
from machinery.api.meta.v1 import ObjectMeta
from tests.support.etcd import free_ports

POD = Pod(metadata=ObjectMeta(name="web", namespace="default", uid="u"))
TARGET = Target("x", Container(name="c"), "127.0.0.1")


async def run(handler: LifecycleHandler) -> Outcome:
    return await run_hook(HollowRuntime(), handler, POD, TARGET, timeout=2)


async def test_commands() -> None:
    assert (await run(LifecycleHandler(exec=ExecAction(command=("echo", "hi"))))).ok
    failed = await run(LifecycleHandler(exec=ExecAction(command=("false",))))
    assert failed == Outcome(False, 'Exec lifecycle hook ([false]) for Container "c" in Pod "web_default(u)" failed - '
                                    "error: command 'false' exited with 1: , message: \"\"")


async def test_http_hooks_want_to_be_heard_and_nothing_else() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 X\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    assert (await run(LifecycleHandler(http_get=HTTPGetAction(path="/", port=port)))).ok
    listening.close()
    (port,) = free_ports(1)
    failed = await run(LifecycleHandler(http_get=HTTPGetAction(path="/bye", port=port)))
    assert failed.message.startswith('HTTP lifecycle hook (/bye) for Container "c" in Pod "web_default(u)" failed')


async def test_a_hook_may_sleep() -> None:
    assert (await run(LifecycleHandler(sleep=SleepAction(seconds=0)))).ok
