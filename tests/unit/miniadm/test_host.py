"""The commands that make the LAN, as text."""

from __future__ import annotations

from pathlib import Path

from miniadm import host
from miniadm.cluster import Cluster

CLUSTER = Cluster("mini", Path("/var/lib/mini"), subnet="192.168.80.0/24")


def test_the_bridge_is_tagged_and_has_the_gateways_address():
    assert host.bridge_text(CLUSTER) == (
        "link add mini0 address 02:4d:c0:a8:50:01 type bridge forward_delay 0\n"
        "link set mini0 alias mini:mini up\n"
        "address add 192.168.80.1/24 dev mini0\n"
    )


def test_a_machines_cable_and_what_is_at_its_end():
    worker = CLUSTER.machines[1]
    assert host.cable_text(worker) == (
        "netns add mini-worker-1\n"
        "link add mini-v1 type veth peer name eth0 address 02:4d:c0:a8:50:0b netns mini-worker-1\n"
        "link set mini-v1 master mini0 up\n"
    )
    assert "route add default via 192.168.80.1" in host.inside_text(worker)


def test_every_firewall_rule_bears_the_tag():
    rules = [line for line in host.firewall_text(CLUSTER).splitlines() if line.startswith(("-A", "-I"))]
    assert len(rules) == 5
    assert all('--comment "mini:mini"' in rule for rule in rules)


def test_only_what_leaves_the_lan_is_masqueraded():
    assert "-s 192.168.80.0/24 ! -d 192.168.80.0/24" in host.firewall_text(CLUSTER)
