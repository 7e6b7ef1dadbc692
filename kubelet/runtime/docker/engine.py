"""The Docker Engine's HTTP API over its unix socket: a call, a stream of JSON, a connection taken over.

Reads and writes nothing but that socket. Paths carry no version: the Engine answers as its newest one.
Real Kubernetes: dockershim's libdocker (now cri-dockerd). Left out: engines on other machines, TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from kubelet.runtime import interface as rt
from machinery.component.quick_aiohttp import aiohttp

DEADLINE = 120.0
LONGEST_LINE = 1 << 24
LONGEST_HEAD = 64 * 1024
SWITCHED = b" 101 "


class Refused(rt.RuntimeFailure):
    """The Engine's own words for why not. `code` is the HTTP status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"Error response from daemon: {message}")
        self.code = code


def said(raw: bytes) -> str:
    """The message of a refusal, which is JSON unless something is very wrong."""
    try:
        return str(orjson.loads(raw)["message"])
    except (ValueError, KeyError, TypeError):
        return raw.decode(errors="replace").strip()


def filters(**wanted: list[str]) -> str:
    return orjson.dumps(wanted).decode()


def named(reference: str) -> str:
    """An image's name as a part of a path."""
    return quote(reference, safe="/:@")


Body = Mapping[str, Any] | AsyncIterator[bytes] | None


class Engine:
    """One Engine; connections are made when they are needed, and again after a break."""

    def __init__(self, address: str) -> None:
        self.path = address.removeprefix("unix://")
        self._session: aiohttp.ClientSession | None = None
        self._root = ""

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.UnixConnector(path=self.path, limit=0)
            self._session = aiohttp.ClientSession(connector=connector, read_bufsize=1 << 16)
        return self._session

    def _absent(self) -> rt.Unavailable:
        return rt.Unavailable(
            f"Cannot connect to the Docker daemon at unix://{self.path}. Is the docker daemon running?"
        )

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, body: Body, *, seconds: float | None, headers: Mapping[str, str], **query: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that is no refusal."""
        more: dict[str, Any] = {"params": {key: str(value) for key, value in query.items()}}
        if isinstance(body, Mapping):
            more["data"], headers = orjson.dumps(body), {"Content-Type": "application/json", **headers}
        elif body is not None:
            more["data"], headers = body, {"Content-Type": "application/x-tar", **headers}
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._connected().request(
                method, f"http://docker{path}", headers=headers, timeout=timeout, **more
            ) as answer:
                if answer.status >= 400:
                    raise Refused(answer.status, said(await answer.read()))
                yield answer
        except TimeoutError as error:
            raise rt.RuntimeFailure(f"DeadlineExceeded: the Engine did not answer {method} {path} in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._absent() from error

    async def call(
        self, method: str, path: str, body: Body = None, *, seconds: float = DEADLINE,
        headers: Mapping[str, str] | None = None, **query: Any,
    ) -> Any:  # fmt: skip
        """One request and its answer as JSON (None for an empty one)."""
        async with self._asked(method, path, body, seconds=seconds, headers=headers or {}, **query) as answer:
            raw = await answer.read()
            return orjson.loads(raw) if raw.strip() else None

    async def get(self, path: str, **query: Any) -> Any:
        return await self.call("GET", path, **query)

    async def ensure_gone(self, method: str, path: str, *, seconds: float = DEADLINE, **query: Any) -> None:
        """A stop or a removal: what is not there, or is just going, is gone."""
        try:
            await self.call(method, path, seconds=seconds, **query)
        except Refused as refusal:
            if refusal.code != 404 and "is already in progress" not in str(refusal):
                raise

    async def stream(
        self, method: str, path: str, body: Body = None, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """An answer that comes as JSON texts, one per line, for as long as it takes."""
        async with self._asked(method, path, body, seconds=None, headers=headers or {}, **query) as answer:
            async for document in _documents(answer):
                yield document

    @asynccontextmanager
    async def following(self, path: str, **query: Any) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The same for what never ends; inside the block it has begun."""
        async with self._asked("GET", path, None, seconds=None, headers={}, **query) as answer:
            yield _documents(answer)

    async def root(self) -> str:
        """The folder where the Engine keeps everything."""
        if not self._root:
            self._root = (await self.get("/info"))["DockerRootDir"]
        return self._root

    async def take_over(self, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> Taken:
        """POST, after which the connection belongs to a process in a container."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.path)
        except OSError as error:
            raise self._absent() from error
        data = orjson.dumps(body or {})
        target = f"{path}?{urlencode(query)}" if query else path
        head = (
            f"POST {target} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        try:
            writer.write(head.encode() + data)
            async with asyncio.timeout(DEADLINE):
                answer = await reader.readuntil(b"\r\n\r\n")
                if SWITCHED not in answer.partition(b"\r\n")[0] + b" ":
                    raise await _refusal(answer, reader)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            writer.close()
            raise self._absent() from error
        except BaseException:
            writer.close()
            raise
        return Taken(reader, writer)

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _documents(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for piece in answer.content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise rt.RuntimeFailure("an answer of the Engine has no end")
        for line in filter(bytes.strip, lines):
            yield orjson.loads(line)
    if rest.strip():
        yield orjson.loads(rest)


async def _refusal(head: bytes, reader: asyncio.StreamReader) -> Refused:
    """The rest of an answer that is no switch, whose length its head tells."""
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((line.partition(":")[2] for line in lines if line.startswith("content-length:")), "0")
    body = await reader.readexactly(min(int(length), LONGEST_HEAD))
    return Refused(int(lines[0].split(" ")[1]), said(body))


class Taken:
    """A connection to a process: what it writes comes in frames, unless it has a terminal."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def pieces(self, *, terminal: bool = False) -> AsyncIterator[tuple[int, bytes]]:
        """(1 for stdout or 2 for stderr, bytes) until the process is done."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while terminal:
                piece = await self._reader.read(1 << 16)
                if not piece:
                    return
                yield 1, piece
            while True:
                head = await self._reader.readexactly(8)
                yield head[0], await self._reader.readexactly(int.from_bytes(head[4:], "big"))

    async def send(self, data: bytes) -> None:
        """No faster than the process reads. It may have ended meanwhile."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    def no_more(self) -> None:
        """The process sees the end of its input."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.write_eof()

    def close(self) -> None:
        self._writer.close()
