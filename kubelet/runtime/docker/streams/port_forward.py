"""port-forward: each connection of the client's becomes one to a port inside the pod, on its own loopback.

SPDY: a pair of streams (error, data) with the same `requestid`. WebSocket: two channels for each port (data, error),
on which the server first says the port. Real Kubernetes: kubelet/pkg/cri/streaming/portforward.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from kubelet.runtime import interface as rt
from kubelet.runtime.docker.streams.spdy import Connection, Stream
from kubelet.runtime.docker.streams.websocket import WebSocket

CLONE_NEWNET = 0x40000000
BLOCK = 1 << 16
V4 = "v4.channel.k8s.io"
SPDY = "portforward.k8s.io"

Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[int], Awaitable[Pipe]]


def _socket_inside(process: int, family: int) -> socket.socket:
    """A socket belongs to the network in which it was made; this thread is there for that moment only."""
    libc = ctypes.CDLL(None, use_errno=True)
    home, there = (os.open(f"/proc/{who}/ns/net", os.O_RDONLY) for who in ("thread-self", process))
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return socket.socket(family)
        finally:
            libc.setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
        os.close(there)


async def dial(process: int, port: int) -> Pipe:
    """Raises OSError in the words of whoever refused last."""
    refused: OSError | None = None
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            made = await asyncio.to_thread(_socket_inside, process, family)
        except OSError as error:
            refused = refused or error
            continue
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, port))
            return await asyncio.open_connection(sock=made)
        except OSError as error:
            made.close()
            refused = refused or error
    raise refused or OSError("nowhere to connect to")


def complaint(port: int, error: Exception) -> bytes:
    why = os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else error
    return f"error forwarding port {port} inside the pod: dial tcp 127.0.0.1:{port}: connect: {why}".encode()


@dataclass
class PortForward:
    """The connections of one client. `ports` are those that a WebSocket client named beforehand."""

    dial: Dial
    ports: tuple[int, ...]
    websocket_protocols = (V4,)
    spdy_protocols = (SPDY,)
    _pairs: dict[str, dict[str, Stream]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def over_spdy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Connection(reader, writer, self._add).serve()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _add(self, stream: Stream) -> None:
        request = stream.headers.get("requestid", "")
        pair = self._pairs.setdefault(request, {})
        pair[stream.headers.get("streamtype", "")] = stream
        if {"data", "error"} <= pair.keys():
            del self._pairs[request]
            self._start(_pass_streams(self.dial, pair["data"], pair["error"]))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def over_websocket(self, web: WebSocket, protocol: str) -> None:
        ends = [_WebEnd(self.dial, web, number, port) for number, port in enumerate(self.ports)]
        for end in ends:
            await end.greet()
            self._start(end.run())
        try:
            while (message := await web.receive()) is not None:
                channel, data = message
                if channel % 2 == 0 and channel // 2 < len(ends):
                    await ends[channel // 2].heard(data)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_streams(dial: Dial, data: Stream, error: Stream) -> None:
    """One connection, until both of its ends are done."""
    port = int(data.headers.get("port", "0"))
    try:
        reader, writer = await dial(port)
    except (OSError, rt.RuntimeFailure) as refused:
        data.ignore()
        await error.write(complaint(port, refused))
        await error.end()
        await data.end()
        return
    to_pod = asyncio.ensure_future(_to_pod(data, writer))
    try:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(BLOCK):
                await data.write(piece)
        await data.end()
        await error.end()
    finally:
        data.ignore()
        to_pod.cancel()
        writer.close()


async def _to_pod(data: Stream, writer: asyncio.StreamWriter) -> None:
    """The pod hears the client's end, and may still answer."""
    with contextlib.suppress(OSError):
        while piece := await data.read():
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


class _WebEnd:
    """One port of a WebSocket client: one connection."""

    def __init__(self, dial: Dial, web: WebSocket, number: int, port: int) -> None:
        self._dial, self._web, self._number, self._port = dial, web, number, port
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(16)
        self._done = False

    async def greet(self) -> None:
        for channel in (2 * self._number, 2 * self._number + 1):
            await self._web.send(channel, self._port.to_bytes(2, "little"))

    async def heard(self, data: bytes) -> None:
        if data and not self._done:
            await self._pieces.put(data)

    async def run(self) -> None:
        try:
            reader, writer = await self._dial(self._port)
        except (OSError, rt.RuntimeFailure) as refused:
            self._forget()
            await self._web.send(2 * self._number + 1, complaint(self._port, refused))
            return
        to_pod = asyncio.ensure_future(self._to_pod(writer))
        try:
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(BLOCK):
                    await self._web.send(2 * self._number, piece)
        finally:
            self._forget()
            to_pod.cancel()
            writer.close()
        await self._web.close()

    def _forget(self) -> None:
        self._done = True
        while not self._pieces.empty():
            self._pieces.get_nowait()

    async def _to_pod(self, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while True:
                writer.write(await self._pieces.get())
                await writer.drain()
