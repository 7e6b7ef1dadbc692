"""A small image registry on loopback: images by name and tag, behind a user's password where it wants one.

    async with ImageRegistry(users={"me": "secret"}) as registry:
        name = registry.put("team/app", "1", ["/bin/sh"])
"""

from __future__ import annotations

import asyncio
import base64
from typing import Self

from aiohttp import web

from tests.support.images import Blob, parts


class ImageRegistry:
    """`pulls` are the manifests that were asked for by tag; `delay` is how long it thinks before each of them."""

    def __init__(self, users: dict[str, str] | None = None) -> None:
        self._users = users or {}
        self._blobs: dict[str, Blob] = {}
        self._tags: dict[tuple[str, str], str] = {}
        self.pulls: list[str] = []
        self.delay = 0.0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/v2/", self._ping)
        app.router.add_get("/v2/{name:.+}/manifests/{reference}", self._manifest)
        app.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.host = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def put(self, name: str, tag: str, command: list[str], user: str = "") -> str:
        """Makes an image there, and returns its full name."""
        blobs = parts(command, user)
        self._blobs |= {str(reference["digest"]): (reference, data) for reference, data in blobs}
        self._tags[name, tag] = str(blobs[-1][0]["digest"])
        return f"{self.host}/{name}:{tag}"

    def digest(self, name: str, tag: str) -> str:
        return self._tags[name, tag]

    def _check(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        if self._users and (user not in self._users or self._users[user] != password):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="registry"'})

    async def _ping(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.Response()

    async def _manifest(self, request: web.Request) -> web.Response:
        self._check(request)
        name, reference = request.match_info["name"], request.match_info["reference"]
        digest = self._tags.get((name, reference), reference)
        if digest not in self._blobs:
            raise web.HTTPNotFound
        if request.method == "HEAD":
            self.pulls.append(f"{name}:{reference}")
            await asyncio.sleep(self.delay)
        return _served(self._blobs[digest])

    async def _blob(self, request: web.Request) -> web.Response:
        self._check(request)
        digest = request.match_info["digest"]
        if digest not in self._blobs:
            raise web.HTTPNotFound
        return _served(self._blobs[digest])


def _served(blob: Blob) -> web.Response:
    reference, data = blob
    headers = {"Docker-Content-Digest": str(reference["digest"])}
    return web.Response(body=data, content_type=str(reference["mediaType"]), headers=headers)
