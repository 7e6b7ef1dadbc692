"""A real HTTPS server that converts objects between versions: it renames a field, or fails as a test wants it to.

async with ConversionServer(authority, {"v1": "size", "v2": "length"}) as converter:
    definition["spec"]["conversion"] = converter.conversion
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from typing import Any, Self

from aiohttp import web

from tests.support.pki import Authority

Doc = dict[str, Any]


class ConversionServer:
    """`fields`: the name that one field of `spec` has in each version."""

    def __init__(self, authority: Authority, fields: Mapping[str, str], *, dns: str = "webhook") -> None:
        pair = authority.issue(f"conversion-{dns}", dns=dns)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(pair.cert, pair.key)
        self.bundle = base64.b64encode(authority.ca.cert.read_bytes()).decode()
        self._fields = fields
        self.asked: list[Doc] = []
        self.hosts: list[str] = []
        self.fails = ""
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/convert", self._handle)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._context).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/convert"

    @property
    def conversion(self) -> Doc:
        """spec.conversion of a definition."""
        return self.conversion_at({"url": self.url})

    def conversion_at(self, place: Doc) -> Doc:
        config = {"clientConfig": {**place, "caBundle": self.bundle}, "conversionReviewVersions": ["v1"]}
        return {"strategy": "Webhook", "webhook": config}

    async def _handle(self, http: web.Request) -> web.Response:
        review = await http.json()
        asked = review["request"]
        self.asked.append(asked)
        self.hosts.append(http.host)
        result = {"status": "Failure", "message": self.fails} if self.fails else {"status": "Success"}
        objects = [] if self.fails else [self._converted(each, asked["desiredAPIVersion"]) for each in asked["objects"]]
        response = {"uid": asked["uid"], "result": result, "convertedObjects": objects}
        return web.json_response({**{key: review[key] for key in ("apiVersion", "kind")}, "response": response})

    def _converted(self, obj: Doc, api_version: str) -> Doc:
        wanted, names = self._fields[api_version.rpartition("/")[2]], set(self._fields.values())
        spec = {wanted if name in names else name: value for name, value in obj.get("spec", {}).items()}
        return {**obj, "apiVersion": api_version, "spec": spec}
