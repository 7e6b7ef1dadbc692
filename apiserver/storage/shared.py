"""One question to etcd for everyone who waits for its answer.

A caller must not get an answer that was asked for before it came (that would be stale), so whoever comes
while a read is under way shares the next one. This is what makes consistent reads from the cache cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from apiserver.storage.interface import StorageError

_TURNS = 2
"""Turns of the event loop before a read begins: requests that have arrived by now get to ask, and share it."""


class SharedRead:
    """`await get()`: the result of a read that began after the call."""

    def __init__(self, read: Callable[[], Awaitable[int]]) -> None:
        self._read = read
        self._waiting: list[asyncio.Future[int]] = []
        self._task: asyncio.Task[None] | None = None

    def get(self) -> asyncio.Future[int]:
        # A future of its own for each caller: one that is cancelled takes nobody with it.
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        if self._task is None:
            self._task = asyncio.create_task(self._serve())
        return answer

    async def _serve(self) -> None:
        while self._waiting:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            asking, self._waiting = self._waiting, []
            try:
                result = await self._read()
            except StorageError as error:
                for answer in asking:
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for answer in asking:
                    if not answer.done():
                        answer.set_result(result)
        self._task = None
