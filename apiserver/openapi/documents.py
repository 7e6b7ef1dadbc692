"""Answers under /openapi: placeholder until the documents are generated."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from machinery.api.errors import generic

from apiserver.call import Call
from apiserver.registry.strategy import Strategy


class OpenApi:
    def __init__(self, strategies: Sequence[Strategy]) -> None:
        pass

    def paths(self) -> list[str]:
        return []

    async def answer(self, call: Call, path: str) -> web.StreamResponse:
        raise generic(404)
