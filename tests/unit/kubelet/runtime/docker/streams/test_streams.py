"""The streaming server with clients written here, byte by byte, and something simple on the other side."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from kubelet.runtime import interface as rt
from kubelet.runtime.docker.streams import spdy, websocket
from kubelet.runtime.docker.streams.port_forward import PortForward
from kubelet.runtime.docker.streams.remote_command import RemoteCommand
from kubelet.runtime.docker.streams.server import StreamServer, chosen, parse_head

DICTIONARY_ID = 0xE3C6A7C2
"""What RFC 1950 calls the dictionary of SPDY/3; a stream that was packed with another one says so."""

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""RFC 6455's own example."""


class Echo:
    """Stands for a process: what goes in comes out, as Docker frames it."""

    def __init__(self, code: int = 0) -> None:
        self.code, self.sizes, self.closed = code, [], False
        self.pipe: asyncio.Queue[bytes] = asyncio.Queue()

    async def begin(self) -> Echo:
        return self

    async def pieces(self, *, terminal: bool = False) -> AsyncIterator[tuple[int, bytes]]:
        while piece := await self.pipe.get():
            yield 2 if piece.startswith(b"!") else 1, piece

    async def send(self, data: bytes) -> None:
        self.pipe.put_nowait(data)

    def no_more(self) -> None:
        self.pipe.put_nowait(b"")

    def close(self) -> None:
        self.closed = True

    async def resize(self, width: int, height: int) -> None:
        self.sizes.append((width, height))

    async def exit_code(self) -> int:
        return self.code

    def command(self, streams: rt.Streams) -> RemoteCommand:
        return RemoteCommand(streams, self.begin, self.resize, self.exit_code)  # type: ignore[arg-type]


@pytest.fixture
async def server() -> AsyncIterator[StreamServer]:
    server = StreamServer()
    yield server
    await server.close()


