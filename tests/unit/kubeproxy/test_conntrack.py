"""Which UDP flows have to be forgotten."""

from __future__ import annotations

from dataclasses import replace

from kubeproxy.conntrack import stale_flows
from kubeproxy.ports import Endpoint, ServicePort

A, B = Endpoint("10.244.1.2", 53), Endpoint("10.244.1.3", 53)
DNS = ServicePort("kube-system/kube-dns:dns", "udp", "10.96.0.10", 53, cluster=(A, B))
CLUSTER = ("-p", "udp", "--orig-dst", "10.96.0.10", "--orig-port-dst", "53")


def test_flows_to_an_endpoint_that_left():
    assert stale_flows([DNS], [replace(DNS, cluster=(B,))]) == [(*CLUSTER, "--dst-nat", "10.244.1.2")]


def test_flows_of_a_service_that_left():
    assert len(stale_flows([DNS], [])) == 2


def test_flows_that_began_before_the_first_endpoint():
    empty = replace(DNS, cluster=(), node_port=30053)
    assert stale_flows([empty], [replace(DNS, node_port=30053)]) == [
        CLUSTER,
        ("-p", "udp", "--orig-port-dst", "30053"),
    ]


def test_unchanged_and_tcp_services_need_nothing():
    assert stale_flows([DNS], [DNS]) == []
    tcp = replace(DNS, protocol="tcp")
    assert stale_flows([tcp], []) == []
