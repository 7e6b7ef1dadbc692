"""Bytes to and from the API server: one TLS context, kept-alive connections, errors as the API's own.

Every request of this process passes `Transport.request` or `Transport.stream`: identity, cause headers, timeouts and
the meaning of failures live here and nowhere else. It never retries: that is the business of the loops above.
In real Kubernetes: client-go/transport and rest/request.go. Left out: client-side rate limits, HTTP/2.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, nullcontext
from copy import copy
from pathlib import Path
from typing import IO, Any

import orjson

from machinery.api import errors
from machinery.client import cause
from machinery.client.config import ClientConfig
from machinery.component.metrics import Counter
from machinery.component.quick_aiohttp import aiohttp

CONNECT_TIMEOUT = 5.0
REQUEST_TIMEOUT = 60.0
ANSWER_TIMEOUT = 30.0
"""How long a stream may take to begin; once begun it may be silent for ever."""
TOKEN_TTL = 60.0

KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""A silent watch whose server vanished without a word breaks after about a minute."""


REQUESTS = Counter("rest_client_requests_total", "Answers of the API server, by code and method.", ("code", "method"))


class Unreachable(errors.ServiceUnavailable):
    """No answer: refused, reset, cut off, or too late. Whether a write was done is not known."""


class Transport:
    """A connection pool to one API server under one identity."""

    def __init__(self, config: ClientConfig, *, headers: Mapping[str, str] | None = None,
                 most_at_once: int = 0) -> None:
        self.config = config
        self._turns = asyncio.Semaphore(most_at_once) if most_at_once else nullcontext()
        self._headers = headers
        self._server_name = config.tls_server_name or None
        self._session: aiohttp.ClientSession | None = None
        self._token, self._token_read_at = config.token, float("-inf")

    def sharing(self) -> Transport:
        """The same connections, for another identity that is proved by a token; this one closes them."""
        self._pool()
        return copy(self)

    def use_token(self, token: str) -> None:
        self._token = token

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def request(self, method: str, path: str, *, params: Mapping[str, Any] | None = None,
                      body: bytes | IO[bytes] | None = None, content_type: str = "application/json",
                      accept: str = "application/json") -> bytes:
        """The body of the answer, or the ApiError that it stands for."""
        headers = {"Accept": accept} | ({"Content-Type": content_type} if body is not None else {})
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
        options = {"params": params, "data": body, "headers": headers, "timeout": timeout}
        async with self._turns, self._answer(method, path, **options) as answer:
            return await answer.read()

    async def stream(self, method: str, path: str, params: Mapping[str, Any] | None = None, *,
                     accept: str = "*/*") -> AsyncIterator[bytes]:
        """The body as it arrives, in chunks of any size, until the server ends it."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
        async with self._answer(method, path, params=params, headers={"Accept": accept}, timeout=timeout) as answer:
            async for chunk in answer.content.iter_any():
                yield chunk

    @asynccontextmanager
    async def _answer(self, method: str, path: str, *, headers: dict[str, str], params: Mapping[str, Any] | None,
                      **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        url = self.config.server + path
        headers |= cause.headers() | self._identity()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT) as patience:
                async with self._pool().request(method, url, params=_wire(params), headers=headers,
                                                allow_redirects=False, server_hostname=self._server_name,
                                                **options) as answer:
                    REQUESTS.inc(str(answer.status), method)
                    if answer.status >= 400:
                        raise error_of(answer.status, await answer.read(), answer.headers.get("Retry-After", ""))
                    patience.reschedule(None)
                    yield answer
        except TimeoutError as error:
            raise Unreachable(f"{self.config.server}: no answer in time to {method} {path}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self.config.server}: {reason_of(error)}") from error

    def _pool(self) -> aiohttp.ClientSession:
        """Made at the first request, since it belongs to the running loop."""
        if self._session is None:
            secure = self.config.server.startswith("https:")
            connector = aiohttp.TCPConnector(ssl=ssl_context(self.config) if secure else False, limit=0,
                                             keepalive_timeout=60, socket_factory=_patient_socket)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=self._headers)
        return self._session

    def _identity(self) -> dict[str, str]:
        """The bearer token, if that is who we are; client certificates speak for themselves."""
        if self.config.token_file and time.monotonic() - self._token_read_at > TOKEN_TTL:
            self._token, self._token_read_at = Path(self.config.token_file).read_text().strip(), time.monotonic()
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def reason_of(error: aiohttp.ClientError | OSError) -> str:
    """What happened to the connection, in the words of the operating system or of OpenSSL."""
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        return "the connection broke off"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def error_of(code: int, body: bytes, retry_after: str = "") -> errors.ApiError:
    """The exception for a failed answer: from the Status in its body, else from its code alone."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict) and document.get("kind") == "Status":
        return errors.from_status(document)
    wait = int(retry_after) if retry_after.isdigit() else 0
    return errors.generic(code, body.decode(errors="replace").strip(), retry_after=wait)


def ssl_context(config: ClientConfig) -> ssl.SSLContext:
    """Trusts the cluster's CA alone (the system's, where none is named) and shows our certificate."""
    context = ssl.create_default_context(cafile=config.ca_file or None, cadata=config.ca_data or None)
    with ExitStack() as stack:
        cert = config.cert_file or _as_file(stack, config.cert_data)
        key = config.key_file or _as_file(stack, config.key_data)
        if cert:
            context.load_cert_chain(cert, key or None)
    return context


def _as_file(stack: ExitStack, text: str) -> str:
    """OpenSSL takes certificates only from files: here is one that only we can read, and that is gone right after."""
    if not text:
        return ""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    (folder / "it.pem").write_text(text)
    return str(folder / "it.pem")


def _patient_socket(address: tuple[Any, ...]) -> socket.socket:
    """A TCP socket that notices a peer that vanished."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE.items():
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


def _wire(params: Mapping[str, Any] | None) -> dict[str, str]:
    """Query parameters as text; what is empty is left out."""
    given = {name: value for name, value in (params or {}).items() if value is not None and value != ""}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
