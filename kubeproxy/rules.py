"""desired_rules(services, slices, node): the whole nat and filter text that serves every Service on this node.

Pure. A packet's way: KUBE-SERVICES (which service port?) -> KUBE-SVC-… (which endpoint?) -> KUBE-SEP-… (rewrite the
destination); from outside KUBE-NODEPORTS -> KUBE-EXT-… -> KUBE-SVC-…. What must answer through this node is marked
in KUBE-MARK-MASQ and gets the node's own address in KUBE-POSTROUTING.
Real Kubernetes: pkg/proxy/iptables/proxier.go, syncProxyRules. Left out: IPv6, health check node ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubeproxy import names
from kubeproxy.ports import Endpoint, ServicePort, service_ports
from kubeproxy.tables import Chains, Hooks, Tables, render
from machinery.api.core.v1 import Node, Service
from machinery.api.discovery.v1 import EndpointSlice

MARK = "0x4000"
PORTALS = '-m comment --comment "kubernetes service portals"'
OUTER_PORTALS = '-m comment --comment "kubernetes externally-visible service portals"'
NEW = "-m conntrack --ctstate NEW"

HOOKS: Hooks = {
    "nat": (
        ("PREROUTING", f"{PORTALS} -j {names.SERVICES}"),
        ("OUTPUT", f"{PORTALS} -j {names.SERVICES}"),
        ("POSTROUTING", f'-m comment --comment "kubernetes postrouting rules" -j {names.POSTROUTING}'),
    ),
    "filter": (
        ("INPUT", f"{NEW} {OUTER_PORTALS} -j {names.EXTERNAL_SERVICES}"),
        ("INPUT", f"-j {names.FIREWALL}"),
        ("FORWARD", f"{NEW} {OUTER_PORTALS} -j {names.EXTERNAL_SERVICES}"),
        ("FORWARD", f"{NEW} {PORTALS} -j {names.SERVICES}"),
        ("FORWARD", f'-m comment --comment "kubernetes forwarding rules" -j {names.FORWARD}'),
        ("FORWARD", f"{NEW} -j {names.PROXY_FIREWALL}"),
        ("OUTPUT", f"{NEW} {PORTALS} -j {names.SERVICES}"),
        ("OUTPUT", f"{NEW} -j {names.PROXY_FIREWALL}"),
        ("OUTPUT", f"-j {names.FIREWALL}"),
    ),
}
"""Each is inserted at the head of its chain, so the last one of a chain is looked at first."""


def desired_rules(
    services: Iterable[Service], slices: Iterable[EndpointSlice], node: Node, *, cluster_cidr: str = ""
) -> str:
    return render(desired_tables(service_ports(services, slices, node), cluster_cidr))


def desired_tables(ports: Iterable[ServicePort], cluster_cidr: str) -> Tables:
    return assemble(port_tables(port, cluster_cidr) for port in ports)


def assemble(parts: Iterable[Tables]) -> Tables:
    """The frame, filled with every port's own chains and its rules in the shared ones."""
    tables = frame()
    for part in parts:
        for name, chains in part.items():
            for chain, rules in chains.items():
                if chain in names.FIXED:
                    tables[name][chain] += rules
                else:
                    tables[name][chain] = rules
    tables["nat"][names.SERVICES].append(
        '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" '
        f"-m addrtype --dst-type LOCAL -j {names.NODE_PORTS}"
    )
    return tables


def port_tables(port: ServicePort, cluster_cidr: str) -> Tables:
    """All that one service port adds; worth keeping, since most ports stay as they are."""
    nat: Chains = {names.SERVICES: [], names.NODE_PORTS: []}
    filter_: Chains = {names.SERVICES: [], names.EXTERNAL_SERVICES: [], names.PROXY_FIREWALL: []}
    if port.cluster:
        add_balancing(nat, port, cluster_cidr)
        add_entrances(nat, port)
        if port.is_external:
            nat[names.external_chain(port)] = external_rules(port, cluster_cidr)
        add_source_ranges(nat, filter_, port)
    add_refusals(filter_, port)
    return {"nat": nat, "filter": filter_}


