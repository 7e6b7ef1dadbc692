"""What pods ask for, and what a node has left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.snapshot import HostPort, node_info, pod_info, pod_requests
from tests.support.objects import container, node, owner, pod


def test_containers_add_up():
    assert pod_requests(pod("p", container(cpu="100m"), container(cpu="0.2", memory="1Mi"))) == {
        "cpu": 300, "memory": 2**20}


def test_init_containers_run_alone_and_sidecars_stay():
    init = (container(cpu="1"), container(cpu="300m", restart_policy="Always"), container(cpu="2"))
    assert pod_requests(pod("p", container(cpu="500m"), init_containers=init))["cpu"] == 2300
    assert pod_requests(pod("p", container(cpu="3"), init_containers=init))["cpu"] == 3300


def test_overhead_is_asked_for_too():
    assert pod_requests(pod("p", container(cpu="1"), overhead={"cpu": "250m"}))["cpu"] == 1250


def test_a_pod_without_requests_still_weighs_something():
    info = pod_info(pod())
    assert (info.requests, info.usual) == ({}, {"cpu": 100, "memory": 200 * 2**20})


def test_siblings():
    assert pod_info(pod("a", owners=(owner("rs"),))).siblings == ("rs",)
    assert pod_info(pod("a", labels={"app": "x"})).siblings == ("default", "app=x")
    assert pod_info(pod("a")).siblings == ()


def test_host_ports_conflict_by_address():
    one, any_, other = (HostPort(ip, "TCP", 80) for ip in ("10.0.0.1", "0.0.0.0", "10.0.0.2"))
    assert one.conflicts(any_) and any_.conflicts(other) and one.conflicts(one)
    assert not one.conflicts(other) and not one.conflicts(HostPort("10.0.0.1", "UDP", 80))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 900), st.booleans())))
def test_a_node_equals_the_sum_of_its_pods(steps):
    info, there = node_info(node("n")), {}
    for number, cpu, comes in steps:
        name = f"p{number}"
        if comes:
            there[name] = pod_info(pod(name, container(cpu=f"{cpu}m"), labels={"app": "x"}))
            info = info.with_pod(there[name])
        else:
            info = info.without_pod(f"default/{name}")
            there.pop(name, None)
    assert info.free("cpu") == 2000 - sum(p.requests.get("cpu", 0) for p in there.values())
    assert info.free("pods") == 110 - len(there)
    assert sum(info.siblings.values()) == len(there)
