"""The sandbox of a pod: hostname, DNS, ports, namespaces, cgroup. Pure.

Real Kubernetes: kuberuntime_sandbox.go, network/dns/dns.go. Left out: user namespaces, IPv6 specifics.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kubelet.config import Config
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.qos import pod_cgroup
from kubelet.containers.sysctls import dotted
from kubelet.runtime import interface as rt
from machinery.api.core.v1 import Pod

HOSTNAME_LIMIT, FQDN_LIMIT = 63, 64
MOST_SERVERS, MOST_SEARCHES, SEARCHES_LENGTH = 3, 32, 2048
"""What a resolver takes: of what goes beyond, nothing is passed on."""


@dataclass(frozen=True)
class HostDns:
    """The node's own resolver."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def parse_resolv_conf(text: str) -> HostDns:
    found: dict[str, list[str]] = {"nameserver": [], "search": [], "options": []}
    for line in text.splitlines():
        word, *rest = line.split("#")[0].split() or [""]
        if word == "search":
            found["search"] = rest
        elif word in found:
            found[word] += rest
    return HostDns(tuple(found["nameserver"]), tuple(found["search"]), tuple(found["options"]))


def read_host_dns(path: Path = Path("/etc/resolv.conf")) -> HostDns:
    try:
        return parse_resolv_conf(path.read_text())
    except OSError:
        return HostDns()


def hostname(pod: Pod) -> str:
    return (pod.spec.hostname or pod.metadata.name)[:HOSTNAME_LIMIT].rstrip("-.")


def kernel_hostname(pod: Pod, domain: str) -> str:
    """What the kernel calls the pod's machine: its short name, or all of it where the pod says so."""
    if pod.spec.host_network:
        return ""
    name = hostname(pod)
    if not (pod.spec.set_hostname_as_fqdn and pod.spec.subdomain):
        return name
    full = f"{name}.{pod.spec.subdomain}.{pod.metadata.namespace}.svc.{domain}"
    if len(full) > FQDN_LIMIT:
        limit = f"({FQDN_LIMIT} characters is the max, {len(full)} characters requested)"
        why = f"FQDN {full} is too long {limit}"
        raise ConfigFailure(f"Failed to construct FQDN from pod hostname and cluster domain, {why}")
    return full


def dns(pod: Pod, config: Config, host: HostDns) -> rt.Dns:
    """dnsPolicy, then what dnsConfig adds, as much as a resolver takes."""
    wanted = wanted_dns(pod, config, host)
    searches = wanted.searches[:MOST_SEARCHES]
    while len(" ".join(searches)) > SEARCHES_LENGTH:
        searches = searches[:-1]
    return rt.Dns(wanted.servers[:MOST_SERVERS], searches, wanted.options)


def dns_excess(wanted: rt.Dns, given: rt.Dns) -> str:
    """What the user is told of limits that were exceeded; "" if none was. Pure."""
    if wanted.servers != given.servers:
        words = "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is:"
        return f"{words} {' '.join(given.servers)}"
    if wanted.searches != given.searches:
        words = "Search Line limits were exceeded, some search paths have been omitted, the applied search line is:"
        return f"{words} {' '.join(given.searches)}"
    return ""


def wanted_dns(pod: Pod, config: Config, host: HostDns) -> rt.Dns:
    """All that pod and cluster ask for."""
    policy = pod.spec.dns_policy or "ClusterFirst"
    if policy == "ClusterFirst" and (pod.spec.host_network or not config.cluster_dns):
        policy = "Default"
    found = rt.Dns()
    if policy == "Default":
        found = rt.Dns(host.servers, host.searches, host.options)
    elif policy != "None":
        domain = config.cluster_domain
        own = (f"{pod.metadata.namespace}.svc.{domain}", f"svc.{domain}", domain)
        found = rt.Dns((config.cluster_dns,), tuple(dict.fromkeys((*own, *host.searches))), ("ndots:5",))
    return _with_dns_config(pod, found)


def _with_dns_config(pod: Pod, found: rt.Dns) -> rt.Dns:
    more = pod.spec.dns_config
    if more is None:
        return found
    options = {option.partition(":")[0]: option for option in found.options}
    for option in more.options:
        options[option.name] = option.name if option.value is None else f"{option.name}:{option.value}"
    return rt.Dns(
        tuple(dict.fromkeys((*found.servers, *more.nameservers))),
        tuple(dict.fromkeys((*found.searches, *more.searches))),
        tuple(options.values()),
    )


def ports(pod: Pod) -> tuple[rt.PortMapping, ...]:
    """Host ports; with the node's own network there is nothing to map."""
    if pod.spec.host_network:
        return ()
    found = [
        rt.PortMapping(port.container_port, port.host_port, port.protocol or "TCP", port.host_ip)
        for container in (*pod.spec.init_containers, *pod.spec.containers)
        for port in container.ports
    ]
    return tuple(mapping for mapping in found if mapping.host_port)


def namespaces(pod: Pod) -> rt.Namespaces:
    pid = "node" if pod.spec.host_pid else "pod" if pod.spec.share_process_namespace else "container"
    return rt.Namespaces(pod.spec.host_network, pod.spec.host_ipc, pid)


def pod_labels(pod: Pod) -> dict[str, str]:
    meta = pod.metadata
    ours = {rt.POD_NAME: meta.name, rt.POD_NAMESPACE: meta.namespace, rt.POD_UID: meta.uid}
    return {**meta.labels, **ours}


def log_directory(config: Config, pod: Pod) -> str:
    meta = pod.metadata
    return f"{config.pod_log_dir}/{meta.namespace}_{meta.name}_{meta.uid}"


def grace_period(pod: Pod) -> int:
    found = pod.spec.termination_grace_period_seconds
    return 30 if found is None else found


def sandbox_spec(pod: Pod, attempt: int, config: Config, host: HostDns) -> rt.SandboxSpec:
    security = pod.spec.security_context
    every = (*pod.spec.init_containers, *pod.spec.containers)
    return rt.SandboxSpec(
        name=pod.metadata.name,
        namespace=pod.metadata.namespace,
        uid=pod.metadata.uid,
        attempt=attempt,
        hostname=kernel_hostname(pod, config.cluster_domain),
        log_directory=log_directory(config, pod),
        dns=dns(pod, config, host),
        ports=ports(pod),
        labels=pod_labels(pod),
        annotations={rt.GRACE_PERIOD: str(grace_period(pod))},
        cgroup_parent=pod_cgroup(config.cgroup_root, pod),
        namespaces=namespaces(pod),
        sysctls={dotted(s.name): s.value for s in security.sysctls} if security else {},
        privileged=any(c.security_context and c.security_context.privileged for c in every),
    )
