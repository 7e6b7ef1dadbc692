"""gzip for large answers: at its fastest level, beside the event loop, for those who can take it.

Real Kubernetes: responseContentEncodingSupported and deferredResponseWriter in
k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go. Watches are never compressed.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

from aiohttp import web

from apiserver.call import Call, Handler

THRESHOLD = 128 * 1024
_LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


def compressed(following: Handler) -> Handler:
    """A step of the pipeline: what is longer than the threshold goes out as gzip."""

    async def handle(call: Call) -> web.StreamResponse:
        response = await following(call)
        body = response.body if isinstance(response, web.Response) else None
        if isinstance(body, bytes) and len(body) > THRESHOLD and _wanted(call.http.headers, response.headers):
            response.body = await asyncio.to_thread(gzipped, body)  # type: ignore[union-attr]  # it has a body
            mark(response)
        return response

    return handle


def _wanted(asked: Mapping[str, str], given: Mapping[str, str]) -> bool:
    return takes_gzip(asked) and "Content-Encoding" not in given


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether the client names gzip, without any condition."""
    return "gzip" in (token.strip() for token in headers.get("Accept-Encoding", "").split(","))


def gzipped(body: bytes) -> bytes:
    """The body in gzip's format."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def mark(response: web.StreamResponse) -> None:
    """Say that the body is compressed, and that another client's may not be."""
    response.headers["Content-Encoding"] = "gzip"
    vary = response.headers.get("Vary", "")
    response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
