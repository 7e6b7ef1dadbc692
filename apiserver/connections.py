"""Noticing that a client has left while there is nothing to write to it: an idle watch, a silent log.

aiohttp cancels no handler then, and must not: a write that was begun is finished whether or not its client waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web


class Connections(web.Server):
    """aiohttp's server, which also tells whoever wants to know that a connection has closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: dict[object, Callable[[], object]] = {}

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        if end := self._waiting.pop(handler, None):
            end()

    @contextmanager
    def when_gone(self, request: web.BaseRequest, end: Callable[[], object]) -> Iterator[None]:
        """Inside the block, `end` is called as soon as the connection of this request closes."""
        connection = request.protocol
        self._waiting[connection] = end
        try:
            yield
        finally:
            self._waiting.pop(connection, None)
