"""One request passed on to a backend and its answer passed back: bodies as streams, upgrades as pipes.

Redirects and the links of HTML pages are made to lead through the proxy again.
Real Kubernetes: apimachinery's util/proxy (upgradeaware.go, transport.go).
"""

from __future__ import annotations

import contextlib
import gzip
import os
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp
import yarl
from aiohttp import web

from apiserver.call import Call
from apiserver.proxy.connections import Connections
from apiserver.proxy.links import Rewriter, joined
from apiserver.proxy.places import Place
from machinery.api.errors import ServiceUnavailable
from machinery.component.upgrade import Target, is_upgrade, kept, pass_on

HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade",
})  # fmt: skip
_FOREIGN = ("issuer certificate", "self-signed", "self signed", "signature failure")
ADDED_BY_AIOHTTP = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


@dataclass(frozen=True)
class Road:
    """The URL of a proxied request, cut in two: what leads to the proxy, and what the backend is asked for."""

    prefix: str
    path: str
    query: str

    @classmethod
    def of(cls, raw_path: str, *, segments: int) -> Road:
        """`segments` path segments lead to the proxy."""
        path, _, query = raw_path.partition("?")
        parts = path.split("/")
        rest = "/".join(parts[segments + 1 :])
        below = len(parts) > segments + 1
        return cls("/".join(parts[: segments + 1]), f"/{rest}" if below else "", query)

    @property
    def target(self) -> str:
        return (self.path or "/") + (f"?{self.query}" if self.query else "")


class ReverseProxy:
    """Wants nothing but calls; keeps connections to backends for a while."""

    def __init__(self) -> None:
        self._connections = Connections()
        self._trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trusting.check_hostname = False
        self._trusting.verify_mode = ssl.CERT_NONE

    async def serve(
        self, call: Call, road: Road, place: Place, *, tls: ssl.SSLContext | None = None
    ) -> web.StreamResponse:
        """The backend's answer. `tls`: our certificate for it; else a backend with TLS is taken for what it says."""
        context = (tls or self._trusting) if place.secure else None
        try:
            if is_upgrade(call.http):
                target = Target(place.host, place.port, road.target, context, call.http.host)
                with call.closed_at_the_end():
                    return await pass_on(call.http, target, *_forwarded(call, road))
            if not road.path and call.http.method in ("GET", "HEAD"):
                return _to_the_root(road)
            return await self._asked(call, road, place, context=context)
        except (aiohttp.ClientConnectionError, TimeoutError, OSError) as error:
            raise ServiceUnavailable(f"error trying to reach service: {dialled(error, place.authority)}") from None

    async def _asked(
        self, call: Call, road: Road, place: Place, *, context: ssl.SSLContext | None
    ) -> web.StreamResponse:
        url = yarl.URL(f"{'https' if place.secure else 'http'}://{place.authority}{road.target}", encoded=True)
        request = self._connections.open().request(
            call.http.method, url,
            data=call.http.content if call.http.can_read_body else None,
            headers=[*_asking(call.http), *_forwarded(call, road)],
            skip_auto_headers=ADDED_BY_AIOHTTP, allow_redirects=False, ssl=context or True,
        )  # fmt: skip
        async with request as answer:
            rewriter = Rewriter(road.prefix, place.authority, call.http.host)
            return await _answered(call, answer, rewriter)

    async def close(self) -> None:
        await self._connections.close()


def _asking(request: web.BaseRequest) -> Iterator[tuple[str, str]]:
    """The client's headers, for another connection."""
    yield "Host", request.host
    yield from ((name, value) for name, value in kept(request.headers.items()) if name.lower() not in HOP_BY_HOP)


def _forwarded(call: Call, road: Road) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", call.http.remote or ""), ("X-Forwarded-Uri", joined(road.prefix, road.path or "/"))]


def _to_the_root(road: Road) -> web.Response:
    """Relative links of a page at `…/proxy` would lead away from it: it is seen at `…/proxy/`."""
    location = f"{road.prefix}/" + (f"?{road.query}" if road.query else "")
    return web.Response(status=301, headers={"Location": location})


async def _answered(call: Call, answer: aiohttp.ClientResponse, rewriter: Rewriter) -> web.StreamResponse:
    response = begun(call, answer)
    encoding = answer.headers.get("Content-Encoding", "")
    if location := answer.headers.get("Location"):
        response.headers["Location"] = rewriter.link(location)
    elif answer.content_type == "text/html" and encoding in ("", "gzip", "deflate") and call.http.method != "HEAD":
        page = _rewritten(await answer.read(), encoding, rewriter)
        response.content_length = len(page)
        await response.prepare(call.http)
        await response.write(page)
        await response.write_eof()
        return response
    return await streamed(call, answer, response)


def begun(call: Call, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """The status and the headers of an answer, for another connection."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in HOP_BY_HOP:
            response.headers.add(name, value)
    call.start(response)
    return response


async def streamed(
    call: Call, answer: aiohttp.ClientResponse, response: web.StreamResponse
) -> web.StreamResponse:
    """The body as it comes, until one end has enough or the server is going."""
    await response.prepare(call.http)
    with contextlib.suppress(ConnectionError, aiohttp.ClientConnectionError), call.when_gone(answer.close):
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    return response


def _rewritten(body: bytes, encoding: str, rewriter: Rewriter) -> bytes:
    """The page with its links changed, packed as it was."""
    unpack = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(encoding, bytes)
    pack = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)
    try:
        text = unpack(body).decode("utf-8", "surrogateescape")
    except (OSError, EOFError, zlib.error):
        return body
    return pack(rewriter.page(text).encode("utf-8", "surrogateescape"))


def dialled(error: BaseException, authority: str) -> str:
    """Why nobody answers there, in the words that Go has for it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        why = "certificate signed by unknown authority" if any(text in reason for text in _FOREIGN) else reason
        return f"tls: failed to verify certificate: x509: {why}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "EOF"
    if isinstance(error, TimeoutError):
        return f"dial tcp {authority}: i/o timeout"
    if isinstance(error, OSError) and error.errno:
        return f"dial tcp {authority}: connect: {os.strerror(error.errno).lower()}"
    return str(error) or type(error).__name__
