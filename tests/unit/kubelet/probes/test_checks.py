"""Asking a container once: real sockets on loopback, a hollow runtime for commands."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kubelet.probes.checks import Target, check, port_number
from kubelet.probes.outcome import Outcome
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import (
    Container,
    ContainerPort,
    ExecAction,
    HTTPGetAction,
    HTTPHeader,
    Probe,
    TCPSocketAction,
)
from tests.support.etcd import free_ports
from tests.support.pki import Authority

CONTAINER = Container(name="c", ports=(ContainerPort(name="web", container_port=80),))
TARGET = Target("x", CONTAINER, "127.0.0.1")


async def ask(handler: Probe, timeout: float = 2) -> Outcome:
    return await check(HollowRuntime(), handler, TARGET, timeout)


@asynccontextmanager
async def server(answer: bytes | None, context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers every connection alike; None: never."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await asyncio.Event().wait()
        writer.write(answer or b"")
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1], heard
    finally:
        listening.close()


@pytest.mark.parametrize(("code", "ok"), [(200, True), (302, True), (399, True), (400, False), (503, False)])
async def test_http(code: int, ok: bool) -> None:
    async with server(f"HTTP/1.1 {code} X\r\n\r\n".encode()) as (port, heard):
        headers = (HTTPHeader(name="X-A", value="1"),)
        found = await ask(Probe(http_get=HTTPGetAction(path="health", port=port, http_headers=headers)))
    assert found == Outcome(ok, "" if ok else f"HTTP probe failed with statuscode: {code}")
    assert heard[0].startswith(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:") and b"\r\nX-A: 1\r\n" in heard[0]
    assert b"User-Agent: kube-probe/1.32" in heard[0]


async def test_http_without_an_answer() -> None:
    (port,) = free_ports(1)
    url = f'Get "http://127.0.0.1:{port}/": '
    found = await ask(Probe(http_get=HTTPGetAction(path="/", port=port)))
    assert found == Outcome(False, f"{url}dial tcp 127.0.0.1:{port}: connect: connection refused")
    async with server(None) as (port, _):
        found = await ask(Probe(http_get=HTTPGetAction(path="/", port=port)), 0.05)
    assert found.message.endswith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    async with server(b"") as (port, _):
        assert (await ask(Probe(http_get=HTTPGetAction(path="/", port=port)))).message.endswith(": EOF")


@pytest.mark.parametrize(("location", "ok"), [("/there", False), ("http://elsewhere.test/", True)])
async def test_http_follows_redirections_that_stay_here(location: str, ok: bool) -> None:
    heard = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).split()[1])
        code = 302 if heard[-1] == b"/" else 500
        writer.write(f"HTTP/1.1 {code} X\r\nX-Y: z\r\nlocation: {location}\r\n\r\n".encode())
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    found = await ask(Probe(http_get=HTTPGetAction(path="/", port=port)))
    listening.close()
    assert found == Outcome(ok, "" if ok else "HTTP probe failed with statuscode: 500")
    assert heard == ([b"/"] if ok else [b"/", b"/there"])


async def test_https_with_any_certificate(tmp_path: Path) -> None:
    serving = Authority(tmp_path).issue("somebody")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(serving.cert, serving.key)
    async with server(b"HTTP/1.1 200 OK\r\n\r\n", context) as (port, heard):
        hosts = (HTTPHeader(name="host", value="web.test"),)
        action = HTTPGetAction(path="/", port=port, scheme="HTTPS", http_headers=hosts)
        assert await ask(Probe(http_get=action)) == Outcome(True)
    assert b"host: web.test" in heard[0] and b"Host: 127" not in heard[0]


async def test_https_where_nobody_speaks_it() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    said = f'Get "https://127.0.0.1:{port}/": http: server gave HTTP response to HTTPS client'
    assert await ask(Probe(http_get=HTTPGetAction(path="/", port=port, scheme="HTTPS"))) == Outcome(False, said)
    listening.close()


async def test_tcp() -> None:
    async with server(b"") as (port, _):
        assert (await ask(Probe(tcp_socket=TCPSocketAction(port=port)))).ok
    (port,) = free_ports(1)
    found = await ask(Probe(tcp_socket=TCPSocketAction(port=port)))
    assert found == Outcome(False, f"dial tcp 127.0.0.1:{port}: connect: connection refused")


async def test_commands() -> None:
    assert await ask(Probe(exec=ExecAction(command=("echo", "hi")))) == Outcome(True, "hi\n")
    assert not (await ask(Probe(exec=ExecAction(command=("false",))))).ok


def test_ports_by_name() -> None:
    assert [port_number(port, CONTAINER) for port in (81, "web", "82", "none", None)] == [81, 80, 82, 0, 0]
