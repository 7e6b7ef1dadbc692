"""The rendered text: golden files for its looks, traced packets for its meaning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kubeproxy.rules import desired_rules
from machinery.api.core.v1 import ServiceStatus
from tests.support.packets import Packet, targets, trace
from tests.support.services import endpoint, endpoint_slice, node, port, service

GOLDEN = Path(__file__).parent / "golden"
PODS = "10.244.0.0/16"
HERE = node("worker-1", "192.168.7.2")
NODE_IPS = frozenset({"192.168.7.2", "10.244.1.1"})
POD = "10.244.1.9"
OUTSIDER = "203.0.113.5"

LOCAL_A = endpoint("10.244.1.2", "worker-1")
LOCAL_B = endpoint("10.244.1.3", "worker-1")
REMOTE = endpoint("10.244.2.4", "worker-2")


def rules(services, slices, *, here=HERE, cluster_cidr=PODS) -> str:
    return desired_rules(services, slices, here, cluster_cidr=cluster_cidr)


def to(dst: str, number: int = 80, *, src: str = POD, **fields) -> Packet:
    return Packet(src=src, dst=dst, port=number, node_ips=NODE_IPS, **fields)


WEB = service("web", "10.96.0.20", [port(80, node_port=30008)])
WEB_SLICE = endpoint_slice("web", [LOCAL_A, LOCAL_B, REMOTE])
BALANCED = ServiceStatus.from_dict({"loadBalancer": {"ingress": [{"ip": "192.0.2.80"}]}})
SCENES = {
    "nothing": ([], []),
    "cluster_ip": ([service("web", "10.96.0.20")], [endpoint_slice("web", [LOCAL_A, REMOTE])]),
    "node_port": ([WEB], [WEB_SLICE]),
    "no_endpoints": ([WEB], [endpoint_slice("web", [])]),
    "affinity": (
        [service("web", "10.96.0.20", session_affinity="ClientIP")],
        [endpoint_slice("web", [LOCAL_A, REMOTE])],
    ),
    "external_local": (
        [service("web", "10.96.0.20", [port(80, node_port=30008)], external_traffic_policy="Local")],
        [WEB_SLICE],
    ),
    "internal_local_elsewhere": (
        [service("web", "10.96.0.20", internal_traffic_policy="Local")],
        [endpoint_slice("web", [REMOTE])],
    ),
    "dns": (
        [
            service(
                "kube-dns",
                "10.96.0.10",
                [port(53, name="dns", protocol="UDP"), port(53, name="dns-tcp")],
                namespace="kube-system",
            )
        ],
        [
            endpoint_slice("kube-dns", [REMOTE], 53, name="dns", protocol="UDP", namespace="kube-system"),
            endpoint_slice("kube-dns", [REMOTE], 53, name="dns-tcp", namespace="kube-system", suffix="b"),
        ],
    ),
    "source_ranges": (
        [
            service(
                "web", "10.96.0.20", type="LoadBalancer", load_balancer_source_ranges=("198.51.100.0/24",)
            ).replace(status=BALANCED)
        ],
        [WEB_SLICE],
    ),
}


@pytest.mark.parametrize("scene", SCENES)
def test_text_equals_the_golden_file(scene):
    """REFRESH_GOLDEN=1 writes the files anew."""
    text = rules(*SCENES[scene])
    file = GOLDEN / f"{scene}.txt"
    if os.environ.get("REFRESH_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


def test_same_objects_in_another_order_give_the_same_text():
    services = [service("a", "10.96.0.1"), service("b", "10.96.0.2")]
    slices = [endpoint_slice("b", [REMOTE, LOCAL_A]), endpoint_slice("a", [LOCAL_B])]
    turned = [endpoint_slice("a", [LOCAL_B]), endpoint_slice("b", [LOCAL_A, REMOTE])]
    assert rules(services, slices) == rules(services[::-1], turned)


def test_cluster_ip_is_balanced_evenly_and_pods_keep_their_address():
    text = rules(*SCENES["node_port"])
    third = round(1 / 3, 6)
    found = targets(text, to("10.96.0.20"))
    assert found == {"10.244.1.2:8080": third, "10.244.1.3:8080": third, "10.244.2.4:8080": third}
    assert not any(outcome.masqueraded for outcome in trace(text, to("10.96.0.20")))


def test_the_path_is_services_svc_sep():
    text = rules(*SCENES["cluster_ip"])
    for outcome in trace(text, to("10.96.0.20")):
        assert [chain[:9] for chain in outcome.chains[:3]] == ["KUBE-SERV", "KUBE-SVC-", "KUBE-SEP-"]


def test_another_port_of_the_cluster_ip_is_not_translated():
    assert targets(rules(*SCENES["cluster_ip"]), to("10.96.0.20", 81)) == {"10.96.0.20:81": 1}


def test_a_client_that_is_no_pod_is_masqueraded_towards_the_cluster_ip():
    found = trace(rules(*SCENES["cluster_ip"]), to("10.96.0.20", src="192.168.7.2"))
    assert found and all(outcome.masqueraded for outcome in found)


def test_hairpin_is_masqueraded_only_when_the_pod_gets_itself():
    found = trace(rules(*SCENES["cluster_ip"]), to("10.96.0.20", src="10.244.1.2"))
    assert {outcome.target: outcome.masqueraded for outcome in found} == {
        "10.244.1.2:8080": True,
        "10.244.2.4:8080": False,
    }


@pytest.mark.parametrize("address", ["192.168.7.2", "127.0.0.1", "10.244.1.1"])
def test_node_port_answers_on_every_address_of_the_node(address):
    found = trace(rules(*SCENES["node_port"]), to(address, 30008, src=OUTSIDER))
    assert len(found) == 3
    assert all(outcome.masqueraded and outcome.verdict == "" for outcome in found)


def test_node_port_of_another_machine_is_not_ours():
    assert targets(rules(*SCENES["node_port"]), to("192.168.7.3", 30008)) == {"192.168.7.3:30008": 1}


@pytest.mark.parametrize(("dst", "number"), [("10.96.0.20", 80), ("192.168.7.2", 30008)])
def test_without_endpoints_the_client_is_refused_at_once(dst, number):
    assert targets(rules(*SCENES["no_endpoints"]), to(dst, number)) == {"REJECT": 1}


def test_a_service_without_any_slice_is_refused_too():
    assert targets(rules([WEB], []), to("10.96.0.20")) == {"REJECT": 1}


def test_affinity_returns_to_the_remembered_endpoint():
    text = rules(*SCENES["affinity"])
    chain = next(o.chains[2] for o in trace(text, to("10.96.0.20")) if o.target == "10.244.2.4:8080")
    again = to("10.96.0.20", remembered=frozenset({chain}))
    assert targets(text, again) == {"10.244.2.4:8080": 1}
    assert "--seconds 10800 --reap" in text


def test_external_policy_local_keeps_the_client_address_and_stays_on_the_node():
    found = trace(rules(*SCENES["external_local"]), to("192.168.7.2", 30008, src=OUTSIDER))
    assert {outcome.target for outcome in found} == {"10.244.1.2:8080", "10.244.1.3:8080"}
    assert not any(outcome.masqueraded for outcome in found)


@pytest.mark.parametrize(("src", "masqueraded"), [(POD, False), ("192.168.7.2", True)])
def test_external_policy_local_is_not_for_pods_and_the_node_itself(src, masqueraded):
    found = trace(rules(*SCENES["external_local"]), to("192.168.7.2", 30008, src=src))
    assert len({outcome.target for outcome in found}) == 3
    assert {outcome.masqueraded for outcome in found} == {masqueraded}


def test_external_policy_local_without_a_local_endpoint_drops_so_that_balancers_notice():
    services, _ = SCENES["external_local"]
    text = rules(services, [endpoint_slice("web", [REMOTE])])
    assert targets(text, to("192.168.7.2", 30008, src=OUTSIDER)) == {"DROP": 1}
    assert targets(text, to("192.168.7.2", 30008, src=POD)) == {"10.244.2.4:8080": 1}


def test_internal_policy_local():
    services, slices = SCENES["internal_local_elsewhere"]
    assert targets(rules(services, slices), to("10.96.0.20")) == {"DROP": 1}
    text = rules(services, [endpoint_slice("web", [REMOTE, LOCAL_A])])
    assert targets(text, to("10.96.0.20")) == {"10.244.1.2:8080": 1}
    assert "KUBE-SVC-" not in text


def test_internal_policy_local_still_masquerades_the_node():
    services, _ = SCENES["internal_local_elsewhere"]
    found = trace(rules(services, [endpoint_slice("web", [LOCAL_A])]), to("10.96.0.20", src="192.168.7.2"))
    assert [outcome.masqueraded for outcome in found] == [True]


def test_udp_and_tcp_of_the_same_number_are_apart():
    text = rules(*SCENES["dns"])
    assert targets(text, to("10.96.0.10", 53, protocol="udp")) == {"10.244.2.4:53": 1}
    assert targets(text, to("10.96.0.10", 53, protocol="tcp")) == {"10.244.2.4:53": 1}
    udp, tcp = (trace(text, to("10.96.0.10", 53, protocol=p))[0].chains[1] for p in ("udp", "tcp"))
    assert udp != tcp


def test_external_ip_enters_like_a_node_port():
    text = rules([service("web", "10.96.0.20", external_ips=("192.0.2.1",))], [WEB_SLICE])
    found = trace(text, to("192.0.2.1", src=OUTSIDER))
    assert len(found) == 3 and all(outcome.masqueraded for outcome in found)


def test_source_ranges_admit_only_who_is_in_them():
    text = rules(*SCENES["source_ranges"])
    assert targets(text, to("192.0.2.80", src=OUTSIDER)) == {"DROP": 1}
    assert len(targets(text, to("192.0.2.80", src="198.51.100.7"))) == 3


def test_without_a_cluster_cidr_only_hairpin_is_masqueraded():
    text = rules(*SCENES["cluster_ip"], cluster_cidr="")
    assert not any(outcome.masqueraded for outcome in trace(text, to("10.96.0.20", src="192.168.7.2")))
