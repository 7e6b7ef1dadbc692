"""Requests handed on to an extension server, and the questions that this server asks it itself.

Bodies and answers are streams, so that a watch's events arrive as they are sent; an upgrade becomes a pipe. What was
authorized is what is asked: the path goes on as it was read, not as it was written.
Real Kubernetes: kube-aggregator's handler_proxy.go, apimachinery's util/proxy.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
import yarl
from aiohttp import web

from apiserver import replies
from apiserver.aggregator.identity import AGGREGATOR, Headers, headers_of
from apiserver.call import Call
from apiserver.proxy.connections import Connections
from apiserver.proxy.places import Place
from apiserver.proxy.reverse import ADDED_BY_AIOHTTP, HOP_BY_HOP, begun, dialled, streamed
from machinery.component.upgrade import Target, is_upgrade, kept, pass_on

ASK_SECONDS = 5.0
MOST_BYTES = 32 * 1024 * 1024
NO_REDIRECTS = "the backend attempted to redirect this request, which is not permitted"
_IN_PATHS = "/:@!$&'()*+,;=~-._"


class Unreachable(Exception):
    """Why there is no answer, in the words that Go has for it."""


@dataclass(frozen=True)
class There:
    """An extension server: an endpoint, the name that its certificate must have, and whom to believe."""

    place: Place
    name: str
    tls: ssl.SSLContext

    def url(self, path: str) -> str:
        return f"https://{self.place.authority}{path}"


@dataclass(frozen=True)
class Told:
    """An answer to a question of ours."""

    status: int
    body: bytes
    etag: str = ""


class Relay:
    """Keeps connections to extension servers for a while; opens none before it is needed."""

    def __init__(self) -> None:
        self._connections = Connections()

    async def ask(self, there: There, path: str, *, accept: str = "application/json", etag: str = "") -> Told:
        """A GET of our own. Raises Unreachable."""
        headers = [*headers_of(AGGREGATOR), ("Accept", accept), *([("If-None-Match", etag)] if etag else ())]
        url = there.url(path)
        try:
            async with asyncio.timeout(ASK_SECONDS), self._request("GET", there, path, headers=headers) as answer:
                return Told(answer.status, await _bounded(answer), answer.headers.get("ETag", ""))
        except TimeoutError:
            raise Unreachable(f'Get "{url}": context deadline exceeded') from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f'Get "{url}": {dialled(error, there.place.authority)}') from None

    async def hand_on(self, call: Call, there: There, who: Headers) -> web.StreamResponse:
        """The extension server's answer to the client's request. Raises Unreachable when there is none."""
        path = target(call.http.path, call.http.rel_url.raw_query_string)
        headers = [*who, ("X-Forwarded-For", _through(call.http)), ("X-Forwarded-Uri", path.partition("?")[0])]
        try:
            if is_upgrade(call.http):
                place = there.place
                with call.closed_at_the_end():
                    return await pass_on(
                        call.http, Target(place.host, place.port, path, there.tls, server_name=there.name), *headers
                    )
            return await self._handed_on(call, there, path, headers)
        except (aiohttp.ClientConnectionError, TimeoutError, OSError) as error:
            raise Unreachable(dialled(error, there.place.authority)) from None

    async def _handed_on(self, call: Call, there: There, path: str, headers: Headers) -> web.StreamResponse:
        http = call.http
        data = http.content if http.can_read_body else None
        _go_on(http)
        async with self._request(http.method, there, path, headers=[*_asking(http), *headers], data=data) as answer:
            if 300 <= answer.status < 400 and "Location" in answer.headers:
                return replies.text(NO_REDIRECTS, 502)
            return await streamed(call, answer, begun(call, answer))

    def _request(
        self, method: str, there: There, path: str, *, headers: Headers, data: object = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._connections.open().request(
            method, yarl.URL(there.url(path), encoded=True), data=data, headers=headers, ssl=there.tls,
            server_hostname=there.name, allow_redirects=False, skip_auto_headers=ADDED_BY_AIOHTTP,
        )  # fmt: skip

    async def close(self) -> None:
        await self._connections.close()


def target(path: str, query: str) -> str:
    """The path that was read, written again; no line of a request can be broken by it. `query` is as it came."""
    return quote(path, safe=_IN_PATHS) + (f"?{query}" if query else "")


def _asking(http: web.BaseRequest) -> Iterator[tuple[str, str]]:
    """The client's headers without its credentials; what is between it and us alone stays here, too."""
    for name, value in kept(http.headers.items()):
        if name.lower() not in HOP_BY_HOP and name.lower() not in ("expect", "x-forwarded-for", "x-forwarded-uri"):
            yield name, value


def _through(http: web.BaseRequest) -> str:
    return ", ".join(filter(None, (http.headers.get("X-Forwarded-For", ""), http.remote)))


def _go_on(http: web.BaseRequest) -> None:
    """Who waits for a word before it sends its body gets it."""
    if http.headers.get("Expect", "").lower() == "100-continue" and http.transport is not None:
        http.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise aiohttp.ClientPayloadError(f"the answer is larger than {MOST_BYTES} bytes")
    return b"".join(parts)
