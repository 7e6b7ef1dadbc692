"""exec and attach: a process' streams, and a client's channels, as one.

Ends with a Status on the error channel, from which kubectl has the exit code.
Real Kubernetes: kubelet/pkg/cri/streaming/remotecommand. Left out: protocols before v4.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from kubelet.runtime import interface as rt
from kubelet.runtime.docker.engine import Taken
from kubelet.runtime.docker.streams.spdy import Connection, Stream
from kubelet.runtime.docker.streams.websocket import CLOSE_CHANNEL, WebSocket

STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
STREAMS_SECONDS = 30.0
SIZE_TRIES, SIZE_SECONDS = 20, 0.05
V5 = "v5.channel.k8s.io"
V4 = "v4.channel.k8s.io"


def success() -> dict[str, Any]:
    return {"metadata": {}, "status": "Success"}


def exited(code: int) -> dict[str, Any]:
    if not code:
        return success()
    words = f"command terminated with non-zero exit code: {code}"
    cause = {"reason": "ExitCode", "message": str(code)}
    failed = {"status": "Failure", "reason": "NonZeroExitCode", "message": words}
    return {"metadata": {}, **failed, "details": {"causes": [cause]}}


def failed(error: Exception) -> dict[str, Any]:
    why = {"reason": "InternalError", "message": f"Internal error occurred: {error}", "code": 500}
    return {"metadata": {}, "status": "Failure", **why}


class Channels(Protocol):
    """What connects us with the client."""

    def stdin(self) -> AsyncIterator[bytes]: ...

    def sizes(self) -> AsyncIterator[Mapping[str, int]]: ...

    async def write(self, channel: int, data: bytes) -> None: ...

    async def finish(self, status: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class RemoteCommand:
    """One process: how it is begun, told the size of its terminal, and asked for its end."""

    streams: rt.Streams
    begin: Callable[[], Awaitable[Taken]]
    resize: Callable[[int, int], Awaitable[None]]
    exit_code: Callable[[], Awaitable[int]]
    websocket_protocols = (V5, V4)
    spdy_protocols = (V4,)

    async def over_websocket(self, socket: WebSocket, protocol: str) -> None:
        channels = OverWebSocket(socket)
        await _either(channels.receive(), self._run(channels))

    async def over_spdy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        channels = OverSpdy(self._wanted())
        connection = Connection(reader, writer, channels.add)
        await _either(connection.serve(), self._opened(channels))

    def _wanted(self) -> set[str]:
        asked = {"stdin": self.streams.stdin, "stdout": self.streams.stdout, "resize": self.streams.tty,
                 "stderr": self.streams.stderr and not self.streams.tty}  # fmt: skip
        return {"error", *(name for name, wanted in asked.items() if wanted)}

    async def _opened(self, channels: OverSpdy) -> None:
        async with asyncio.timeout(STREAMS_SECONDS):
            await channels.complete.wait()
        await self._run(channels)

    async def _run(self, channels: Channels) -> None:
        try:
            taken = await self.begin()
        except rt.RuntimeFailure as error:
            await channels.finish(failed(error))
            return
        helpers = [asyncio.create_task(self._sizes(channels))]
        if self.streams.stdin:
            helpers.append(asyncio.create_task(_feed(taken, channels)))
        try:
            async for stream, piece in taken.pieces(terminal=self.streams.tty):
                await channels.write(stream, piece)
            await channels.finish(exited(await self.exit_code()))
        except (rt.RuntimeFailure, TimeoutError) as error:
            await channels.finish(failed(error))
        finally:
            for helper in helpers:
                helper.cancel()
            taken.close()

    async def _sizes(self, channels: Channels) -> None:
        """A process that is just beginning has no terminal yet."""
        async for size in channels.sizes():
            for _ in range(SIZE_TRIES):
                try:
                    await self.resize(size["Width"], size["Height"])
                    break
                except rt.RuntimeFailure:
                    await asyncio.sleep(SIZE_SECONDS)


async def _feed(taken: Taken, channels: Channels) -> None:
    async for piece in channels.stdin():
        await taken.send(piece)
    taken.no_more()


async def _either(*works: Awaitable[None]) -> None:
    """Whoever ends first ends the others: the client went away, or the process did. The last is heard out."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _size(raw: bytes) -> Mapping[str, int] | None:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        found = orjson.loads(raw)
        return {"Width": int(found["Width"]), "Height": int(found["Height"])}
    return None


@dataclass
class OverSpdy:
    """A stream for each channel, opened by the client in any order."""

    wanted: set[str]
    streams: dict[str, Stream] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, stream: Stream) -> None:
        self.streams[stream.headers.get("streamtype", "")] = stream
        if self.wanted <= self.streams.keys():
            self.complete.set()

    async def stdin(self) -> AsyncIterator[bytes]:
        while piece := await self.streams["stdin"].read():
            yield piece

    async def sizes(self) -> AsyncIterator[Mapping[str, int]]:
        stream = self.streams.get("resize")
        while stream is not None and (raw := await stream.read()):
            for line in raw.splitlines():
                if (size := _size(line)) is not None:
                    yield size

    async def write(self, channel: int, data: bytes) -> None:
        stream = self.streams.get("stdout" if channel == STDOUT else "stderr")
        if stream is not None:
            await stream.write(data)

    async def finish(self, status: Mapping[str, Any]) -> None:
        for name in ("stdin", "resize"):
            if (stream := self.streams.get(name)) is not None:
                stream.ignore()
        for name in ("stdout", "stderr"):
            if (stream := self.streams.get(name)) is not None:
                await stream.end()
        await self.streams["error"].write(orjson.dumps(status))
        await self.streams["error"].end()


class OverWebSocket:
    """One byte tells the channel."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._stdin: asyncio.Queue[bytes | None] = asyncio.Queue(16)
        self._sizes: asyncio.Queue[Mapping[str, int]] = asyncio.Queue(16)
        self._done = False

    async def receive(self) -> None:
        """Until the client is gone."""
        while (message := await self._socket.receive()) is not None:
            channel, data = message
            if self._done:
                continue
            if channel == STDIN and data:
                await self._stdin.put(data)
            elif channel == CLOSE_CHANNEL and data[:1] == bytes((STDIN,)):
                await self._stdin.put(None)
            elif channel == RESIZE and (size := _size(data)) is not None:
                await self._sizes.put(size)

    async def stdin(self) -> AsyncIterator[bytes]:
        while (piece := await self._stdin.get()) is not None:
            yield piece

    async def sizes(self) -> AsyncIterator[Mapping[str, int]]:
        while True:
            yield await self._sizes.get()

    async def write(self, channel: int, data: bytes) -> None:
        await self._socket.send(channel, data)

    async def finish(self, status: Mapping[str, Any]) -> None:
        self._done = True
        await self._socket.send(ERROR, orjson.dumps(status))
        await self._socket.close()
