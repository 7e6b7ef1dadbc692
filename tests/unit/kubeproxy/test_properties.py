"""What holds for every set of services, not only for the examples."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kubeproxy import tables
from kubeproxy.ports import service_ports
from kubeproxy.rules import desired_rules, desired_tables
from tests.support.packets import Packet, targets
from tests.support.services import endpoint, endpoint_slice, node, port, service

HERE = node("worker-1")
PODS = "10.244.0.0/16"

endpoints = st.builds(
    endpoint,
    st.integers(2, 60).map(lambda n: f"10.244.1.{n}"),
    st.sampled_from(["worker-1", "worker-2"]),
    ready=st.booleans(),
    serving=st.booleans(),
    terminating=st.booleans(),
)


@st.composite
def clusters(draw):
    """Up to five services, each with a slice; some share endpoints, some have none."""
    services, slices = [], []
    for number in range(draw(st.integers(0, 5))):
        policies = {
            "internal_traffic_policy": draw(st.sampled_from(["Cluster", "Local"])),
            "external_traffic_policy": draw(st.sampled_from(["Cluster", "Local"])),
            "session_affinity": draw(st.sampled_from(["None", "ClientIP"])),
        }
        protocol = draw(st.sampled_from(["TCP", "UDP", "SCTP"]))
        node_port = 30000 + number if draw(st.booleans()) else 0
        spec = port(80, protocol=protocol, node_port=node_port)
        services.append(service(f"s{number}", f"10.96.0.{number + 1}", [spec], **policies))
        found = draw(st.lists(endpoints, max_size=6, unique_by=lambda each: each.addresses))
        slices.append(endpoint_slice(f"s{number}", found, protocol=protocol))
    return services, slices


@settings(max_examples=40)
@given(clusters())
def test_every_jump_leads_to_a_chain_of_the_same_table_and_every_chain_is_reached(cluster):
    state = tables.parse(desired_rules(*cluster, HERE, cluster_cidr=PODS))
    verdicts = {"ACCEPT", "DROP", "REJECT", "RETURN", "MARK", "MASQUERADE", "DNAT"}
    for chains in state.values():
        reached = {tables.target(rule) for rules in chains.values() for rule in rules}
        assert reached <= verdicts | chains.keys()
        hashed = {chain for chain in chains if chain.startswith(("KUBE-SEP-", "KUBE-EXT-"))}
        assert all(len(chain) <= 28 for chain in chains)
        assert hashed - reached <= {chain for chain in hashed if chain.startswith("KUBE-EXT-")}


@settings(max_examples=40)
@given(clusters())
def test_shares_are_equal_and_sum_up(cluster):
    text = desired_rules(*cluster, HERE, cluster_cidr=PODS)
    for each in service_ports(*cluster, HERE):
        shares = targets(text, Packet("10.244.9.9", each.cluster_ip, 80, each.protocol))
        assert abs(sum(shares.values()) - 1) < 1e-3
        assert max(shares.values()) - min(shares.values()) < 1e-3
        chosen = each.local if each.internal_local else each.cluster
        expected = {str(found) for found in chosen} or {"DROP" if each.cluster else "REJECT"}
        assert set(shares) == expected


def restored(state: tables.Tables, text: str) -> tables.Tables:
    """What iptables-restore --noflush makes of a state."""
    after = {name: dict(chains) for name, chains in state.items()}
    name = ""
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word.startswith("*"):
            name = word[1:]
        elif word.startswith(":"):
            after.setdefault(name, {})[word[1:]] = []
        elif word == "-A":
            chain, _, rule = rest.partition(" ")
            after[name][chain].append(rule)
        elif word == "-X":
            assert after[name].pop(rest) == [], "only an empty chain can be deleted"
            jumps = {tables.target(rule) for rules in after[name].values() for rule in rules}
            assert rest not in jumps, "a chain that is jumped to cannot be deleted"
    return after


@settings(max_examples=50)
@given(clusters(), clusters())
def test_differences_lead_from_any_state_to_any_other(before, after):
    old, new = (desired_tables(service_ports(*cluster, HERE), PODS) for cluster in (before, after))
    assert restored(old, tables.changes(old, new)) == new
