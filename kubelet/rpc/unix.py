"""One call to a program that serves gRPC on a unix socket: connect, ask, hang up.

For programs that are asked rarely (drivers of volumes): nothing stays open that could break unseen.
"""

from __future__ import annotations

import asyncio
from typing import Any

from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from kubelet.rpc.words import go_code

FAILURES = (GRPCError, StreamTerminatedError, ProtocolError, OSError, asyncio.TimeoutError)


class RpcFailure(Exception):
    """The text is how Go prints it: rpc error: code = NotFound desc = no such volume."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(f"rpc error: code = {go_code(status)} desc = {text}")
        self.status = status


def failure(error: BaseException) -> RpcFailure:
    if isinstance(error, GRPCError):
        return RpcFailure(error.status, error.message or "")
    if isinstance(error, TimeoutError):
        return RpcFailure(Status.DEADLINE_EXCEEDED, "context deadline exceeded")
    return RpcFailure(Status.UNAVAILABLE, str(error) or type(error).__name__)


async def call(path: str, method: str, request: Any, answer: type, *, deadline: float) -> Any:
    """The answer, or RpcFailure. `method` is /package.Service/Method."""
    channel = Channel(path=path)
    try:
        return await UnaryUnaryMethod(channel, method, type(request), answer)(request, timeout=deadline)
    except FAILURES as error:
        raise failure(error) from error
    finally:
        channel.close()
