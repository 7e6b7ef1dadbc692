"""Pipes between a client and a target: nothing lost, nothing hoarded, nothing left open. With and without TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from machinery.component.upgrade import Target, is_upgrade, kept, pass_on, read_answer
from tests.support.pki import Authority

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Talk = Callable[[Reader, Writer], Awaitable[None]]
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: yes\r\n\r\n"
HEAD = b"GET /there?a=b HTTP/1.1\r\nHost: front\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" \
       b"Authorization: Bearer secret\r\nX-Mine: 1\r\n\r\n"  # fmt: skip
MEGABYTE = 1 << 20


class Front:
    """A server that passes every request on to a target whose conversation the test gives."""

    def __init__(self, folder: Path, *, secure: bool) -> None:
        self._authority = Authority(folder) if secure else None
        self.heads: list[bytes] = []
        self.outcomes: list[object] = []
        self.finished = asyncio.Event()

    @contextlib.asynccontextmanager
    async def before(self, talk: Talk) -> AsyncIterator[tuple[Reader, Writer]]:
        """A client's connection to the front."""
        async def converse(reader: Reader, writer: Writer) -> None:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await talk(reader, writer)
                writer.close()

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            assert is_upgrade(request)
            target = Target("127.0.0.1", back.sockets[0].getsockname()[1], request.raw_path, self._client_context())
            try:
                return await pass_on(request, target, ("X-Extra", "2"))
            except OSError as error:
                return web.Response(status=503, text=str(error))
            finally:
                self.finished.set()

        back = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=self._server_context("back"))
        runner = web.ServerRunner(web.Server(handle), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._server_context("front")).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2], ssl=self._client_context())
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            back.close()
            await runner.cleanup()

    def _server_context(self, name: str) -> ssl.SSLContext | None:
        if self._authority is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        pair = self._authority.issue(name)
        context.load_cert_chain(pair.cert, pair.key)
        return context

    def _client_context(self) -> ssl.SSLContext | None:
        if self._authority is None:
            return None
        return ssl.create_default_context(cafile=str(self._authority.ca.cert))


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Front:
    return Front(tmp_path, secure=request.param)


async def echo(reader: Reader, writer: Writer) -> None:
    writer.write(SWITCHING)
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def test_the_head_goes_on_without_our_credentials_and_the_answer_comes_as_it_is(front: Front) -> None:
    async with front.before(echo) as (reader, writer):
        writer.write(HEAD)
        assert await reader.readexactly(len(SWITCHING)) == SWITCHING
        lines = front.heads[0].decode().split("\r\n")
        assert lines[0] == "GET /there?a=b HTTP/1.1" and {"X-Mine: 1", "X-Extra: 2"} <= set(lines)
        assert "secret" not in front.heads[0].decode() and "Host: front" not in lines


def test_credentials_and_identities_stay_here() -> None:
    headers = [
        ("Authorization", "Bearer x"), ("Impersonate-User", "jane"), ("impersonate-extra-team", "red"),
        ("X-Remote-User", "jane"), ("Accept", "a"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.eA, v5.channel.k8s.io"),
    ]  # fmt: skip
    assert list(kept(headers)) == [
        ("Accept", "a"), ("Upgrade", "websocket"), ("Sec-WebSocket-Protocol", "v5.channel.k8s.io"),
    ]  # fmt: skip


async def test_what_a_client_says_at_once_is_heard(front: Front) -> None:
    async with front.before(echo) as (reader, writer):
        writer.write(HEAD + b"early")
        assert await reader.readexactly(len(SWITCHING) + 5) == SWITCHING + b"early"


async def test_a_request_with_a_body(front: Front) -> None:
    async def read_body(reader: Reader, writer: Writer) -> None:
        assert await reader.readexactly(5) == b"hello"
        await echo(reader, writer)

    async with front.before(read_body) as (reader, writer), asyncio.timeout(60):
        writer.write(HEAD.replace(b"GET", b"POST").replace(b"X-Mine: 1", b"Content-Length: 5") + b"hello")
        assert await reader.readexactly(len(SWITCHING)) == SWITCHING
        writer.write(b"more")
        assert await reader.readexactly(4) == b"more"


async def test_what_a_target_says_at_once_is_heard(front: Front) -> None:
    async def hasty(reader: Reader, writer: Writer) -> None:
        writer.write(SWITCHING + b"first")

    async with front.before(hasty) as (reader, writer):
        writer.write(HEAD)
        assert await reader.read() == SWITCHING + b"first"
        await front.finished.wait()


async def test_much_in_both_directions(front: Front) -> None:
    async with front.before(echo) as (reader, writer), asyncio.timeout(60):
        writer.write(HEAD)
        await reader.readexactly(len(SWITCHING))
        block = bytes(range(256)) * (MEGABYTE // 256)

        async def send() -> None:
            for _ in range(8):
                writer.write(block)
                await writer.drain()

        sending = asyncio.create_task(send())
        for _ in range(8):
            assert await reader.readexactly(MEGABYTE) == block
        await sending


async def test_a_client_that_does_not_listen_slows_the_target_down(front: Front) -> None:
    sent = 0

    async def talkative(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        writer.write(SWITCHING)
        for _ in range(64):
            writer.write(bytes(MEGABYTE))
            await writer.drain()
            sent += 1

    async with front.before(talkative) as (reader, writer), asyncio.timeout(60):
        writer.write(HEAD)
        await reader.readexactly(len(SWITCHING))
        before = -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.2)
        assert sent < 32, "the rest is still at the target, not in our memory"
        await reader.readexactly(64 * MEGABYTE)


async def test_a_client_that_leaves_ends_the_pipe(front: Front) -> None:
    left = asyncio.Event()

    async def patient(reader: Reader, writer: Writer) -> None:
        writer.write(SWITCHING)
        await reader.read()
        left.set()

    async with front.before(patient) as (reader, writer), asyncio.timeout(60):
        writer.write(HEAD)
        await reader.readexactly(len(SWITCHING))
        writer.transport.abort()
        await left.wait()
        await front.finished.wait()


async def test_a_refusal_is_an_ordinary_answer(front: Front) -> None:
    async def refuse(reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nX-Why: no\r\n\r\nnot this protocol")

    async with front.before(refuse) as (reader, writer):
        writer.write(HEAD)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 403") and answer.endswith(b"\r\n\r\nnot this protocol")
        assert b"X-Why: no" in answer


async def test_a_target_that_says_nothing(front: Front) -> None:
    async def silent(reader: Reader, writer: Writer) -> None:
        return None

    async with front.before(silent) as (reader, writer):
        writer.write(HEAD)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 503")


LENGTH = b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n"
CHUNKS = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


@pytest.mark.parametrize(
    ("raw", "ended", "body"),
    [
        (LENGTH + b"hel", False, None),
        (LENGTH + b"hel", True, b"hel"),
        (LENGTH + b"hello", False, b"hello"),
        (CHUNKS, False, None),
        (CHUNKS + b"0\r\n\r\n", False, b"hello"),
        (b"HTTP/1.1 403 No\r\n\r\nhello", False, None),
        (b"HTTP/1.1 403 No\r\n\r\nhello", True, b"hello"),
        (b"HTTP/1.1 4", False, None),
    ],
)
def test_answers_in_parts(raw: bytes, ended: bool, body: bytes | None) -> None:
    answer = read_answer(raw, ended=ended)
    assert (answer.body if answer else None) == body
