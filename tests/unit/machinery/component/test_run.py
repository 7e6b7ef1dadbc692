import asyncio
import os
import signal
import subprocess
import sys

import pytest

from machinery.component.run import stop_on_signals, stoppable

COMPONENT = """
import asyncio
from machinery.component.errors import FatalError
from machinery.component.flags import ComponentConfig
from machinery.component.run import run_component, stoppable

async def fail():
    raise FatalError("no such file: x")

async def run(config, stop):
    print("up", flush=True)
    if config.health_port:
        await stoppable(stop, fail())
    await stop.wait()
    print("down", flush=True)
    if config.v:
        await asyncio.sleep(60)

run_component(run, ComponentConfig.from_args(), name="tester")
"""


def start(*flags: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", COMPONENT, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_component(number: signal.Signals) -> None:
    process = start()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "down\n")
    assert err.endswith(f"I tester  stopping: {number.name}\n")


def test_a_second_signal_ends_it_at_once() -> None:
    process = start("--v=1")
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "down\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_fatal_error_is_one_line() -> None:
    process = start("--health-port=1")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert [line.partition(" F ")[2] for line in err.splitlines()] == ["tester  no such file: x"]


async def test_stop_on_signals() -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(60):
        await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)


async def forever() -> None:
    await asyncio.Event().wait()


async def test_stoppable_cancels_what_is_left() -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(stoppable(stop, forever(), forever(), asyncio.sleep(0)))
    await asyncio.sleep(0.01)
    assert not running.done()
    stop.set()
    async with asyncio.timeout(60):
        await running


async def test_stoppable_ends_with_its_work() -> None:
    async with asyncio.timeout(60):
        await stoppable(asyncio.Event(), asyncio.sleep(0), asyncio.sleep(0.01))


async def test_one_failure_ends_all() -> None:
    async def fail() -> None:
        raise ValueError("boom")

    with pytest.raises(ExceptionGroup) as caught:
        await stoppable(asyncio.Event(), forever(), fail())
    assert [str(error) for error in caught.value.exceptions] == ["boom"]
