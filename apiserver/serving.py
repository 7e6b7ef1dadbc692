"""The listening socket, TLS and aiohttp: from bytes to a Call, and how serving begins and ends.

Real Kubernetes: k8s.io/apiserver/pkg/server/secure_serving.go.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import Any

from aiohttp import web

from apiserver import options
from apiserver.call import Call, Handler
from apiserver.config import Config
from apiserver.connections import Connections
from apiserver.request_info import parse

log = logging.getLogger(__name__)

BODY_LIMIT = 3 * 1024 * 1024
HEADER_LINE_LIMIT = 256 * 1024
CLIENT_GONE = 499
"""Nobody reads this."""
DRAIN_SECONDS = 8.0
"""So long may requests that run go on after the server stopped listening."""
ANSWER_SECONDS = 2.0
"""So long may a client then take to read its answer."""


class StartupError(Exception):
    """Why the server cannot start, in words for whoever started it."""


def bound_socket(config: Config) -> socket.socket:
    """The port is ours before anything else begins."""
    family = socket.AF_INET6 if ":" in config.bind_address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.bind_address, config.secure_port))
    except OSError as error:
        listener.close()
        raise StartupError(f"cannot listen on {config.bind_address}:{config.secure_port}: {error.strerror}") from None
    return listener


class Serving:
    """Answers on a bound socket from start() to finish()."""

    def __init__(self, handler: Handler, listener: socket.socket, context: ssl.SSLContext) -> None:
        self._handler, self._listener, self._context = handler, listener, context
        self.connections = Connections(
            self._handle,
            request_factory=_request,
            access_log=None,
            keepalive_timeout=620,
            auto_decompress=False,
            max_line_size=HEADER_LINE_LIMIT,
            max_field_size=HEADER_LINE_LIMIT,
        )
        self._runner = web.ServerRunner(self.connections, handle_signals=False, shutdown_timeout=ANSWER_SECONDS)

    async def start(self) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener, ssl_context=self._context, backlog=1024).start()

    async def finish(self) -> None:
        """Take no more connections, end the streams, and let requests that run be answered."""
        for site in self._runner.sites:
            await site.stop()
        self._listener.close()
        await self.connections.drain(DRAIN_SECONDS)
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """A handler sees requests once their path is read."""
        connection = request.protocol
        self.connections.begin(connection)
        try:
            query = request.query
            selector = query.get("fieldSelector", "") if query else ""
            info = parse(request.method, request.path, watch=options.flag(query, "watch"), field_selector=selector)
            return await self._handler(Call(request, info, connections=self.connections))
        except (ConnectionError, ssl.SSLError):
            return web.Response(status=CLIENT_GONE)
        finally:
            self.connections.end(connection)


class Request(web.BaseRequest):
    """aiohttp's own, which knows what is too large before it has come, and says "100 Continue" to who waits for it."""

    taken: bytes = b""
    """The body, once it has been read."""

    async def read(self) -> bytes:
        if (self.content_length or 0) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(max_size=BODY_LIMIT, actual_size=self.content_length or 0)
        if self.headers.get("Expect", "").lower() == "100-continue" and self.transport is not None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.taken = await super().read()
        return self.taken


def _request(message: Any, payload: Any, protocol: Any, *rest: Any) -> Request:
    writer, task = rest
    return Request(message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=BODY_LIMIT)
