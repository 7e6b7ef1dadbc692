"""The gRPC calls of CRI and of containerd's event service, one method each, with errors in our words.

Reads and writes nothing but the runtime's socket. A path is `/package.Service/Method`; request and
response classes come from the message table. grpclib is gRPC in plain Python: it costs a node a sixth of the memory
that the C library does, and a few calls a minute need no more.
Real Kubernetes: cri-client's remote_runtime.go and remote_image.go. Left out: tracing, streaming lists.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from grpclib.client import Channel, UnaryStreamMethod, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from kubelet.rpc import unix
from kubelet.rpc.unix import FAILURES
from kubelet.runtime import interface as rt
from kubelet.runtime.cri.messages import message

RUNTIME = "/runtime.v1.RuntimeService/"
IMAGES = "/runtime.v1.ImageService/"
SUBSCRIBE = "/containerd.services.events.v1.Events/Subscribe"
DEADLINE = 120.0

_ANSWERS = {
    "StopPodSandbox": "Empty",
    "RemovePodSandbox": "Empty",
    "StartContainer": "Empty",
    "StopContainer": "Empty",
    "RemoveContainer": "Empty",
    "UpdateContainerResources": "Empty",
    "RemoveImage": "Empty",
    "ReopenContainerLog": "Empty",
}


def failure(error: BaseException) -> rt.RuntimeFailure:
    """What a call ended with, as gRPC says it; a connection that broke is a runtime that is not there."""
    found = unix.failure(error)
    kind = rt.Unavailable if found.status is Status.UNAVAILABLE else rt.RuntimeFailure
    return kind(str(found))


class Calls:
    """One channel, connected when first used and again after a break; its methods made once."""

    def __init__(self, path: str) -> None:
        self._channel = Channel(path=path)
        self._methods: dict[str, UnaryUnaryMethod[Any, Any]] = {}

    def _method(self, service: str, name: str) -> UnaryUnaryMethod[Any, Any]:
        if name not in self._methods:
            answer = message(_ANSWERS.get(name, f"{name}Response"))
            self._methods[name] = UnaryUnaryMethod(self._channel, service + name, message(f"{name}Request"), answer)
        return self._methods[name]

    async def call(self, name: str, *, service: str = RUNTIME, deadline: float = DEADLINE, **fields: Any) -> Any:
        """One request and its answer, or RuntimeFailure."""
        request = message(f"{name}Request")(**fields)
        try:
            return await self._method(service, name)(request, timeout=deadline)
        except FAILURES as error:
            raise failure(error) from error

    async def ensure_gone(self, name: str, *, deadline: float = DEADLINE, **fields: Any) -> None:
        """A stop or a removal: what is not there is already gone."""
        request = message(f"{name}Request")(**fields)
        try:
            await self._method(RUNTIME, name)(request, timeout=deadline)
        except FAILURES as error:
            if not (isinstance(error, GRPCError) and error.status is Status.NOT_FOUND):
                raise failure(error) from error

    @asynccontextmanager
    async def subscribed(self, *filters: str) -> AsyncIterator[AsyncIterator[Any]]:
        """containerd's events from now on, until RuntimeFailure; what happened before is for the caller to look up."""
        request = message("SubscribeRequest")
        method = UnaryStreamMethod(self._channel, SUBSCRIBE, request, message("Envelope"))
        try:
            async with method.open() as stream:
                await stream.send_message(request(filters=filters), end=True)
                yield stream
                raise rt.Unavailable("the stream of events ended")
        except FAILURES as error:
            raise failure(error) from error

    async def close(self) -> None:
        """Hang up."""
        self._channel.close()
