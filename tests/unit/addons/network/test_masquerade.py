"""Who keeps its address, and who borrows the node's."""

from __future__ import annotations

from addons.network.masquerade import desired_rules, inside_addresses
from tests.support.services import node

ME = node("worker-1", "192.168.7.2", "10.244.1.0/24")
CONTROL = node("control-plane", "192.168.7.1", "10.244.0.0/24")


def test_text_of_a_node():
    assert desired_rules([ME, CONTROL], ME) == (
        "*nat\n"
        ":MINI-POSTRTG - [0:0]\n"
        "-A MINI-POSTRTG ! -s 10.244.1.0/24 -j RETURN\n"
        "-A MINI-POSTRTG -d 10.244.0.0/23 -j RETURN\n"
        "-A MINI-POSTRTG -d 192.168.7.1/32 -j RETURN\n"
        "-A MINI-POSTRTG -d 192.168.7.2/32 -j RETURN\n"
        "-A MINI-POSTRTG -d 224.0.0.0/4 -j RETURN\n"
        "-A MINI-POSTRTG -j MASQUERADE --random-fully\n"
        "COMMIT\n"
        "*filter\n"
        ":MINI-FORWARD - [0:0]\n"
        "-A MINI-FORWARD -s 10.244.1.0/24 -j ACCEPT\n"
        "-A MINI-FORWARD -d 10.244.1.0/24 -j ACCEPT\n"
        "COMMIT\n"
    )


def test_nodes_without_subnet_or_address_count_for_what_they_have():
    assert inside_addresses([node("a", "192.168.7.9"), node("b", pod_cidr="10.244.9.0/24"), node("c")]) == [
        "10.244.9.0/24",
        "192.168.7.9/32",
    ]


def test_many_nodes_are_few_rules():
    nodes = [node(f"n{i}", pod_cidr=f"10.244.{i}.0/24") for i in range(256)]
    assert inside_addresses(nodes) == ["10.244.0.0/16"]
