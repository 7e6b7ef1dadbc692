"""Chain names are Kubernetes' own: the expected ones are what kube-proxy gives the same service."""

from __future__ import annotations

from kubeproxy import names
from kubeproxy.ports import Endpoint, ServicePort

PORT = ServicePort("ns1/svc1:p80", "tcp", "10.96.0.41", 80)


def test_hashes_are_those_of_kube_proxy():
    assert names.cluster_chain(PORT) == "KUBE-SVC-XPGD46QRK7WJZT7O"
    assert names.external_chain(PORT) == "KUBE-EXT-XPGD46QRK7WJZT7O"
    assert names.endpoint_chain(PORT, Endpoint("10.180.0.1", 80)) == "KUBE-SEP-SXIVWICOYRO3J4NJ"


def test_names_fit_into_iptables():
    assert len(names.endpoint_chain(PORT, Endpoint("10.180.0.1", 80))) <= 28


def test_chains_of_kubelet_and_plugins_are_not_ours():
    assert names.is_ours("KUBE-SEP-SXIVWICOYRO3J4NJ")
    assert names.is_ours("KUBE-SERVICES")
    assert not names.is_ours("KUBE-KUBELET-CANARY")
    assert not names.is_ours("CNI-HOSTPORT-DNAT")
