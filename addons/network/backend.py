"""How packets get to another node's pods.

HostGateway: a plain route through that node's address; needs all nodes on one link, costs nothing. A tunnel for
nodes that are routers apart would be a second class of this shape.
Real Kubernetes: flannel's backends of the same names.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any, Protocol

log = logging.getLogger(__name__)

PROTOCOL = 77
"""Marks routes as ours (`ip route` shows `proto 77`); all others are left alone."""
MAIN_TABLE = 254
AF_INET = 2


class Backend(Protocol):
    """Keeps the kernel's ways to other nodes' pods."""

    def apply(self, routes: Mapping[str, str]) -> list[str]:
        """Makes our ways exactly these (subnet -> node address); returns a sentence for each that failed."""
        ...


class HostGateway:
    """Backend over ordinary routes in the main table."""

    def apply(self, routes: Mapping[str, str]) -> list[str]:
        # Loaded here: it costs 10 MB, which tests and --help need not pay.
        from pyroute2 import IPRoute

        with IPRoute() as netlink:
            present = ours(netlink)
            for subnet in present.keys() - routes.keys():
                log.info("route to %s via %s removed", subnet, present[subnet])
                delete(netlink, subnet, present[subnet])
            wanted = {subnet: via for subnet, via in routes.items() if present.get(subnet) != via}
            return [problem for subnet, via in wanted.items() if (problem := put(netlink, subnet, via, present))]


def ours(netlink: Any) -> dict[str, str]:
    """subnet -> gateway of every route that carries our mark."""
    found = {}
    for route in netlink.get_routes(family=AF_INET, table=MAIN_TABLE):
        attributes = dict(route["attrs"])
        if route["proto"] == PROTOCOL and "RTA_DST" in attributes:
            found[f"{attributes['RTA_DST']}/{route['dst_len']}"] = attributes.get("RTA_GATEWAY", "")
    return found


def put(netlink: Any, subnet: str, via: str, present: Mapping[str, str]) -> str:
    """Replaces a route only when the old one is ours: `add` fails where someone else's is in the way."""
    from pyroute2 import NetlinkError

    try:
        netlink.route("replace" if subnet in present else "add", dst=subnet, gateway=via, proto=PROTOCOL)
    except NetlinkError as error:
        return f"no route to {subnet} via {via}: {reason(error.code)}"
    log.info("route to %s via %s", subnet, via)
    return ""


def reason(code: int) -> str:
    known = {
        errno.EEXIST: "another route to this subnet exists, and it is not ours",
        errno.ENETUNREACH: "that node is not on a network of this machine (host-gw needs one link)",
    }
    return known.get(code, errno.errorcode.get(code, str(code)))


def delete(netlink: Any, subnet: str, via: str) -> None:
    """A route that went away by itself, with its interface, is as good as deleted."""
    from pyroute2 import NetlinkError

    try:
        netlink.route("del", dst=subnet, gateway=via, proto=PROTOCOL)
    except NetlinkError as error:
        if error.code != errno.ESRCH:
            raise
