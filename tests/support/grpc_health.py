"""A small gRPC server that answers health checks, made with gRPC's own library; messages are bytes."""

from __future__ import annotations

import asyncio
from typing import Self

import grpc


class HealthServer:
    """`statuses` says of each service what it answers: 1 is SERVING, 2 is NOT_SERVING."""

    def __init__(self) -> None:
        self.statuses = {"": 1}
        self.delay = 0.0
        self.asked: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = grpc.aio.server()
        handler = grpc.unary_unary_rpc_method_handler(self._check)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler}),)
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    async def _check(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        service = request[2:].decode()
        self.asked.append(service)
        await asyncio.sleep(self.delay)
        if service not in self.statuses:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return bytes([8, self.statuses[service]])
