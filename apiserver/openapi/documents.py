"""Answers under /openapi: made once, on first demand and off the event loop, then sent as they are.

Real Kubernetes: k8s.io/kube-openapi/pkg/handler and handler3.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

import orjson
from aiohttp import web

from apiserver import negotiation, replies
from apiserver.call import Call
from apiserver.endpoints.dispatch import not_found
from apiserver.openapi import gnostic, render
from apiserver.registry.strategy import Strategy
from machinery.api.errors import NotAcceptable
from machinery.api.scheme import Resource

# Clients ask for the first, whose @ is no legal media type; the answer is named by the second.
_V2_TYPES = (gnostic.MEDIA_TYPE, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
_V2_PATHS = ("/openapi/v2", "/swagger-2.0.0.pb-v1")


class OpenApi:
    """Wants the strategies of the kinds to describe."""

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        rows = [strategy.resource for strategy in strategies]
        self._groups: dict[str, list[Resource]] = {}
        for row in rows:
            self._groups.setdefault(row.root.lstrip("/"), []).append(row)
        self._rows = rows
        self._made: dict[str, asyncio.Task[tuple[bytes, str]]] = {}

    def paths(self) -> list[str]:
        return ["/openapi/v2", "/openapi/v3", *(f"/openapi/v3/{group}" for group in self._groups)]

    async def answer(self, call: Call, path: str) -> web.StreamResponse:
        """One of the documents."""
        if path in _V2_PATHS:
            return await self._version2(call)
        if path == "/openapi/v3":
            return await self._index(call)
        group = path.removeprefix("/openapi/v3/")
        if group not in self._groups:
            raise not_found()
        return _reply(call, await self._document(group), negotiation.JSON)

    async def _index(self, call: Call) -> web.StreamResponse:
        found = {}
        for group in self._groups:
            _, etag = await self._document(group)
            digest = etag.strip('"')
            found[group] = {"serverRelativeURL": f"/openapi/v3/{group}?hash={digest}"}
        return replies.document({"paths": found}, call)

    async def _version2(self, call: Call) -> web.StreamResponse:
        for clause in negotiation.clauses(call.http.headers.get("Accept", "") or negotiation.JSON):
            if clause.media_type in _V2_TYPES:
                return _reply(call, await self._document("v2 protobuf"), _V2_TYPES[1])
            if clause.media_type in (negotiation.JSON, "*/*", "application/*"):
                return _reply(call, await self._document("v2"), negotiation.JSON)
        raise NotAcceptable([negotiation.JSON, gnostic.MEDIA_TYPE])

    async def _document(self, name: str) -> tuple[bytes, str]:
        if name not in self._made:
            self._made[name] = asyncio.create_task(asyncio.to_thread(self._make, name))
        return await asyncio.shield(self._made[name])

    def _make(self, name: str) -> tuple[bytes, str]:
        """The document's bytes and its ETag."""
        if name == "v2 protobuf":
            body = gnostic.document(render.version2(self._rows))
        else:
            body = orjson.dumps(render.version2(self._rows) if name == "v2" else render.version3(self._groups[name]))
        return body, f'"{hashlib.sha512(body).hexdigest().upper()}"'



def _reply(call: Call, made: tuple[bytes, str], media_type: str) -> web.Response:
    body, etag = made
    if call.http.headers.get("If-None-Match", "") == etag:
        return web.Response(status=304, headers={"ETag": etag, "Vary": "Accept"})
    response = replies.raw(body, call)
    response.headers["Content-Type"] = media_type
    response.headers["ETag"], response.headers["Vary"] = etag, "Accept"
    return response
