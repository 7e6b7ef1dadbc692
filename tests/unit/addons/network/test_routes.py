"""Who is behind whom."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from addons.network.routes import conflicts, desired_routes
from tests.support.services import node

ME = node("worker-1", "192.168.7.2", "10.244.1.0/24")
OTHER = node("worker-2", "192.168.7.3", "10.244.2.0/24")
CONTROL = node("control-plane", "192.168.7.1", "10.244.0.0/24")


def born(made, day: int):
    return made.replace(metadata=made.metadata.replace(creation_timestamp=datetime(2030, 1, day, tzinfo=UTC)))


def test_every_other_node_has_a_route_and_we_have_none():
    assert desired_routes([ME, OTHER, CONTROL], "worker-1") == {
        "10.244.2.0/24": "192.168.7.3",
        "10.244.0.0/24": "192.168.7.1",
    }


def test_nodes_without_subnet_or_address_wait():
    assert desired_routes([ME, node("a", "192.168.7.9"), node("b", pod_cidr="10.244.9.0/24")], "worker-1") == {}


def test_other_nodes_are_reachable_before_we_have_a_subnet():
    assert desired_routes([node("worker-1", "192.168.7.2"), OTHER], "worker-1") == {"10.244.2.0/24": "192.168.7.3"}


def test_a_node_that_has_our_subnet_gets_no_route_and_a_sentence():
    """Two nodes on 10.244.0.0: the course's picture of what must not happen."""
    twin = node("worker-2", "192.168.7.3", "10.244.1.0/24")
    assert desired_routes([ME, twin], "worker-1") == {}
    (sentence,) = conflicts([ME, twin], "worker-1")
    assert sentence.startswith("node worker-2: its pod subnet 10.244.1.0/24 overlaps another node's")


def test_of_two_strangers_with_one_subnet_the_older_wins_everywhere():
    old, young = born(node("z", "192.168.7.8", "10.244.5.0/24"), 1), born(node("a", "192.168.7.9", "10.244.5.0/25"), 2)
    assert desired_routes([young, old, ME], "worker-1") == {"10.244.5.0/24": "192.168.7.8"}


def test_no_conflicts_in_a_healthy_cluster():
    assert conflicts([ME, OTHER, CONTROL], "worker-1") == []


@given(st.permutations([ME, OTHER, CONTROL]))
def test_the_order_of_nodes_does_not_matter(nodes):
    assert desired_routes(nodes, "worker-1") == desired_routes([ME, OTHER, CONTROL], "worker-1")