def frame() -> Tables:
    """The chains that exist without any service."""
    nat: Chains = {
        names.SERVICES: [],
        names.NODE_PORTS: [],
        names.POSTROUTING: [
            f"-m mark ! --mark {MARK}/{MARK} -j RETURN",
            f"-j MARK --xor-mark {MARK}",
            f"{comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully",
        ],
        names.MARK_MASQ: [f"-j MARK --or-mark {MARK}"],
    }
    filter_: Chains = {
        names.SERVICES: [],
        names.EXTERNAL_SERVICES: [],
        names.FORWARD: [
            "-m conntrack --ctstate INVALID -j DROP",
            f"{comment('kubernetes forwarding rules')} -m mark --mark {MARK}/{MARK} -j ACCEPT",
            f"{comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ],
        names.PROXY_FIREWALL: [],
        # 127.0.0.1:nodePort needs route_localnet; this keeps neighbours from using it to reach our loopback.
        names.FIREWALL: [
            f"{comment('block incoming localnet connections')} -d 127.0.0.0/8 ! -s 127.0.0.0/8 "
            "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
        ],
    }
    return {"nat": nat, "filter": filter_}


def add_balancing(nat: Chains, port: ServicePort, cluster_cidr: str) -> None:
    if port.uses_cluster:
        nat[names.cluster_chain(port)] = masquerade_outsiders(port, cluster_cidr, local=False)
        nat[names.cluster_chain(port)] += balance(port, port.cluster)
    if port.uses_local:
        nat[names.local_chain(port)] = masquerade_outsiders(port, cluster_cidr, local=True)
        nat[names.local_chain(port)] += balance(port, port.local)
    for endpoint in port.endpoints:
        nat[names.endpoint_chain(port, endpoint)] = endpoint_rules(port, endpoint)


def masquerade_outsiders(port: ServicePort, cluster_cidr: str, *, local: bool) -> list[str]:
    """Who is not a pod may be unreachable from the endpoint's node: it must answer through us."""
    if not cluster_cidr or port.internal_local != local:
        return []
    return [
        f"{comment(port.name + ' cluster IP')} {to_port(port, port.cluster_ip)} "
        f"! -s {cluster_cidr} -j {names.MARK_MASQ}"
    ]


def balance(port: ServicePort, endpoints: Sequence[Endpoint]) -> list[str]:
    """The first of n takes 1/n, the next 1/(n-1) of the rest … and the last whatever is left."""
    rules = []
    if port.affinity_seconds:
        for endpoint in endpoints:
            chain = names.endpoint_chain(port, endpoint)
            recent = f"-m recent --name {chain} --rcheck --seconds {port.affinity_seconds} --reap"
            rules.append(f"{comment(f'{port.name} -> {endpoint}')} {recent} -j {chain}")
    for left, endpoint in zip(range(len(endpoints), 0, -1), endpoints, strict=True):
        chance = f" -m statistic --mode random --probability {1 / left:.10f}" if left > 1 else ""
        rules.append(
            f"{comment(f'{port.name} -> {endpoint}')}{chance} -j {names.endpoint_chain(port, endpoint)}"
        )
    return rules


def endpoint_rules(port: ServicePort, endpoint: Endpoint) -> list[str]:
    """A pod that reaches itself through its service must see another source than itself."""
    remember = f" -m recent --name {names.endpoint_chain(port, endpoint)} --set" if port.affinity_seconds else ""
    return [
        f"{comment(port.name)} -s {endpoint.ip} -j {names.MARK_MASQ}",
        f"{comment(port.name)}{remember} -p {port.protocol} -m {port.protocol} "
        f"-j DNAT --to-destination {endpoint}",
    ]


def add_entrances(nat: Chains, port: ServicePort) -> None:
    """The rules that recognise a service port by its addresses."""
    if internal := internal_chain(port):
        where = to_port(port, port.cluster_ip)
        nat[names.SERVICES].append(f"{comment(port.name + ' cluster IP')} {where} -j {internal}")
    outer = names.external_chain(port)
    for ip in port.external_ips:
        nat[names.SERVICES].append(f"{comment(port.name + ' external IP')} {to_port(port, ip)} -j {outer}")
    for ip in port.load_balancer_ips:
        chain = names.firewall_chain(port) if port.source_ranges else outer
        nat[names.SERVICES].append(f"{comment(port.name + ' loadbalancer IP')} {to_port(port, ip)} -j {chain}")
    if port.node_port:
        nat[names.NODE_PORTS].append(f"{comment(port.name)} {to_node_port(port)} -j {outer}")


def internal_chain(port: ServicePort) -> str:
    """Where the cluster IP leads; empty when the policy allows no endpoint (the filter table then refuses)."""
    if port.internal_local:
        return names.local_chain(port) if port.local else ""
    return names.cluster_chain(port)


def external_rules(port: ServicePort, cluster_cidr: str) -> list[str]:
    """Cluster policy: masquerade, any endpoint. Local policy: the client's address survives, local endpoints only.

    Under Local, pods and the node itself are not "external": they may use every endpoint.
    """
    cluster = names.cluster_chain(port)
    if not port.external_local:
        return [
            f"{comment(f'masquerade traffic for {port.name} external destinations')} -j {names.MARK_MASQ}",
            f"-j {cluster}",
        ]
    from_node = "-m addrtype --src-type LOCAL"
    rules = [
        f"{comment(f'masquerade LOCAL traffic for {port.name} external destinations')} {from_node} "
        f"-j {names.MARK_MASQ}",
        f"{comment(f'route LOCAL traffic for {port.name} external destinations')} {from_node} -j {cluster}",
    ]
    if cluster_cidr:
        why = comment(f"pod traffic for {port.name} external destinations")
        rules.insert(0, f"{why} -s {cluster_cidr} -j {cluster}")
    return rules + ([f"-j {names.local_chain(port)}"] if port.local else [])


def add_source_ranges(nat: Chains, filter_: Chains, port: ServicePort) -> None:
    """loadBalancerSourceRanges: who is not in them is not rewritten, and then dropped by the filter table."""
    if not (port.source_ranges and port.load_balancer_ips):
        return
    why = comment(f"{port.name} loadbalancer IP")
    outer = names.external_chain(port)
    nat[names.firewall_chain(port)] = [f"{why} -s {allowed} -j {outer}" for allowed in port.source_ranges]
    for ip in port.load_balancer_ips:
        why = comment(f"{port.name} traffic not accepted by {names.firewall_chain(port)}")
        filter_[names.PROXY_FIREWALL].append(f"{why} {to_port(port, ip)} -j DROP")


def add_refusals(filter_: Chains, port: ServicePort) -> None:
    """Without endpoints a client learns it at once; with endpoints on other nodes only, a balancer must try those."""
    nobody = not port.cluster and not port.local
    verdict = "REJECT" if nobody else "DROP"
    why = comment(f"{port.name} has no {'' if nobody else 'local '}endpoints")
    if nobody or (port.internal_local and not port.local):
        filter_[names.SERVICES].append(f"{why} {to_port(port, port.cluster_ip)} -j {verdict}")
    if nobody or (port.external_local and not port.local):
        outer = filter_[names.EXTERNAL_SERVICES]
        addresses = port.external_ips + port.load_balancer_ips
        outer += [f"{why} {to_port(port, ip)} -j {verdict}" for ip in addresses]
        if port.node_port:
            outer.append(f"{why} -m addrtype --dst-type LOCAL {to_node_port(port)} -j {verdict}")


def to_port(port: ServicePort, ip: str) -> str:
    return f"-d {ip} -p {port.protocol} -m {port.protocol} --dport {port.port}"


def to_node_port(port: ServicePort) -> str:
    return f"-p {port.protocol} -m {port.protocol} --dport {port.node_port}"


def comment(text: str) -> str:
    return f'-m comment --comment "{text}"'
