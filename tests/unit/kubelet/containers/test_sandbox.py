"""Sandboxes: names, DNS, ports, namespaces."""

from __future__ import annotations

import pytest

from kubelet.config import Config
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.sandbox import HostDns, dns_excess, hostname, parse_resolv_conf, sandbox_spec, wanted_dns
from kubelet.runtime.interface import Dns, Namespaces, PortMapping
from machinery.api.core.v1 import ContainerPort, PodDNSConfig, PodDNSConfigOption
from tests.support.runs import a_pod

CONFIG = Config(node_name="n1", node_ip="192.168.0.5", cluster_dns="10.96.0.10", cgroup_root="/mini/n1")
HOST = HostDns(("9.9.9.9",), ("lan",), ("edns0",))


def test_a_resolver_s_file() -> None:
    text = "# comment\nnameserver 9.9.9.9\nsearch lan home\nnameserver 8.8.8.8 # second\noptions edns0\n\ndomain x\n"
    assert parse_resolv_conf(text) == HostDns(("9.9.9.9", "8.8.8.8"), ("lan", "home"), ("edns0",))


def test_policies_of_dns() -> None:
    def dns(**spec: object) -> Dns | None:
        return sandbox_spec(a_pod(**spec), 0, CONFIG, HOST).dns

    cluster = Dns(("10.96.0.10",), ("default.svc.cluster.local", "svc.cluster.local", "cluster.local", "lan"),
                  ("ndots:5",))
    assert dns() == dns(dns_policy="ClusterFirst") == cluster
    assert dns(host_network=True) == dns(dns_policy="Default") == Dns(HOST.servers, HOST.searches, HOST.options)
    assert dns(host_network=True, dns_policy="ClusterFirstWithHostNet") == cluster
    options = (PodDNSConfigOption(name="ndots", value="2"), PodDNSConfigOption(name="edns0"))
    more = PodDNSConfig(nameservers=("1.1.1.1",), searches=("x",), options=options)
    assert dns(dns_policy="None", dns_config=more) == Dns(("1.1.1.1",), ("x",), ("ndots:2", "edns0"))
    assert dns(dns_config=more).options == ("ndots:2", "edns0")


def test_what_a_resolver_does_not_take_is_left_out_and_told() -> None:
    servers, searches = tuple(f"1.1.1.{n}" for n in range(5)), tuple(f"s{n}" for n in range(40))
    pod = a_pod(dns_policy="None", dns_config=PodDNSConfig(nameservers=servers, searches=searches))
    wanted, given = wanted_dns(pod, CONFIG, HOST), sandbox_spec(pod, 0, CONFIG, HOST).dns
    assert given == Dns(servers[:3], searches[:32])
    assert dns_excess(wanted, given) == (
        "Nameserver limits were exceeded, some nameservers have been omitted, "
        "the applied nameserver line is: 1.1.1.0 1.1.1.1 1.1.1.2")
    assert dns_excess(Dns(searches=searches), Dns(searches=searches[:1])).endswith("search line is: s0")
    assert dns_excess(given, given) == ""


def test_a_host_name_in_full() -> None:
    def name(**spec: object) -> str:
        return sandbox_spec(a_pod(**spec), 0, CONFIG, HOST).hostname

    assert name(subdomain="db") == name(set_hostname_as_fqdn=True) == "web"
    assert name(subdomain="db", set_hostname_as_fqdn=True) == "web.db.default.svc.cluster.local"
    with pytest.raises(ConfigFailure, match=r"FQDN web.x+.default.svc.cluster.local is too long .64 char"):
        name(subdomain="x" * 50, set_hostname_as_fqdn=True)


def test_what_a_sandbox_is_asked_to_be() -> None:
    pod = a_pod(host_pid=True, termination_grace_period_seconds=5)
    port = ContainerPort(container_port=80, host_port=8080)
    pod = pod.replace(spec=pod.spec.replace(containers=(pod.spec.containers[0].replace(ports=(port,)),)))
    spec = sandbox_spec(pod, 2, CONFIG, HOST)
    assert (spec.attempt, spec.hostname, spec.log_directory) == (2, "web", "/var/log/pods/default_web_u1")
    assert spec.ports == (PortMapping(80, 8080, "TCP", ""),)
    assert spec.namespaces == Namespaces(pid="node")
    assert spec.cgroup_parent == "/mini/n1/kubepods/besteffort/podu1"
    assert spec.labels["io.kubernetes.pod.uid"] == "u1"
    assert spec.annotations["io.kubernetes.pod.terminationGracePeriod"] == "5"
    assert sandbox_spec(a_pod(host_network=True), 0, CONFIG, HOST).hostname == ""


def test_long_names_are_cut_to_a_hostname() -> None:
    pod = a_pod()
    pod = pod.replace(metadata=pod.metadata.replace(name="a" * 62 + ".b"))
    assert hostname(pod) == "a" * 62
