"""The lab's LAN keeps clear of the networks that the computer knows."""

from __future__ import annotations

import pytest

from miniadm.addresses import CANDIDATES, Network, free_subnet, host_networks
from miniadm.cluster import SetupError


def test_the_first_candidate_when_nothing_is_in_the_way():
    assert free_subnet([Network("10.0.0.0/8"), Network("192.168.1.0/24")]) == CANDIDATES[0]


def test_wider_and_narrower_neighbours_are_both_avoided():
    assert free_subnet([Network("192.168.77.4/30")]) == CANDIDATES[1]
    assert free_subnet([Network("192.168.0.0/16")]) == Network("172.24.77.0/24")


def test_no_candidate_left_is_an_error():
    with pytest.raises(SetupError, match="every private network"):
        free_subnet([Network("192.168.0.0/16"), Network("172.16.0.0/12")])


def test_candidates_are_private_and_apart():
    assert all(network.is_private for network in CANDIDATES)
    pairs = [(a, b) for a in CANDIDATES for b in CANDIDATES if a is not b]
    assert not any(a.overlaps(b) for a, b in pairs)


def test_this_computers_own_networks_are_seen():
    assert Network("127.0.0.0/8") in host_networks()
