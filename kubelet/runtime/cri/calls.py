"""The gRPC calls of CRI and of containerd's event service, one method each, with errors in our words.

Reads and writes nothing but the runtime's socket. A path is `/package.Service/Method`; request and
response classes come from the message table.
Real Kubernetes: cri-client's remote_runtime.go and remote_image.go. Left out: tracing, streaming lists.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from kubelet.runtime import interface as rt
from kubelet.runtime.cri.messages import message

CHANNEL_OPTIONS = (
    ("grpc.default_authority", "localhost"),
    ("grpc.max_receive_message_length", 32 << 20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
)
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
}


def go_code(code: grpc.StatusCode) -> str:
    """NOT_FOUND -> NotFound: how Go prints it, and so every Kubernetes event."""
    return "".join(part.title() for part in code.name.split("_"))


def failure(error: grpc.aio.AioRpcError) -> rt.RuntimeFailure:
    text = f"rpc error: code = {go_code(error.code())} desc = {error.details()}"
    kind = rt.Unavailable if error.code() is grpc.StatusCode.UNAVAILABLE else rt.RuntimeFailure
    return kind(text)


class Stream:
    """Messages until the stream breaks; then RuntimeFailure."""

    def __init__(self, call: Any) -> None:
        self._call = call

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            async for received in self._call:
                yield received
        except grpc.aio.AioRpcError as error:
            raise failure(error) from error

    def close(self) -> None:
        self._call.cancel()


class Calls:
    """One channel, its methods made once."""

    def __init__(self, endpoint: str) -> None:
        self._channel = grpc.aio.insecure_channel(endpoint, options=CHANNEL_OPTIONS)
        self._methods: dict[str, Any] = {}

    def _method(self, service: str, name: str) -> Any:
        if name not in self._methods:
            self._methods[name] = self._channel.unary_unary(
                service + name,
                request_serializer=message(f"{name}Request").SerializeToString,
                response_deserializer=message(_ANSWERS.get(name, f"{name}Response")).FromString,
            )
        return self._methods[name]

    async def call(
        self, name: str, *, service: str = RUNTIME, deadline: float = DEADLINE, **fields: Any
    ) -> Any:
        request = message(f"{name}Request")(**fields)
        try:
            return await self._method(service, name)(request, timeout=deadline)
        except grpc.aio.AioRpcError as error:
            raise failure(error) from error

    async def ensure_gone(self, name: str, *, deadline: float = DEADLINE, **fields: Any) -> None:
        """A stop or a removal: what is not there is already gone."""
        request = message(f"{name}Request")(**fields)
        try:
            await self._method(RUNTIME, name)(request, timeout=deadline)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise failure(error) from error

    def subscribe(self, *filters: str) -> Stream:
        """containerd's events from now on; what happened before is for the caller to look up."""
        method = self._channel.unary_stream(
            SUBSCRIBE,
            request_serializer=message("SubscribeRequest").SerializeToString,
            response_deserializer=message("Envelope").FromString,
        )
        return Stream(method(message("SubscribeRequest")(filters=filters), wait_for_ready=True))

    async def close(self) -> None:
        await self._channel.close()
