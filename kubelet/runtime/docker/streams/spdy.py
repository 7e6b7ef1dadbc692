"""SPDY/3.1, as much of it as kubectl speaks: streams that the client opens, each with headers, within one connection.

    control frame   80 03 | type (2) | flags (1) | length (3) | …
    data frame      stream (4)       | flags (1) | length (3) | …

* A stream that nobody reads holds up the whole connection, and with it the client: whoever is done says `ignore`.
* There is no flow control per stream: Go's implementation has none, and would not understand it.
Real Kubernetes: apimachinery's httpstream/spdy over moby/spdystream. Left out: streams that the server opens, settings.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable, Mapping

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GO_AWAY = 1, 2, 3, 6, 7
FIN = 1
CONTROL = 0x8003
LONGEST_DATA = 1 << 15
MOST_HEADERS = 1 << 18
MOST_PIECES = 16

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status|200 OK|version HTTP/1.1 url public set-cookie "
    "keep-alive origin"
)
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
    "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _dictionary() -> bytes:
    """What both ends' compressors know before the first header."""
    groups = _WORDS.split("|")
    words = [*groups[0].split(" "), groups[1], *groups[2].split(" ")]
    return b"".join(struct.pack(">I", len(word)) + word.encode() for word in words) + _REST.encode()


def pack_headers(headers: Mapping[str, str]) -> bytes:
    parts = [struct.pack(">I", len(headers))]
    for text in (text for pair in headers.items() for text in pair):
        parts.append(struct.pack(">I", len(text.encode())) + text.encode())
    return b"".join(parts)


def unpack_headers(raw: bytes) -> dict[str, str]:
    """Raises ValueError for what is cut off."""
    texts: list[str] = []
    (count,) = struct.unpack_from(">I", raw)
    at = 4
    for _ in range(2 * count):
        if at + 4 > len(raw):
            raise ValueError("headers are cut off")
        (size,) = struct.unpack_from(">I", raw, at)
        texts.append(raw[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return dict(zip(texts[::2], texts[1::2], strict=True))


class Stream:
    """One of the client's: what it says is read, what it shall hear is written."""

    def __init__(self, connection: Connection, number: int, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self._connection, self._number = connection, number
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(MOST_PIECES)
        self._ignored = self._ended = False

    async def read(self) -> bytes:
        """The next piece; b"" at the end."""
        if self._ended and self._pieces.empty():
            return b""
        return await self._pieces.get()

    async def heard(self, data: bytes) -> None:
        if not self._ignored:
            await self._pieces.put(data)

    async def heard_end(self) -> None:
        if not self._ended and not self._ignored:
            await self._pieces.put(b"")
        self._ended = True

    def ignore(self) -> None:
        """What else the client says here does not matter."""
        self._ignored = True
        while not self._pieces.empty():
            self._pieces.get_nowait()

    async def write(self, data: bytes) -> None:
        for at in range(0, len(data), LONGEST_DATA):
            await self._connection.send_data(self._number, data[at : at + LONGEST_DATA])

    async def end(self) -> None:
        """Nothing more will be written."""
        await self._connection.send_data(self._number, b"", FIN)


class Connection:
    """The server's end. Streams are handed to `on_stream` as they come."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_stream: Callable[[Stream], None]
    ) -> None:
        self._reader, self._writer, self._on_stream = reader, writer, on_stream
        self._packer = zlib.compressobj(zdict=_dictionary())
        self._unpacker = zlib.decompressobj(zdict=_dictionary())
        self._streams: dict[int, Stream] = {}

    async def serve(self) -> None:
        """Until the client hangs up or goes away. Raises ValueError for what is no SPDY."""
        try:
            while await self._frame():
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise ValueError(str(error)) from error
        finally:
            for stream in self._streams.values():
                stream.ignore()

    async def _frame(self) -> bool:
        first, second = struct.unpack(">II", await self._reader.readexactly(8))
        flags, size = second >> 24, second & 0xFFFFFF
        if not first >> 31:
            await self._data(first, flags, size)
            return True
        body = await self._reader.readexactly(size)
        if first >> 16 != CONTROL:
            raise ValueError("not SPDY/3")
        return await self._control(first & 0xFFFF, flags, body)

    async def _data(self, number: int, flags: int, size: int) -> None:
        stream = self._streams.get(number)
        while size:
            piece = await self._reader.readexactly(min(size, LONGEST_DATA))
            size -= len(piece)
            if stream is not None:
                await stream.heard(piece)
        if flags & FIN and stream is not None:
            await stream.heard_end()

    async def _control(self, kind: int, flags: int, body: bytes) -> bool:
        if kind == SYN_STREAM:
            (number,) = struct.unpack_from(">I", body)
            raw = self._unpacker.decompress(body[10:], MOST_HEADERS)
            stream = self._streams[number] = Stream(self, number, unpack_headers(raw))
            reply = self._packer.compress(pack_headers({})) + self._packer.flush(zlib.Z_SYNC_FLUSH)
            await self._send_control(SYN_REPLY, struct.pack(">I", number) + reply)
            if flags & FIN:
                await stream.heard_end()
            self._on_stream(stream)
        elif kind == RST_STREAM:
            (number,) = struct.unpack_from(">I", body)
            if (stream := self._streams.pop(number, None)) is not None:
                await stream.heard_end()
        elif kind == PING:
            await self._send_control(PING, body)
        return kind != GO_AWAY

    async def _send_control(self, kind: int, body: bytes) -> None:
        self._writer.write(struct.pack(">II", CONTROL << 16 | kind, len(body)) + body)
        await self._writer.drain()

    async def send_data(self, number: int, data: bytes, flags: int = 0) -> None:
        self._writer.write(struct.pack(">II", number, flags << 24 | len(data)) + data)
        await self._writer.drain()
