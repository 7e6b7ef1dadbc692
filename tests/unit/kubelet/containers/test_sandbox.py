"""Sandboxes: names, DNS, ports, namespaces."""

from __future__ import annotations

from kubelet.config import Config
from kubelet.containers.sandbox import HostDns, hostname, parse_resolv_conf, sandbox_spec
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
