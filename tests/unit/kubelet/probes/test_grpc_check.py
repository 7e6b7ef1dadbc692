"""Health over gRPC, against a server that gRPC's own library runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from kubelet.probes.checks import Target, check
from kubelet.probes.grpc_check import request, status
from kubelet.probes.outcome import Outcome
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import Container, GRPCAction, Probe
from tests.support.etcd import free_ports
from tests.support.grpc_health import HealthServer


async def ask(port: int, service: str = "", timeout: float = 2) -> Outcome:
    probe = Probe(grpc=GRPCAction(port=port, service=service))
    return await check(HollowRuntime(), probe, Target("x", Container(name="c"), "127.0.0.1"), timeout)


@asynccontextmanager
async def nobody() -> AsyncIterator[int]:
    """A gRPC server that knows no service at all."""
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


async def test_services_and_what_they_say_of_themselves() -> None:
    async with HealthServer() as health:
        assert (await ask(health.port)).ok
        health.statuses["db"] = 2
        assert await ask(health.port, "db") == Outcome(False, 'service unhealthy (responded with "NOT_SERVING")')
        said = "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"
        assert await ask(health.port, "other") == Outcome(False, said)
        health.delay = 5
        assert (await ask(health.port, timeout=0.2)).message.startswith("timeout: ")


async def test_servers_that_know_nothing_of_health() -> None:
    async with nobody() as port:
        said = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
        assert (await ask(port)).message.startswith(said)
    (port,) = free_ports(1)
    found = await ask(port)
    assert found.message.startswith(f'error: failed to connect service at "127.0.0.1:{port}": connection error')
    assert found.message.endswith('connect: connection refused"')


@pytest.mark.parametrize(("service", "encoded"), [
    ("", b""), ("a", b"\x0a\x01a"), ("x" * 200, b"\x0a\xc8\x01" + b"x" * 200)])
def test_requests(service: str, encoded: bytes) -> None:
    assert request(service) == encoded


def test_answers() -> None:
    assert [status(data) for data in (b"", b"\x08\x01", b"\x08\x03")] == ["UNKNOWN", "SERVING", "SERVICE_UNKNOWN"]
