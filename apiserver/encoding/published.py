"""Documents that the server publishes about itself: made once, with an ETag, and compressed once for all who ask.

Real Kubernetes: ServeHTTPWithETag in k8s.io/apiserver/pkg/endpoints/discovery/aggregated/etag.go, and the handlers of
k8s.io/kube-openapi.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

from aiohttp import web

from apiserver.encoding.compression import THRESHOLD, gzipped, mark, takes_gzip


class Published:
    """The bytes of one document in one encoding."""

    def __init__(self, body: bytes, content_type: str, *, digest: str = "") -> None:
        """`digest` names what is said, whatever the encoding; without one it is taken from the bytes."""
        self.body = body
        self.digest = digest or digest_of(body)
        self._content_type = content_type
        self._packed: asyncio.Task[bytes] | None = None

    async def answer(
        self, headers: Mapping[str, str], *, cache: str, expires: str = "", smallest: int = THRESHOLD
    ) -> web.Response:
        """200 with the document, or 304 for who has it already. Compressed from a size of `smallest` bytes on."""
        etag = f'"{self.digest}"'
        given = {"ETag": etag, "Vary": "Accept", "Cache-Control": cache} | ({"Expires": expires} if expires else {})
        if known(headers.get("If-None-Match", ""), etag):
            return web.Response(status=304, headers=given)
        packed = takes_gzip(headers) and len(self.body) > smallest
        body = await self._compressed() if packed else self.body
        response = web.Response(body=body, headers={"Content-Type": self._content_type, **given})
        if packed:
            mark(response)
        return response

    async def _compressed(self) -> bytes:
        if self._packed is None:
            self._packed = asyncio.create_task(asyncio.to_thread(gzipped, self.body))
        return await asyncio.shield(self._packed)


def digest_of(body: bytes) -> str:
    """What the ETag holds: SHA-512 in capitals."""
    return hashlib.sha512(body).hexdigest().upper()


def known(if_none_match: str, etag: str) -> bool:
    """Whether a client's list of tags holds ours, weak or strong."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
