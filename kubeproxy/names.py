"""Names of the iptables chains: a fixed set, and hashes of what a chain stands for.

A hash makes a name that fits iptables' 28 characters, that two runs agree on, and that other tools of the
Kubernetes world (and `iptables-save | grep`) recognise. Real Kubernetes: pkg/proxy/iptables (chain name functions).
"""

from __future__ import annotations

import base64
import hashlib

from kubeproxy.ports import Endpoint, ServicePort

SERVICES = "KUBE-SERVICES"
NODE_PORTS = "KUBE-NODEPORTS"
POSTROUTING = "KUBE-POSTROUTING"
MARK_MASQ = "KUBE-MARK-MASQ"
FORWARD = "KUBE-FORWARD"
EXTERNAL_SERVICES = "KUBE-EXTERNAL-SERVICES"
PROXY_FIREWALL = "KUBE-PROXY-FIREWALL"
FIREWALL = "KUBE-FIREWALL"

FIXED = frozenset(
    {SERVICES, NODE_PORTS, POSTROUTING, MARK_MASQ, FORWARD, EXTERNAL_SERVICES, PROXY_FIREWALL, FIREWALL}
)
HASHED = ("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-")


def is_ours(chain: str) -> bool:
    """Kubelets and network plugins own other KUBE-… chains: those stay."""
    return chain in FIXED or chain.startswith(HASHED)


def cluster_chain(port: ServicePort) -> str:
    """Balances over every endpoint."""
    return "KUBE-SVC-" + digest(port.name, port.protocol)


def local_chain(port: ServicePort) -> str:
    """Balances over the endpoints on this node (traffic policy Local)."""
    return "KUBE-SVL-" + digest(port.name, port.protocol)


def external_chain(port: ServicePort) -> str:
    """Where traffic to a node port or another outer address enters."""
    return "KUBE-EXT-" + digest(port.name, port.protocol)


def firewall_chain(port: ServicePort) -> str:
    """Lets only loadBalancerSourceRanges through to the external chain."""
    return "KUBE-FW-" + digest(port.name, port.protocol)


def endpoint_chain(port: ServicePort, endpoint: Endpoint) -> str:
    """Rewrites the destination to one endpoint."""
    return "KUBE-SEP-" + digest(port.name, port.protocol, str(endpoint))


def digest(*parts: str) -> str:
    return base64.b32encode(hashlib.sha256("".join(parts).encode()).digest()).decode()[:16]
