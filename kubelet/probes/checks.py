"""Asks a container once: a command, an HTTP request, a TCP connection. Also runs lifecycle hooks.

Reads and writes nothing of the API. HTTP is spoken by hand: one request, and only its status line matters.
Real Kubernetes: pkg/probe, kubelet/lifecycle/handlers.go. Left out: gRPC.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from kubelet.runtime.interface import Runtime, RuntimeFailure
from machinery.api.core.v1 import (
    Container,
    ExecAction,
    HTTPGetAction,
    LifecycleHandler,
    Pod,
    ProbeHandler,
    TCPSocketAction,
)

OUTPUT_LIMIT = 10 * 1024
USER_AGENT = "kube-probe/1.32"


@dataclass(frozen=True)
class Target:
    """The container that is asked."""

    container_id: str
    container: Container
    ip: str


@dataclass(frozen=True)
class Outcome:
    ok: bool
    message: str = ""


def port_number(port: int | str | None, container: Container) -> int:
    """A number, or the name of one of the container's ports."""
    if isinstance(port, int):
        return port
    for named in container.ports:
        if named.name == port:
            return named.container_port
    return int(port) if port and port.isdigit() else 0


def refusal(address: str, error: OSError) -> str:
    """As Go words a failed connection."""
    words = {111: "connect: connection refused", 113: "connect: no route to host"}
    number = error.errno or 0
    return f"dial tcp {address}: {words.get(number, str(error.strerror or error).lower())}"


async def _exec(runtime: Runtime, action: ExecAction, target: Target, timeout: float) -> Outcome:
    try:
        result = await runtime.exec_sync(target.container_id, action.command, timeout)
    except RuntimeFailure as error:
        if "DeadlineExceeded" in str(error):
            return Outcome(False, f'command "{" ".join(action.command)}" timed out')
        return Outcome(False, str(error))
    output = (result.stdout + result.stderr)[:OUTPUT_LIMIT].decode(errors="replace")
    return Outcome(result.exit_code == 0, output)


async def _tcp(action: TCPSocketAction, target: Target, timeout: float) -> Outcome:
    address = action.host or target.ip
    port = port_number(action.port, target.container)
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(address, port)
        writer.close()
    except TimeoutError:
        return Outcome(False, f"dial tcp {address}:{port}: i/o timeout")
    except OSError as error:
        return Outcome(False, refusal(f"{address}:{port}", error))
    return Outcome(True)


def _tls() -> ssl.SSLContext:
    """A probe does not ask who answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _request(action: HTTPGetAction, authority: str) -> bytes:
    headers = {"Host": authority, "User-Agent": USER_AGENT, "Accept": "*/*", "Connection": "close"}
    headers |= {header.name: header.value for header in action.http_headers}
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


async def _status_code(action: HTTPGetAction, host: str, port: int) -> int:
    secure = action.scheme.upper() == "HTTPS"
    reader, writer = await asyncio.open_connection(host, port, ssl=_tls() if secure else None)
    try:
        writer.write(_request(action, f"{host}:{port}"))
        line = await reader.readline()
        return int(line.split()[1])
    finally:
        writer.close()


async def _http(action: HTTPGetAction, target: Target, timeout: float) -> Outcome:
    host, port = action.host or target.ip, port_number(action.port, target.container)
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    url = f'Get "{(action.scheme or "HTTP").lower()}://{host}:{port}{path}"'
    try:
        async with asyncio.timeout(timeout):
            code = await _status_code(action, host, port)
    except TimeoutError:
        return Outcome(False, f"{url}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    except OSError as error:
        return Outcome(False, f"{url}: {refusal(f'{host}:{port}', error)}")
    except (ValueError, IndexError):
        return Outcome(False, f"{url}: EOF")
    return Outcome(200 <= code < 400, "" if 200 <= code < 400 else f"HTTP probe failed with statuscode: {code}")


async def check(runtime: Runtime, handler: ProbeHandler | LifecycleHandler, target: Target, timeout: float) -> Outcome:
    """One question, one answer; never raises for a container that is unwell."""
    if handler.exec is not None:
        return await _exec(runtime, handler.exec, target, timeout)
    if handler.http_get is not None:
        return await _http(handler.http_get, target, timeout)
    if handler.tcp_socket is not None:
        return await _tcp(handler.tcp_socket, target, timeout)
    if isinstance(handler, LifecycleHandler) and handler.sleep is not None:
        await asyncio.sleep(min(handler.sleep.seconds, timeout))
        return Outcome(True)
    return Outcome(False, "no supported handler")


def pod_ip(pod: Pod, ips: tuple[str, ...], node_ip: str) -> str:
    """The address at which this pod's containers answer."""
    return node_ip if pod.spec.host_network else ips[0] if ips else ""
