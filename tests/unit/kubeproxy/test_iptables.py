"""Running the programs, on the event loop that components use."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from kubeproxy.iptables import BackendError, run


def on_uvloop(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def test_input_reaches_the_program():
    assert on_uvloop(run("cat", stdin="*nat\nCOMMIT\n")) == "*nat\nCOMMIT\n"


def test_a_program_that_ends_without_reading_is_no_failure():
    async def often() -> None:
        for _ in range(20):
            await run("true", stdin="x" * 200_000)
            await run("true")

    on_uvloop(often())


def test_the_programs_words_become_the_error():
    with pytest.raises(BackendError, match=r"^sh: line 2 failed$"):
        on_uvloop(run("sh", "-c", "echo line 2 failed >&2; exit 2"))


def test_what_has_begun_is_finished(tmp_path):
    async def cancelled() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await run("sh", "-c", f"sleep 0.2; touch {tmp_path}/done")

    on_uvloop(cancelled())
    assert (tmp_path / "done").exists()
