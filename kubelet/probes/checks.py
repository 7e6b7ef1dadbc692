"""Asks a container once: a command, an HTTP request, a TCP connection, a gRPC health check.

Reads and writes nothing of the API. Real Kubernetes: pkg/probe, prober/prober.go.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kubelet.probes.http_check import check_http
from kubelet.probes.outcome import Outcome, authority, refusal
from kubelet.runtime.interface import Runtime, RuntimeFailure
from machinery.api.core.v1 import Container, ExecAction, Pod, ProbeHandler, TCPSocketAction

OUTPUT_LIMIT = 10 * 1024


@dataclass(frozen=True)
class Target:
    """The container that is asked."""

    container_id: str
    container: Container
    ip: str


def port_number(port: int | str | None, container: Container) -> int:
    """A number, or the name of one of the container's ports."""
    if isinstance(port, int):
        return port
    for named in container.ports:
        if named.name == port:
            return named.container_port
    return int(port) if port and port.isdigit() else 0


async def check_exec(runtime: Runtime, action: ExecAction, target: Target, timeout: float) -> Outcome:
    try:
        result = await runtime.exec_sync(target.container_id, action.command, timeout)
    except RuntimeFailure as error:
        if "DeadlineExceeded" in str(error):
            return Outcome(False, f'command "{" ".join(action.command)}" timed out')
        return Outcome(False, str(error), unknown=True)
    output = (result.stdout + result.stderr)[:OUTPUT_LIMIT].decode(errors="replace")
    return Outcome(result.exit_code == 0, output)


async def _tcp(action: TCPSocketAction, target: Target, timeout: float) -> Outcome:
    host, port = action.host or target.ip, port_number(action.port, target.container)
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
        writer.close()
    except TimeoutError:
        return Outcome(False, f"dial tcp {authority(host, port)}: i/o timeout")
    except OSError as error:
        return Outcome(False, refusal(authority(host, port), error))
    return Outcome(True)


async def check(runtime: Runtime, handler: ProbeHandler, target: Target, timeout: float) -> Outcome:
    """One question, one answer; never raises for a container that is unwell."""
    if handler.exec is not None:
        return await check_exec(runtime, handler.exec, target, timeout)
    if (http := handler.http_get) is not None:
        return await check_http(http, http.host or target.ip, port_number(http.port, target.container), timeout)
    if handler.tcp_socket is not None:
        return await _tcp(handler.tcp_socket, target, timeout)
    if handler.grpc is not None:
        from kubelet.probes.grpc_check import check_grpc

        return await check_grpc(handler.grpc.service or "", target.ip, handler.grpc.port, timeout)
    return Outcome(False, "missing probe handler", unknown=True)


def pod_ip(pod: Pod, ips: tuple[str, ...], node_ip: str) -> str:
    """The address at which this pod's containers answer."""
    return node_ip if pod.spec.host_network else ips[0] if ips else ""