class Client:
    """One upgraded connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self.reader, self.writer, self.head = reader, writer, head
        self.packer = zlib.compressobj(zdict=spdy._dictionary())

    def frame(self, kind: int, body: bytes, flags: int = 0) -> None:
        self.writer.write(struct.pack(">II", spdy.CONTROL << 16 | kind, flags << 24 | len(body)) + body)

    def open(self, number: int, **headers: str) -> None:
        packed = self.packer.compress(spdy.pack_headers(headers)) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        self.frame(spdy.SYN_STREAM, struct.pack(">IIH", number, 0, 0) + packed)

    def say(self, number: int, data: bytes, flags: int = 0) -> None:
        self.writer.write(struct.pack(">II", number, flags << 24 | len(data)) + data)

    async def heard(self) -> dict[int, bytes]:
        """What was written on each stream, until all that were opened are over."""
        found: dict[int, bytes] = {}
        while True:
            try:
                first, second = struct.unpack(">II", await self.reader.readexactly(8))
            except asyncio.IncompleteReadError:
                return found
            data = await self.reader.readexactly(second & 0xFFFFFF)
            if not first >> 31:
                found[first] = found.get(first, b"") + data
            elif first & 0xFFFF == spdy.PING:
                found[0] = data

    def message(self, channel: int, data: bytes) -> None:
        payload = bytes((channel,)) + data
        mask = b"abcd"
        raw = websocket.framed(websocket.BINARY, payload)
        head = raw[: len(raw) - len(payload)]
        self.writer.write(bytes((head[0], head[1] | 0x80)) + head[2:] + mask + websocket.unmasked(payload, mask))

    async def messages(self) -> list[tuple[int, bytes]]:
        """(channel, data) until the server says good-bye."""
        found = []
        while True:
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack(">H", await self.reader.readexactly(2))
            data = await self.reader.readexactly(size)
            if first & 0x0F == websocket.CLOSE:
                return found
            found.append((data[0], data[1:]))


async def connect(url: str, upgrade: str, **headers: str) -> Client:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    lines = [f"POST {place.path} HTTP/1.1", "Host: x", "Connection: Upgrade", f"Upgrade: {upgrade}",
             *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]  # fmt: skip
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    return Client(reader, writer, head)


async def spdy_client(url: str, protocol: str = "v4.channel.k8s.io") -> Client:
    return await connect(url, "SPDY/3.1", X_Stream_Protocol_Version=protocol)


async def websocket_client(url: str, protocol: str = "v4.channel.k8s.io") -> Client:
    return await connect(url, "websocket", Sec_WebSocket_Key=KEY, Sec_WebSocket_Protocol=protocol)


def test_the_dictionary() -> None:
    assert zlib.adler32(spdy._dictionary()) == DICTIONARY_ID and len(spdy._dictionary()) == 1423


def test_headers() -> None:
    assert spdy.unpack_headers(spdy.pack_headers({"port": "80", "ü": "é"})) == {"port": "80", "ü": "é"}
    with pytest.raises(ValueError, match="cut off"):
        spdy.unpack_headers(b"\0\0\0\1")
    raw = b"GET /a?b HTTP/1.1\r\nUpgrade: x\r\nP: one\r\nP: two\r\n\r\n"
    assert parse_head(raw) == ("/a", {"upgrade": "x", "p": "one, two"})
    assert chosen(("v5", "v4"), "v3, v4") == "v4" and chosen(("v5",), "v3") == ""
    assert websocket.accept(KEY) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


async def test_a_command_over_spdy(server: StreamServer) -> None:
    echo = Echo(7)
    client = await spdy_client(await server.address("exec", echo.command(rt.Streams(True, True, True))))
    assert "101" in client.head and "v4.channel.k8s.io" in client.head
    for number, name in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
        client.open(number, streamtype=name)
    client.frame(spdy.PING, b"\0\0\0\x01")
    client.say(3, b"hello")
    client.say(3, b"!oops", spdy.FIN)
    heard = await client.heard()
    status = json.loads(heard[1])
    assert (heard[5], heard[7], heard[0]) == (b"hello", b"!oops", b"\0\0\0\x01") and echo.closed
    assert status["reason"] == "NonZeroExitCode"
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "7"}]


@pytest.mark.parametrize("protocol", ["v4.channel.k8s.io", "v5.channel.k8s.io, v4.channel.k8s.io"])
async def test_a_command_over_websocket(server: StreamServer, protocol: str) -> None:
    echo = Echo()
    work = echo.command(rt.Streams(True, True, tty=True))
    client = await websocket_client(await server.address("exec", work), protocol)
    assert f"Protocol: {protocol[:2]}" in client.head
    client.message(4, b'{"Width": 80, "Height": 24}')
    client.message(0, b"x" * 300)
    if protocol.startswith("v5"):
        client.message(websocket.CLOSE_CHANNEL, b"\0")
    else:
        echo.no_more()
    messages = await client.messages()
    assert json.loads(messages[-1][1])["status"] == "Success" and messages[-1][0] == 3
    assert protocol.startswith("v4") or messages[0] == (1, b"x" * 300)
    assert echo.sizes in ([], [(80, 24)])


async def test_what_could_not_begin(server: StreamServer) -> None:
    async def begin() -> Any:
        raise rt.RuntimeFailure("no such container")

    work = RemoteCommand(rt.Streams(stdout=True), begin, Echo().resize, Echo().exit_code)
    client = await websocket_client(await server.address("exec", work))
    ((channel, status),) = await client.messages()
    assert channel == 3 and "no such container" in json.loads(status)["message"]


async def test_who_hangs_up_ends_it(server: StreamServer) -> None:
    echo = Echo()
    client = await websocket_client(await server.address("exec", echo.command(rt.Streams(stdout=True))))
    client.writer.close()
    async with asyncio.timeout(60):
        while not echo.closed:
            await asyncio.sleep(0.01)


async def test_an_address_is_good_once_and_for_those_who_ask_right(server: StreamServer) -> None:
    url = await server.address("exec", Echo().command(rt.Streams(stdout=True)))
    assert "400" in (await connect(url, "other")).head and "404" in (await spdy_client(url)).head
    for upgrade in (spdy_client, websocket_client):
        url = await server.address("exec", Echo().command(rt.Streams(stdout=True)))
        assert "403" in (await upgrade(url, "v1")).head


@pytest.fixture
async def upper() -> AsyncIterator[int]:
    """A port that says everything louder."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read(100)).upper())
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


async def here(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def test_ports_over_spdy(server: StreamServer, upper: int) -> None:
    url = await server.address("portforward", PortForward(here, ()))
    client = await spdy_client(url, "portforward.k8s.io")
    for first, request, port in ((1, "0", upper), (5, "1", 1)):
        for number, kind in ((first, "error"), (first + 2, "data")):
            client.open(number, streamtype=kind, port=str(port), requestid=request)
    client.say(3, b"hi")
    client.say(7, b"nobody there")
    heard: dict[int, bytes] = {}
    async with asyncio.timeout(60):
        while not {3, 5} <= heard.keys():
            heard |= await _some(client)
    assert heard[3] == b"HI" and heard[5].endswith(b"dial tcp 127.0.0.1:1: connect: connection refused")


async def _some(client: Client) -> dict[int, bytes]:
    first, second = struct.unpack(">II", await client.reader.readexactly(8))
    data = await client.reader.readexactly(second & 0xFFFFFF)
    return {first: data} if not first >> 31 and data else {}


async def test_a_port_over_websocket(server: StreamServer, upper: int) -> None:
    client = await websocket_client(await server.address("portforward", PortForward(here, (upper,))))
    client.message(0, b"hi")
    port = upper.to_bytes(2, "little")
    assert await client.messages() == [(0, port), (1, port), (0, b"HI")]
