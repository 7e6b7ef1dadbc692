"""500 watchers in one process: TLS connections that count frames and note when each first came. Nothing is decoded."""

from __future__ import annotations

import asyncio
import ssl
import time

END_OF_FRAME = b"}\n"


class Watch(asyncio.Protocol):
    """One watch: how many events it got, and when the last bytes of them came."""

    def __init__(self, path: str) -> None:
        self.events = 0
        self.last = 0.0
        self.opened = asyncio.get_running_loop().create_future()
        self._path = path

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        request = f"GET {self._path} HTTP/1.1\r\nHost: bench\r\n\r\n"
        transport.write(request.encode())  # type: ignore[attr-defined]  # a TCP transport

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self.opened.set_result(data.split(b"\r\n", 1)[0])
        self.events += data.count(END_OF_FRAME)
        self.last = time.monotonic()


class Watchers:
    """`async with Watchers(...)`: all of them are being served."""

    def __init__(self, port: int, path: str, context: ssl.SSLContext, *, count: int) -> None:
        self._where = port, path, context
        self._count = count
        self.all: list[Watch] = []

    async def __aenter__(self) -> Watchers:
        port, path, context = self._where
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            _, watch = await loop.create_connection(lambda: Watch(path), "127.0.0.1", port, ssl=context)
            self.all.append(watch)
            assert b" 200 " in await watch.opened
        return self

    async def __aexit__(self, *_: object) -> None:
        for watch in self.all:
            watch.transport.close()

    async def have(self, events: int, *, within: float = 60.0) -> None:
        """Until every watch has had so many events."""
        deadline = time.monotonic() + within
        while min(watch.events for watch in self.all) < events:
            if time.monotonic() > deadline:
                raise TimeoutError(f"some of {len(self.all)} watches lack events")
            await asyncio.sleep(0.005)
