"""Switching protocols: a client's connection and one of our own become one pipe, byte for byte.

* `pass_on` sends a request's head to a target. Its 101 goes to the client as it came, and from then on what one end
  says the other hears, no faster than it listens. Any other answer is an ordinary answer.
* When either end closes, what was said before is still delivered, then both are closed: nothing outlives the pipe.
Real Kubernetes: apimachinery's util/proxy/upgradeaware.go. Left out: half-closed connections, limits of bandwidth.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from machinery.component.quick_aiohttp import no_system_certificates

with no_system_certificates():
    from aiohttp import web

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
LINGER_SECONDS = 10.0
HANG_UP_SECONDS = 1.0
LONGEST_ANSWER = 256 * 1024
NOT_PASSED_ON = frozenset({"host", "authorization", "transfer-encoding", "te", "trailer", "proxy-authorization"})
IDENTITIES = ("impersonate-", "x-remote-")
TOKEN_PROTOCOL = "base64url.bearer.authorization.k8s.io."

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Target:
    """Where a request goes. `path` holds the query too; `host_header` is what the target is told to be."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None = None
    host_header: str = ""
    server_name: str = ""
    """The name that its certificate must have, where that is not `host`."""

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def hang_up(transport: asyncio.Transport) -> None:
    """Close soon, whether or not the peer agrees: TLS would wait half a minute for its good-bye."""
    transport.close()
    asyncio.get_running_loop().call_later(HANG_UP_SECONDS, transport.abort)


def is_upgrade(request: web.BaseRequest) -> bool:
    """Whether the client asks for another protocol on this connection."""
    tokens = ",".join(request.headers.getall("Connection", [])).lower().split(",")
    return "upgrade" in (token.strip() for token in tokens) and bool(request.headers.get("Upgrade"))


def kept(headers: Headers) -> Iterator[tuple[str, str]]:
    """The headers that a target gets: the client's, without its credentials for us and whom it speaks for."""
    for name, value in headers:
        lower = name.lower()
        if lower in NOT_PASSED_ON or lower.startswith(IDENTITIES):
            continue
        if lower == "sec-websocket-protocol":
            offered = [each.strip() for each in value.split(",")]
            value = ", ".join(each for each in offered if not each.startswith(TOKEN_PROTOCOL))
        yield name, value


async def pass_on(request: web.BaseRequest, target: Target, *extra: tuple[str, str]) -> web.StreamResponse:
    """Ask the target for the upgrade that the client asks of us. OSError where it cannot be reached."""
    there = await _connected(target)
    try:
        body = await request.read() if request.can_read_body else b""
        there.say(_head(request, target, extra, length=len(body)) + body)
        answer = await there.answer()
        if answer.code != http.HTTPStatus.SWITCHING_PROTOCOLS:
            return _plain(answer)
        return await _piped(request, there, answer.raw)
    finally:
        there.close()


def _head(request: web.BaseRequest, target: Target, extra: Headers, *, length: int) -> bytes:
    mine = [("Host", target.host_header or target.authority), ("Content-Length", str(length))]
    theirs = ((name, value) for name, value in kept(request.headers.items()) if name.lower() != "content-length")
    headers = [*mine[: 2 if length else 1], *theirs, *extra]
    lines = [f"{request.method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


async def _connected(target: Target) -> _There:
    loop = asyncio.get_running_loop()
    name = (target.server_name or target.host) if target.tls is not None else None
    async with asyncio.timeout(CONNECT_SECONDS):
        _, end = await loop.create_connection(
            _There, target.host, target.port, ssl=target.tls, server_hostname=name
        )
    return end


@dataclass(frozen=True)
class Answer:
    """What a target said first: all its bytes, and what they mean."""

    raw: bytes
    code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def read_answer(raw: bytes, *, ended: bool) -> Answer | None:
    """The answer, once it is whole; None while more must come. Raises http.client.HTTPException for nonsense."""
    if b"\r\n\r\n" not in raw:
        if ended:
            raise http.client.RemoteDisconnected("the connection was closed without an answer")
        return None
    response = http.client.HTTPResponse(_Replay(raw))  # type: ignore[arg-type]
    response.begin()
    code, headers = response.status, tuple(response.getheaders())
    if code == http.HTTPStatus.SWITCHING_PROTOCOLS:
        return Answer(raw, code, headers)
    if response.length is None and not response.chunked and not ended:
        return None
    try:
        return Answer(raw, code, headers, response.read())
    except http.client.IncompleteRead as part:
        return Answer(raw, code, headers, part.partial) if ended else None


class _Replay:
    """What `http.client` takes for a socket."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


class End(asyncio.Protocol):
    """One end of the pipe: what arrives here is written at `other`."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: End | None = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def say(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        self.other.say(data)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.listen(False)

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.listen(True)

    def listen(self, willing: bool) -> None:
        if self.transport is not None and not self.transport.is_closing():
            (self.transport.resume_reading if willing else self.transport.pause_reading)()

    def close(self) -> None:
        """What was said is still delivered."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.other is not None:
            self.other.close()
        if not self.gone.done():
            self.gone.set_result(None)


class _There(End):
    """The target's end. Until the pipe stands it collects the answer."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = b""
        self._news = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._heard += data
        self._news.set()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._news.set()

    async def answer(self) -> Answer:
        """Raises OSError where none comes in time, or what comes is no HTTP."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while (found := read_answer(self._heard, ended=self._over)) is None:
                    self._news.clear()
                    await self._news.wait()
                return found
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    @property
    def _over(self) -> bool:
        return self.gone.done() or len(self._heard) > LONGEST_ANSWER

    def rest_after(self, known: bytes) -> bytes:
        return self._heard[len(known) :]


class _Here(End):
    """The client's end: aiohttp's transport, of which aiohttp is told only that it has closed."""

    def __init__(self, connection: web.RequestHandler) -> None:
        super().__init__()
        self._connection = connection

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._connection.connection_lost(error)


class _Early:
    """Takes from aiohttp what the client said before it had our answer; aiohttp takes it for a parser."""

    def __init__(self, there: End) -> None:
        self._there = there

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._there.say(data)
        return False, b""

    def feed_eof(self) -> None:
        self._there.close()


class Switched(web.StreamResponse):
    """The answer to a request whose connection no longer speaks HTTP: nothing is left to be written."""

    def __init__(self) -> None:
        super().__init__(status=http.HTTPStatus.SWITCHING_PROTOCOLS)
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


async def _piped(request: web.BaseRequest, there: _There, head: bytes) -> Switched:
    """Until both ends are gone."""
    connection, transport = request.protocol, request.transport
    if transport is None or transport.is_closing():
        return Switched()
    here = _Here(connection)
    here.transport = transport
    connection.set_parser(_Early(there))  # type: ignore[arg-type]
    here.other, there.other = there, here
    transport.set_protocol(here)
    here.listen(True)
    here.say(head + there.rest_after(head))
    if there.transport is None:
        here.close()
    try:
        await asyncio.wait({here.gone, there.gone}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({here.gone, there.gone}, timeout=LINGER_SECONDS)
    finally:
        for end in (here, there):
            end.close()
    for end in (here, there):
        end.abort()
    return Switched()


def _plain(answer: Answer) -> web.Response:
    """A refusal, as the target gave it."""
    response = web.Response(status=answer.code, body=answer.body)
    for name, value in answer.headers:
        if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
            with contextlib.suppress(ValueError):
                response.headers[name] = value
    response.force_close()
    return response
