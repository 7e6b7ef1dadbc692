"""A streaming server on the node's loopback, as CRI runtimes have one: each address is good for one connection.

An address that nobody came to is forgotten after a minute. The server is there from the first exec on.
Real Kubernetes: kubelet/pkg/cri/streaming/server.go, which dockershim used. Left out: TLS; SPDY inside WebSocket, which
clients fall back from.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol

from kubelet.runtime.docker.streams.websocket import WebSocket, accept

log = logging.getLogger(__name__)

LONGEST_HEAD = 1 << 16
HEAD_SECONDS = 30.0
TOKEN_SECONDS = 60.0
LINGER_SECONDS = 5.0
BLOCK = 1 << 16
SPDY = "SPDY/3.1"
PROTOCOL_HEADER = "X-Stream-Protocol-Version"


class Work(Protocol):
    """What a client is connected to."""

    websocket_protocols: tuple[str, ...]
    spdy_protocols: tuple[str, ...]

    async def over_websocket(self, socket: WebSocket, protocol: str) -> None: ...

    async def over_spdy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


class _No(Exception):
    """Why a client is not let in."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_head(raw: bytes) -> tuple[str, dict[str, str]]:
    """(path, headers by lower-case name, repeated ones joined by commas). Raises ValueError."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    _, target, _ = first.split(" ")
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return target.partition("?")[0], headers


def chosen(ours: Sequence[str], offered: str) -> str:
    """The best of ours that the client knows, too; "" if there is none."""
    theirs = {name.strip() for name in offered.split(",")}
    return next((name for name in ours if name in theirs), "")


class StreamServer:
    """Made empty; `address` opens its port."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._works: dict[str, Work] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def address(self, kind: str, work: Work) -> str:
        if self._server is None:
            self._server = await asyncio.start_server(self._come, "127.0.0.1", 0, limit=LONGEST_HEAD)
        token = secrets.token_urlsafe(12)
        self._works[f"/{kind}/{token}"] = work
        asyncio.get_running_loop().call_later(TOKEN_SECONDS, self._works.pop, f"/{kind}/{token}", None)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{kind}/{token}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._connect(reader, writer)
            await _linger(reader, writer)
        except _No as refusal:
            body = str(refusal).encode()
            phrase = http.HTTPStatus(refusal.code).phrase
            head = f"HTTP/1.1 {refusal.code} {phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        except (ValueError, TimeoutError, ConnectionError, asyncio.IncompleteReadError) as error:
            log.info("a stream ended early: %s", error)
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            path, headers = parse_head(await reader.readuntil(b"\r\n\r\n"))
        work = self._works.pop(path, None)
        if work is None:
            raise _No(404, "there is no such stream, or somebody has it already")
        if headers.get("upgrade", "").lower() == "websocket":
            protocol = chosen(work.websocket_protocols, headers.get("sec-websocket-protocol", ""))
            if not protocol:
                raise _No(403, "unable to upgrade: no protocol of these is known here")
            switched = {"Upgrade": "websocket", "Sec-WebSocket-Accept": accept(headers.get("sec-websocket-key", "")),
                        "Sec-WebSocket-Protocol": protocol}  # fmt: skip
            await _switch(writer, switched)
            await work.over_websocket(WebSocket(reader, writer), protocol)
            return
        if headers.get("upgrade", "").lower() != SPDY.lower():
            raise _No(400, "Upgrade request required")
        protocol = chosen(work.spdy_protocols, headers.get(PROTOCOL_HEADER.lower(), ""))
        if not protocol:
            raise _No(403, "unable to upgrade: unable to negotiate protocol")
        await _switch(writer, {"Upgrade": SPDY, PROTOCOL_HEADER: protocol})
        await work.over_spdy(reader, writer)


async def _switch(writer: asyncio.StreamWriter, headers: Mapping[str, str]) -> None:
    lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await writer.drain()


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The client hangs up when it has heard everything: hanging up on what it still says would cost our last words."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(BLOCK):
                pass
