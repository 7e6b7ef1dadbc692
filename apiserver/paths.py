"""Everything that is served outside of resources: health, version, metrics, discovery, OpenAPI.

A table of paths. Real Kubernetes: the non-resource handlers of k8s.io/apiserver/pkg/server/routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson
from aiohttp import web

from apiserver import replies, version
from apiserver.aggregator.others import NOBODY, Others
from apiserver.call import Call
from apiserver.discovery.documents import Discovery
from apiserver.endpoints import removed
from apiserver.endpoints.dispatch import not_found
from apiserver.health import ENDPOINTS, Health
from apiserver.openapi.documents import OpenApi
from apiserver.registry.strategy import Strategy
from machinery.api.errors import MethodNotAllowed
from machinery.component import metrics

Page = Callable[[Call], web.StreamResponse]
_HEALTH = tuple(f"/{endpoint}" for endpoint in ENDPOINTS)


class Paths:
    """Wants the strategies (to describe them), the checks of health, and documents that never change, by path with
    their media type; `pages` are made anew for each who asks."""

    def __init__(
        self, strategies: Sequence[Strategy], health: Health,
        documents: Mapping[str, tuple[str, Any]] = MappingProxyType({}),
        pages: Mapping[str, Page] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._health = health
        self._documents = tuple(documents)
        self._openapi = OpenApi(())
        self.describe(strategies)
        self._pages: dict[str, Page] = {
            "/": self._index,
            "/version": lambda call: replies.plain(version.INFO, call),
            "/metrics": lambda _: replies.text(metrics.render()),
            **{path: _fixed(media_type, document) for path, (media_type, document) in documents.items()},
            **pages,
        }

    def describe(self, strategies: Sequence[Strategy], others: Others = NOBODY) -> None:
        """From now on these kinds are what discovery and OpenAPI tell of, and what others serve."""
        stored = {each.resource: each.conversion.stored[0] for each in strategies if each.conversion is not None}
        self._discovery = Discovery([strategy.resource for strategy in strategies], stored, others)
        self._openapi = OpenApi(strategies, self._openapi, others)

    async def __call__(self, call: Call) -> web.StreamResponse:
        path = call.info.path.rstrip("/") or "/"
        if call.http.method not in ("GET", "HEAD"):
            raise MethodNotAllowed("", call.info.verb)
        if path.startswith(_HEALTH):
            return await self._healthy(call, path)
        if page := self._pages.get(path):
            return page(call)
        if path.startswith(("/openapi/", "/swagger-2.0.0")):
            return await self._openapi.answer(call, path)
        if path in ("/api", "/apis") or path.startswith(("/api/", "/apis/")):
            answer = await self._discovery.answer(call, path)
            if answer is None:
                raise removed.explanation(path.removeprefix("/apis/")) or not_found()
            return answer
        raise not_found()

    def _index(self, call: Call) -> web.StreamResponse:
        checks = [f"/{end}/{check.name}" for end in ENDPOINTS for check in self._health.known(end)]
        known = [*self._discovery.paths(), *self._openapi.paths(), *self._documents]
        known += [*_HEALTH, *checks, "/metrics", "/version"]
        return replies.plain({"paths": sorted(known)}, call)

    async def _healthy(self, call: Call, path: str) -> web.StreamResponse:
        """`ok`, or every check by name with ?verbose or when one fails."""
        endpoint, _, only = path.strip("/").partition("/")
        if endpoint not in ENDPOINTS:
            raise not_found()
        query = call.http.query
        if only:
            verdict = await self._health.one(endpoint, only)
            if verdict is None:
                raise not_found()
        else:
            excluded = query.getall("exclude", [])
            verdict = await self._health.all(endpoint, excluded=excluded, verbose="verbose" in query)
        return replies.text(verdict.text, 200 if verdict.healthy else 500)


def _fixed(media_type: str, document: Any) -> Page:
    """A public document that clients may keep for an hour."""
    body, headers = orjson.dumps(document), {"Content-Type": media_type, "Cache-Control": "public, max-age=3600"}
    return lambda _: web.Response(body=body, headers=headers)
