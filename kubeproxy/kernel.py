"""The kernel switches without which the rules have no effect; each belongs to one network namespace.

Sets what is off, and says what could not be set and what will not work then.
Real Kubernetes: the proxier's constructor (EnsureSysctl) and the installation guide's prerequisites.
Left out: conntrack table sizes and timeouts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Switch:
    """One sysctl that must be 1, and what its absence breaks."""

    path: str
    without: str
    remedy: str = "set it to 1"


SWITCHES = (
    Switch("net/ipv4/ip_forward", "no packet passes this node: pods and other nodes cannot reach services"),
    Switch(
        "net/bridge/bridge-nf-call-iptables",
        "a ClusterIP hangs whenever its endpoint is on the same node as the client",
        "modprobe br_netfilter, then set it to 1",
    ),
    Switch("net/ipv4/conf/all/route_localnet", "127.0.0.1:nodePort does not answer on this node"),
)


def prepare(root: Path = Path("/proc/sys")) -> list[str]:
    """Turns the switches on in this network namespace; returns one sentence for each that stays off."""
    return [problem for switch in SWITCHES if (problem := turn_on(switch, root / switch.path))]


def turn_on(switch: Switch, path: Path) -> str:
    try:
        if path.read_text().strip() != "1":
            path.write_text("1\n")
    except OSError as error:
        name = switch.path.replace("/", ".")
        return f"{name} is not 1 ({error.strerror}): {switch.without}; {switch.remedy}"
    return ""
