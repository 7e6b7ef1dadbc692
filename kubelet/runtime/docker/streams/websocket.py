"""The server's end of a WebSocket (RFC 6455) that carries Kubernetes' channels: the first byte of a message names one.

Real Kubernetes: apimachinery's httpstream/wsstream. Left out: text messages (base64), extensions.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct

CONTINUED, BINARY, TEXT, CLOSE, PING, PONG = 0, 2, 1, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LONGEST_MESSAGE = 1 << 24
NORMAL = 1000
CLOSE_CHANNEL = 255
"""From version 5 on a message on this channel names another that the client has closed."""


def accept(key: str) -> str:
    """The answer to Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


def unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def framed(kind: int, data: bytes) -> bytes:
    size = len(data)
    if size < 126:
        head = struct.pack(">BB", 0x80 | kind, size)
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | kind, 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | kind, 127, size)
    return head + data


class WebSocket:
    """Messages by channel. `receive` answers pings and the good-bye by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, channel: int, data: bytes) -> None:
        self._writer.write(framed(BINARY, bytes((channel,)) + data))
        await self._writer.drain()

    async def close(self) -> None:
        self._writer.write(framed(CLOSE, struct.pack(">H", NORMAL)))
        await self._writer.drain()

    async def receive(self) -> tuple[int, bytes] | None:
        """(channel, data) of the next message; None when the client is gone. Raises ValueError for nonsense."""
        whole = b""
        try:
            while True:
                final, kind, data = await self._frame()
                if kind == PING:
                    self._writer.write(framed(PONG, data))
                elif kind == CLOSE:
                    return None
                elif kind in (BINARY, TEXT, CONTINUED):
                    whole += data
                    if len(whole) > LONGEST_MESSAGE:
                        raise ValueError("the message is too long")
                    if final and whole:
                        return whole[0], whole[1:]
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def _frame(self) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self._reader.readexactly(8))
        if not second & 0x80 or size > LONGEST_MESSAGE:
            raise ValueError("a frame without a mask, or too long")
        mask = await self._reader.readexactly(4)
        return bool(first & 0x80), first & 0x0F, unmasked(await self._reader.readexactly(size), mask)
