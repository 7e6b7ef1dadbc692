"""Connections to others on a client's behalf: their answers pass as they are, and nothing of one meets another.

Opens none before it is needed. No cookies, no decompression, no limit but the time in which somebody must answer.
"""

from __future__ import annotations

import aiohttp

CONNECT_SECONDS = 10


class Connections:
    """A session that is made when first asked for."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
