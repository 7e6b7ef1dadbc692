"""HTTP/1.1 as plain as it gets: what is sent goes out as it is, so that a request may be wrong in every way."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from tests.fuzz.requests import Request

BODYLESS = (101, 204, 304)
LONG_ENOUGH = 64 * 1024
"""So much of an endless answer tells enough."""


@dataclass(frozen=True)
class Answer:
    """What came back; `closed` when nothing did."""

    status: int
    body: bytes = b""
    closed: bool = False


class Wire:
    """One connection, opened again whenever the server has ended it."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._port, self._context = port, context
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Request) -> Answer:
        """The answer to one request. Raises TimeoutError of whoever waits around it."""
        for fresh in (False, True):
            if fresh or self._streams is None:
                await self.close()
                self._streams = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._context)
            try:
                return await self._exchange(request)
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                continue
        await self.close()
        return Answer(0, closed=True)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: Request) -> Answer:
        reader, writer = self._streams  # type: ignore[misc]  # send() opened it
        lines = [f"{request.method} {request.path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if request.body is not None:
            lines.append(f"Content-Length: {len(request.body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + (request.body or b""))
        await writer.drain()
        status, headers = await _head(reader)
        if request.method.upper() == "HEAD" or status in BODYLESS:
            body, ends = b"", status == 101
        else:
            body, ends = await _body(reader, headers)
        if ends or headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(status, body)


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    return int(head[0].split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> tuple[bytes, bool]:
    """The body, and whether the connection is of no more use."""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"])), False
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read(LONG_ENOUGH), True
    body = b""
    while len(body) < LONG_ENOUGH:
        size = int(await reader.readuntil(b"\r\n"), 16)
        body += (await reader.readexactly(size + 2))[:-2]
        if not size:
            return body, False
    return body, True
