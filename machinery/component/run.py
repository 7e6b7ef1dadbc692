"""The one way a component runs: until SIGTERM or SIGINT, on uvloop, with one stop event for all its tasks.

    if __name__ == "__main__":
        run_component(run, Config.from_args(), name="scheduler")

A second signal ends the process at once. In real Kubernetes: SetupSignalContext and component-base/cli.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

from machinery.component.errors import FatalError
from machinery.component.flags import ComponentConfig
from machinery.component.logging import setup

log = logging.getLogger(__name__)

C = TypeVar("C", bound=ComponentConfig)
E = TypeVar("E", bound=BaseException)


def run_component(run: Callable[[C, asyncio.Event], Awaitable[None]], config: C, *, name: str) -> None:
    """Runs `run(config, stop)` to its end; the first signal sets stop. A FatalError is one line and exit code 1."""
    import uvloop

    setup(name, config.v)
    gc.freeze()  # What is imported by now stays: no collection need look at it again.
    troubles: list[FatalError] = []
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_signalled(run, config))
    except* FatalError as group:
        troubles += leaves(group)
    if troubles:
        for trouble in troubles:
            log.critical("%s", trouble)
        sys.exit(1)


def leaves(group: BaseExceptionGroup[E]) -> Iterator[E]:
    """The errors themselves, out of all the task groups that passed them on."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


async def _until_signalled(run: Callable[[C, asyncio.Event], Awaitable[None]], config: C) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await run(config, stop)


def stop_on_signals(stop: asyncio.Event) -> None:
    """The first SIGTERM or SIGINT sets stop, the second one exits."""
    loop = asyncio.get_running_loop()

    def handle(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        log.info("stopping: %s", number.name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, handle, number)


async def stoppable(stop: asyncio.Event, *work: Coroutine[Any, Any, Any]) -> None:
    """Runs all of work together until it ends or stop is set; a failure of one part ends the others."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each, name=each.__qualname__) for each in work]
        stopper = group.create_task(_cancel_after(stop, tasks), name="stop")
        if tasks:
            await asyncio.wait(tasks)
        stopper.cancel()


async def _cancel_after(stop: asyncio.Event, tasks: Iterable[asyncio.Task[Any]]) -> None:
    await stop.wait()
    for task in tasks:
        task.cancel()
