"""Asks over gRPC, by its health protocol: grpc.health.v1.Health/Check. Loaded only where a probe asks so.

The two messages have one field each, so they are written by hand. No TLS, as in Kubernetes.
Real Kubernetes: pkg/probe/grpc.
"""

from __future__ import annotations

import asyncio

from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from kubelet.probes.outcome import Outcome, authority, refusal
from kubelet.rpc.words import go_code

CHECK = "/grpc.health.v1.Health/Check"
STATUSES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")


class _Bytes(CodecBase):
    """Messages that are bytes already."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: type) -> bytes:
        return message

    def decode(self, data: bytes, message_type: type) -> bytes:
        return data


def request(service: str) -> bytes:
    """HealthCheckRequest: the service's name is field 1."""
    name = service.encode()
    return b"\x0a" + _varint(len(name)) + name if name else b""


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def status(response: bytes) -> str:
    """HealthCheckResponse: the status is field 1, and absent when it is 0."""
    number = response[1] if response[:1] == b"\x08" and len(response) > 1 else 0
    return STATUSES[number] if number < len(STATUSES) else str(number)


def _refused(error: GRPCError, seconds: str) -> str:
    if error.status is Status.UNIMPLEMENTED:
        words = "this server does not implement the grpc health protocol (grpc.health.v1.Health)"
        return f"error: {words}: {error.message}"
    if error.status is Status.DEADLINE_EXCEEDED:
        return f"timeout: health rpc did not complete within {seconds}"
    return f"error: health rpc probe failed: rpc error: code = {go_code(error.status)} desc = {error.message}"


async def check_grpc(service: str, host: str, port: int, timeout: float) -> Outcome:
    seconds, address = f"{timeout:g}s", authority(host, port)
    channel = Channel(host, port, codec=_Bytes())
    try:
        async with asyncio.timeout(timeout):
            await channel.__connect__()
            found = status(await UnaryUnaryMethod(channel, CHECK, bytes, bytes)(request(service), timeout=timeout))
    except GRPCError as error:
        return Outcome(False, _refused(error, seconds))
    except TimeoutError:
        why = "context deadline exceeded"
        return Outcome(False, f'timeout: failed to connect service "{address}" within {seconds}: {why}')
    except (ProtocolError, StreamTerminatedError) as error:
        return Outcome(False, f"error: health rpc probe failed: {error}")
    except OSError as error:
        why = f'connection error: desc = "transport: Error while dialing: {refusal(address, error)}"'
        return Outcome(False, f'error: failed to connect service at "{address}": {why}')
    finally:
        channel.close()
    return Outcome(found == "SERVING", "" if found == "SERVING" else f'service unhealthy (responded with "{found}")')
