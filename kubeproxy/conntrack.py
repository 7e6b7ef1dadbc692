"""Which remembered UDP flows a change of endpoints makes wrong, and their deletion.

A UDP "connection" never ends by itself while its client keeps sending, so conntrack would deliver to a removed
endpoint for ever; or past a service that had no endpoint at first. TCP heals by itself: its packets get a reset.
Real Kubernetes: pkg/proxy/conntrack. Left out: netlink; the `conntrack` program does it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence

from kubeproxy.ports import ServicePort

log = logging.getLogger(__name__)

Flow = tuple[str, ...]
"""Arguments of `conntrack -D` that select flows."""


def stale_flows(old: Iterable[ServicePort], new: Iterable[ServicePort]) -> list[Flow]:
    """Pure: flows to endpoints that left, and flows that began before there was any endpoint."""
    now = {(port.name, port.protocol): port for port in new if port.protocol == "udp"}
    before = {(port.name, port.protocol): port for port in old if port.protocol == "udp"}
    flows: dict[Flow, None] = {}
    for key, port in before.items():
        kept = {endpoint.ip for endpoint in now[key].endpoints} if key in now else set()
        for ip in sorted({endpoint.ip for endpoint in port.endpoints} - kept):
            flows.update(dict.fromkeys((*entrance, "--dst-nat", ip) for entrance in entrances(port)))
    for key, port in now.items():
        was_empty = key not in before or not before[key].endpoints
        if port.endpoints and was_empty:
            flows.update(dict.fromkeys(entrances(port)))
    return list(flows)


def entrances(port: ServicePort) -> Iterator[Flow]:
    for ip in (port.cluster_ip, *port.external_ips, *port.load_balancer_ips):
        yield ("-p", "udp", "--orig-dst", ip, "--orig-port-dst", str(port.port))
    if port.node_port:
        yield ("-p", "udp", "--orig-port-dst", str(port.node_port))


async def delete_flows(flows: Sequence[Flow]) -> None:
    if flows and not shutil.which("conntrack"):
        log.warning("UDP clients may hang: the program `conntrack` is missing (package conntrack)")
        return
    for flow in flows:
        process = await asyncio.create_subprocess_exec(
            "conntrack", "-D", *flow, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        # It exits with 1 when nothing matched, which is the usual case.
        await process.wait()
