"""The command line of kubeproxy."""

from __future__ import annotations

from dataclasses import dataclass

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Keeps this machine's packet rules in line with the cluster's Services."""

    kubeconfig: str = ""
    """File with the API server's address and this component's certificate."""
    hostname_override: str = ""
    """The name of the Node that this machine is; the machine's own name when empty."""
    cluster_cidr: str = ""
    """The range of all pod addresses: what comes from elsewhere to a cluster IP is masqueraded."""
    min_sync_period: float = 0.1
    """At least this long between two changes of the rules (a burst becomes one change)."""
    full_sync_period: float = 3600.0
    """How often the kernel's tables are read again and replaced as a whole."""
    cleanup: bool = False
    """Remove every rule of ours from this machine, and exit."""
