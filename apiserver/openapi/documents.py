"""Answers under /openapi: made once, on first demand and off the event loop, then sent as they are.

Real Kubernetes: k8s.io/kube-openapi/pkg/handler and handler3.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import orjson
from aiohttp import web

from apiserver.aggregator.others import NOBODY, Others
from apiserver.call import Call
from apiserver.encoding.published import Published
from apiserver.endpoints.dispatch import not_found
from apiserver.negotiation import JSON, clauses
from apiserver.openapi import gnostic, render
from apiserver.registry.strategy import Strategy
from machinery.api.errors import NotAcceptable
from machinery.api.scheme import Resource

Doc = dict[str, Any]
V2, V3 = "com.github.proto-openapi.spec.v2", "com.github.proto-openapi.spec.v3"
_V2_PATHS = ("/openapi/v2", "/swagger-2.0.0.pb-v1")
_PROTOBUF = " protobuf"
_SMALLEST_PACKED = 1400
"""From this size on these documents are compressed: they are packed once, and sent often."""
_YEAR = timedelta(days=365)


class OpenApi:
    """Wants the strategies of the kinds to describe; what was made before, and still holds, is kept."""

    def __init__(self, strategies: Sequence[Strategy], before: OpenApi | None = None, others: Others = NOBODY) -> None:
        self._others = others
        rows = [strategy.resource for strategy in strategies]
        self._groups: dict[str, list[Resource]] = {}
        for row in rows:
            self._groups.setdefault(row.root.lstrip("/"), []).append(row)
        self._rows = rows
        self._made: dict[str, asyncio.Task[Published]] = {}
        if before is not None:
            same = {name for name, known in self._groups.items() if before._groups.get(name) == known}
            self._made = {name: task for name, task in before._made.items() if name in same}

    def paths(self) -> list[str]:
        groups = {**self._groups, **self._others.locations}
        return ["/openapi/v2", "/openapi/v3", *(f"/openapi/v3/{group}" for group in groups)]

    async def answer(self, call: Call, path: str) -> web.StreamResponse:
        """One of the documents."""
        if path in _V2_PATHS:
            return await self._version2(call)
        if path == "/openapi/v3":
            return await self._answered(call, await self._document("index"))
        group = path.removeprefix("/openapi/v3/")
        if group not in self._groups:
            raise not_found()
        asked = media_type(call.http.headers.get("Accept", ""), V3)
        if not asked:
            raise NotAcceptable([JSON, f"application/{V3}@v1.0+protobuf"])
        document = await self._document(group)
        shown = document if asked == JSON else await self._document(f"{group}{_PROTOBUF}")
        return await self._version3(call, group, document, shown=shown)

    async def _version3(self, call: Call, group: str, document: Published, *, shown: Published) -> web.StreamResponse:
        """The document as it shall be shown; to whom names its hash, for ever; where to find it, to whom another."""
        known = call.http.query.get("hash", "")
        if not known:
            return await self._answered(call, shown)
        if known != document.digest:
            return web.Response(status=301, headers={"Location": location(group, document), "Vary": "Accept"})
        expires = format_datetime(datetime.now(UTC) + _YEAR, usegmt=True)
        return await self._answered(call, shown, cache="public, immutable", expires=expires)

    async def _version2(self, call: Call) -> web.StreamResponse:
        asked = media_type(call.http.headers.get("Accept", ""), V2)
        if not asked:
            raise NotAcceptable([JSON, gnostic.MEDIA_TYPE])
        return await self._answered(call, await self._document("v2" if asked == JSON else "v2 protobuf"))

    @staticmethod
    async def _answered(
        call: Call, document: Published, *, cache: str = "no-cache, private", expires: str = ""
    ) -> web.Response:
        return await document.answer(call.http.headers, cache=cache, expires=expires, smallest=_SMALLEST_PACKED)

    async def _document(self, name: str) -> Published:
        if name not in self._made:
            make = self._index() if name == "index" else asyncio.to_thread(self._make, name)
            self._made[name] = asyncio.create_task(make)
        return await asyncio.shield(self._made[name])

    async def _index(self) -> Published:
        found = {group: await self._document(group) for group in self._groups}
        places = {group: location(group, document) for group, document in found.items()} | self._others.locations
        paths = {group: {"serverRelativeURL": place} for group, place in places.items()}
        return Published(orjson.dumps({"paths": paths}), JSON)

    def _make(self, name: str) -> Published:
        if name == "v2 protobuf":
            return Published(gnostic.document(self._version2_document()), f"application/{V2}.v1.0+protobuf")
        if name.endswith(_PROTOBUF):
            return self._protobuf(name.removesuffix(_PROTOBUF))
        document = self._version2_document() if name == "v2" else render.version3(self._groups[name])
        return Published(orjson.dumps(document), JSON)

    def _version2_document(self) -> Doc:
        own = render.version2(self._rows)
        if not self._others.documents:
            return own
        from apiserver.aggregator.openapi import merged  # with its relay, only for who has somebody to merge

        return merged(own, self._others.documents)

    def _protobuf(self, group: str) -> Published:
        from apiserver.openapi import gnostic3  # few clients ask for it

        return Published(gnostic3.document(render.version3(self._groups[group])), f"application/{V3}.v1.0+protobuf")


def location(group: str, document: Published) -> str:
    """Where a document is to be had as long as it stays what it is."""
    return f"/openapi/v3/{group}?hash={document.digest}"


@lru_cache(maxsize=256)
def media_type(accept: str, spec: str) -> str:
    """Which of a document's types a client wants: JSON or protobuf; "" when it wants neither.

    Clients ask for the second name of protobuf, whose @ is no legal letter; the answer is named by the first.
    """
    protobuf = f"application/{spec}.v1.0+protobuf"
    for clause in clauses(accept or "*/*"):
        if clause.covers(JSON):
            return JSON
        if clause.media_type in (protobuf, f"application/{spec}@v1.0+protobuf"):
            return protobuf
    return ""
