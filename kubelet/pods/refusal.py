"""Pods that this node will not run whatever it has room for: what they ask of the kernel or the runtime is not there,
or not allowed. Pure.

Real Kubernetes: kubelet/sysctl/allowlist.go, lifecycle (NewAppArmorAdmitHandler), kubelet_pods.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelet.containers.security import app_armor_profile
from kubelet.containers.sysctls import dotted
from kubelet.pods.status import Verdict
from machinery.api.core.v1 import Pod, PodSecurityContext

SAFE_SYSCTLS = frozenset({
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
})  # fmt: skip
OF_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
OF_NETWORK = ("net.",)


def _allowed(name: str, patterns: Iterable[str]) -> bool:
    if name in SAFE_SYSCTLS:
        return True
    return any(name.startswith(p[:-1]) if p.endswith("*") else name == p for p in map(dotted, patterns))


def _sysctl(pod: Pod, name: str, patterns: Iterable[str]) -> str:
    """Why one sysctl is forbidden; "" if it is not."""
    if not _allowed(name, patterns):
        return f'forbidden sysctl: "{name}" not allowlisted'
    for shared, prefixes, words in ((pod.spec.host_network, OF_NETWORK, "net"), (pod.spec.host_ipc, OF_IPC, "ipc")):
        if shared and name.startswith(prefixes):
            return f'forbidden sysctl: "{name}" not allowed with host {words} enabled'
    return ""


def _confined(pod: Pod) -> bool:
    everyone = (*pod.spec.init_containers, *pod.spec.containers)
    profiles = (app_armor_profile(pod, container) for container in everyone)
    return any(profile is not None and profile.type != "Unconfined" for profile in profiles)


def _refusals(pod: Pod, unsafe_sysctls: Iterable[str], app_armor: bool) -> Iterator[tuple[str, str]]:
    security = pod.spec.security_context or PodSecurityContext()
    for sysctl in security.sysctls:
        if why := _sysctl(pod, dotted(sysctl.name), unsafe_sysctls):
            yield "SysctlForbidden", why
    if not app_armor and _confined(pod):
        yield "AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"
    if security.supplemental_groups_policy == "Strict":
        yield "SupplementalGroupsPolicyNotSupported", "SupplementalGroupsPolicy=Strict is not supported in this node"


def refusal(pod: Pod, *, unsafe_sysctls: Iterable[str], app_armor: bool) -> Verdict | None:
    """Why the pod fails before it begins; None if nothing speaks against it."""
    for reason, message in _refusals(pod, unsafe_sysctls, app_armor):
        return Verdict(reason, message)
    return None
