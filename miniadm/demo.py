"""Asks the demo a question the way a user outside the cluster would: HTTP to a node's port."""

from __future__ import annotations

import http.client

from miniadm.cluster import Cluster

NODE_PORT = 30080

CONNECT_SECONDS, ANSWER_SECONDS = 0.2, 1.0
"""Nobody is told "refused" more than once a second: the kernel limits ICMP, and whoever asks again waits in vain."""


def ask(cluster: Cluster) -> str:
    """The demo's answer through the last worker, "" while there is none."""
    connection = http.client.HTTPConnection(cluster.machines[-1].ip, NODE_PORT, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        connection.request("GET", "/")
        reply = connection.getresponse()
        return reply.read().decode().strip() if reply.status == 200 else ""
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def url(cluster: Cluster) -> str:
    return f"http://{cluster.machines[-1].ip}:{NODE_PORT}/"
