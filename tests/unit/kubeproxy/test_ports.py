"""Which endpoints a node may use for which service port."""

from __future__ import annotations

import pytest

from kubeproxy.ports import Endpoint, ServicePort, service_ports
from machinery.api.core.v1 import ServicePort as PortSpec
from tests.support.services import endpoint, endpoint_slice, node, port, service

HERE = node("worker-1")
SVC = service("web", "10.96.0.20")


def only(services, slices, here=HERE) -> ServicePort:
    (found,) = service_ports(services, slices, here)
    return found


def ips(endpoints: tuple[Endpoint, ...]) -> list[str]:
    return [each.ip for each in endpoints]


@pytest.mark.parametrize(
    "skipped",
    [
        service("headless", "None"),
        service("not-yet", ""),
        service("alias", "10.96.0.9", type="ExternalName", external_name="example.com"),
        service("six", "fd00::1"),
    ],
    ids=lambda each: each.metadata.name,
)
def test_services_without_an_ipv4_address_of_their_own_are_skipped(skipped):
    assert service_ports([skipped], [], HERE) == []


def test_a_service_of_another_proxy_is_skipped():
    label = {"service.kubernetes.io/service-proxy-name": "other"}
    assert service_ports([SVC.replace(metadata=SVC.metadata.replace(labels=label))], [], HERE) == []


def test_named_ports_take_their_number_from_each_slice():
    """One name, two versions of the pod: the slices carry the resolved numbers."""
    named = service("web", "10.96.0.20", [PortSpec(name="http", port=80, protocol="TCP", target_port="http")])
    slices = [
        endpoint_slice("web", [endpoint("10.244.1.2")], 8080, name="http", suffix="a"),
        endpoint_slice("web", [endpoint("10.244.1.3")], 9090, name="http", suffix="b"),
        endpoint_slice("web", [endpoint("10.244.1.4")], 9090, name="metrics", suffix="c"),
    ]
    assert [str(each) for each in only([named], slices).cluster] == ["10.244.1.2:8080", "10.244.1.3:9090"]


def test_slices_of_other_namespaces_services_and_families_do_not_count():
    slices = [
        endpoint_slice("web", [endpoint("10.244.1.2")], namespace="elsewhere"),
        endpoint_slice("web2", [endpoint("10.244.1.3")]),
        endpoint_slice("web", [endpoint("fd00::2")]).replace(address_type="IPv6"),
    ]
    assert only([SVC], slices).cluster == ()


def test_protocol_tells_ports_of_the_same_name_apart():
    udp = service("dns", "10.96.0.10", [port(53, protocol="UDP")])
    assert only([udp], [endpoint_slice("dns", [endpoint("10.244.1.2")], 53)]).cluster == ()


def test_not_ready_endpoints_get_nothing():
    slices = [endpoint_slice("web", [endpoint("10.244.1.2", ready=False), endpoint("10.244.1.3")])]
    assert ips(only([SVC], slices).cluster) == ["10.244.1.3"]


def test_terminating_endpoints_serve_only_when_nothing_is_ready():
    leaving = endpoint("10.244.1.2", ready=False, serving=True, terminating=True)
    broken = endpoint("10.244.1.4", ready=False, serving=False, terminating=True)
    assert ips(only([SVC], [endpoint_slice("web", [leaving, broken])]).cluster) == ["10.244.1.2"]
    slices = [endpoint_slice("web", [leaving, broken, endpoint("10.244.1.3")])]
    assert ips(only([SVC], slices).cluster) == ["10.244.1.3"]


def test_the_last_local_endpoint_serves_while_it_terminates_under_policy_local():
    leaving = endpoint("10.244.1.2", "worker-1", ready=False, serving=True, terminating=True)
    local = service("web", "10.96.0.20", internal_traffic_policy="Local")
    found = only([local], [endpoint_slice("web", [leaving, endpoint("10.244.2.3", "worker-2")])])
    assert ips(found.endpoints) == ["10.244.1.2"]


def test_an_endpoint_in_two_slices_counts_once_and_ready_wins():
    slices = [
        endpoint_slice("web", [endpoint("10.244.1.2", ready=False)], suffix="a"),
        endpoint_slice("web", [endpoint("10.244.1.2")], suffix="b"),
        endpoint_slice("web", [endpoint("10.244.1.2")], suffix="c"),
    ]
    assert ips(only([SVC], slices).cluster) == ["10.244.1.2"]


def test_zone_hints_are_followed_when_complete():
    here = node("worker-1", labels={"topology.kubernetes.io/zone": "a"})
    near, far = endpoint("10.244.1.2", zone="a"), endpoint("10.244.2.2", zone="b")
    assert ips(only([SVC], [endpoint_slice("web", [near, far])], here).cluster) == ["10.244.1.2"]
    unhinted = endpoint("10.244.3.2")
    assert len(only([SVC], [endpoint_slice("web", [near, far, unhinted])], here).cluster) == 3
    assert len(only([SVC], [endpoint_slice("web", [far])], here).cluster) == 1


def test_affinity_timeout():
    sticky = service("web", "10.96.0.20", session_affinity="ClientIP")
    assert only([sticky], []).affinity_seconds == 10800
    config = {"clientIP": {"timeoutSeconds": 60}}
    short = sticky.from_dict(sticky.to_dict() | {"spec": sticky.spec.to_dict() | {"sessionAffinityConfig": config}})
    assert only([short], []).affinity_seconds == 60
