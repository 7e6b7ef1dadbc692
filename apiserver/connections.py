"""Who is connected: noticing that a client has left, ending streams when the server goes, dropping who says nothing.

aiohttp cancels no handler when its client leaves, and must not: a write that was begun is finished whether or not its
client waits. A stream (a watch, a log, an exec) has nothing to finish: it says here how to end it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

log = logging.getLogger(__name__)


def _in_one_line(record: logging.LogRecord) -> bool:
    """What is no HTTP is its sender's mistake: it leaves a line, and no traceback, in our log."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):
        record.msg, record.args = "no HTTP: %r", (str(error)[:200],)
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
    return True


log.addFilter(_in_one_line)

HEADER_SECONDS = 32.0
"""So long may a client take from connecting to the end of its first request's headers."""


class Connection(web.RequestHandler):
    """aiohttp's own, which answers as Go does what is too long for it."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if isinstance(exc, LineTooLong):
            status, message = 431, "431 Request Header Fields Too Large"
        return super().handle_error(request, status, exc, message)


class Connections(web.Server):
    """aiohttp's server, which also tells whoever wants to know that a connection has closed."""

    def __init__(self, handler: Any, *, request_factory: Any, **options: Any) -> None:
        super().__init__(handler, request_factory=request_factory)
        self._options = options
        self._streams: dict[object, Callable[[], object]] = {}
        self._busy: set[web.RequestHandler] = set()
        self._ending = False
        self._silent: dict[object, asyncio.TimerHandle] = {}

    def __call__(self) -> Connection:
        return Connection(self, loop=asyncio.get_running_loop(), logger=log, **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        loop = asyncio.get_running_loop()
        self._silent[handler] = loop.call_later(HEADER_SECONDS, self._drop, handler)

    def begin(self, handler: web.RequestHandler) -> None:
        """A whole head of a request came over this connection."""
        self._busy.add(handler)
        if timer := self._silent.pop(handler, None):
            timer.cancel()

    def end(self, handler: web.RequestHandler) -> None:
        """That request's answer is known."""
        self._busy.discard(handler)
        if self._ending:
            handler.close()

    def _drop(self, handler: web.RequestHandler) -> None:
        self._silent.pop(handler, None)
        handler.force_close()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        if timer := self._silent.pop(handler, None):
            timer.cancel()
        if end := self._streams.pop(handler, None):
            end()

    async def drain(self, seconds: float) -> None:
        """The server is going: idle connections close, streams end, requests that run are finished if they can be.

        aiohttp alone would read no more of a body that is still coming.
        """
        self._ending = True
        for handler in self.connections:
            if handler not in self._busy:
                handler.force_close()
        for end in tuple(self._streams.values()):
            end()
        deadline = asyncio.get_running_loop().time() + seconds
        while self._busy and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)

    @contextmanager
    def when_gone(self, request: web.BaseRequest, end: Callable[[], object]) -> Iterator[None]:
        """Inside the block, `end` is called once: when the connection closes, or when the server is going."""
        connection = request.protocol
        self._streams[connection] = end
        if self._ending:
            end()
        try:
            yield
        finally:
            self._streams.pop(connection, None)
