"""What makes this machine's network be looked at again."""

from __future__ import annotations

from addons.network.app import KEY, wakes
from tests.support.services import node

ME = node("worker-1", "192.168.7.2", "10.244.1.0/24")


def test_heartbeats_and_labels_do_not_wake():
    assert wakes(ME, ME.replace(metadata=ME.metadata.replace(labels={"a": "b"}))) == ()


def test_arrivals_departures_addresses_and_subnets_do():
    assert wakes(None, ME) == (KEY,)
    assert wakes(ME, None) == (KEY,)
    assert wakes(node("worker-1", pod_cidr="10.244.1.0/24"), ME) == (KEY,)
    assert wakes(node("worker-1", "192.168.7.2"), ME) == (KEY,)
