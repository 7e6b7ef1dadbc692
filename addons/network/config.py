"""The command line of the pod network's agent."""

from __future__ import annotations

from dataclasses import dataclass

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Connects this node's pods to each other and to the pods of all other nodes."""

    kubeconfig: str = ""
    """File with the API server's address and this component's certificate."""
    node_name: str = ""
    """The name of the Node that this machine is; the machine's own name when empty."""
    cni_conf_dir: str = "/etc/cni/net.d"
    """Where the container runtime looks for its CNI configuration."""
    cni_data_dir: str = "/var/lib/cni/networks"
    """Where host-local remembers which pod has which address."""
    mtu: int = 0
    """The largest packet on pods' interfaces; 0 for the kernel's default."""
    cleanup: bool = False
    """Remove routes, rules and the CNI configuration from this machine, and exit."""
