"""The algorithm on small clusters, and two laws that hold on all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from machinery.api.core.v1 import (
    Affinity,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Taint,
    Toleration,
)
from scheduler.algorithm import FitError, Placement, enough, schedule
from scheduler.filters import FILTERS
from scheduler.scores import SCORES
from scheduler.snapshot import NodeInfo, Snapshot, node_info, pod_info
from tests.support.objects import CONTROL_PLANE, container, node, owner, pod


def cluster(*nodes, pods=()) -> Snapshot:
    return Snapshot(tuple(
        node_info(n, [pod_info(p) for p in pods if p.spec.node_name == n.metadata.name]) for n in nodes))


THREE = (node("control-plane", CONTROL_PLANE), node("worker-1"), node("worker-2"))
FULL = [pod(f"full-{n}", container(cpu="2"), node=n) for n in ("worker-1", "worker-2")]


def affinity(key: str, operator: str, *values: str) -> Affinity:
    requirement = NodeSelectorRequirement(key=key, operator=operator, values=values)
    terms = NodeSelector(node_selector_terms=(NodeSelectorTerm(match_expressions=(requirement,)),))
    return Affinity(node_affinity=NodeAffinity(required_during_scheduling_ignored_during_execution=terms))


def placed(result) -> str:
    assert isinstance(result, Placement), result.message
    return result.node


def refused(result) -> str:
    assert isinstance(result, FitError), result
    return result.message


MESSAGES = [
    (cluster(), pod(), "no nodes available to schedule pods"),
    (cluster(*THREE, pods=FULL), pod("p", container(cpu="1")),
     "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
     "2 Insufficient cpu."),
    (cluster(*THREE, pods=FULL), pod("p", container(cpu="1", memory="5Gi")),
     "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
     "2 Insufficient cpu, 2 Insufficient memory."),
    (cluster(node("a", unschedulable=True)), pod(), "0/1 nodes are available: 1 node(s) were unschedulable."),
    (cluster(node("a", pods="0")), pod(), "0/1 nodes are available: 1 Too many pods."),
    (cluster(node("a")), pod("p", node="b"),
     "0/1 nodes are available: 1 node(s) didn't match the requested node name."),
    (cluster(node("a")), pod("p", node_selector={"disk": "ssd"}),
     "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
    (cluster(node("a")), pod("p", affinity=affinity("kubernetes.io/hostname", "NotIn", "a")),
     "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
    (cluster(node("a"), pods=[pod("q", container(host_port=80), node="a")]), pod("p", container(host_port=80)),
     "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."),
    (cluster(node("a")), pod("p", container(name="c").replace(
        resources=container().resources.replace(requests={"example.com/gpu": "1"}))),
     "0/1 nodes are available: 1 Insufficient example.com/gpu."),
    (cluster(node("a", Taint(key="node.kubernetes.io/not-ready", effect="NoExecute"))), pod(),
     "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }."),
]


@pytest.mark.parametrize(("snapshot", "wanted", "message"), MESSAGES)
def test_the_reasons_are_those_of_kubernetes(snapshot, wanted, message):
    assert refused(schedule(wanted, snapshot)) == message


def test_a_toleration_opens_the_tainted_node():
    tolerant = pod("p", tolerations=(Toleration(key=CONTROL_PLANE.key, operator="Exists"),))
    assert placed(schedule(tolerant, cluster(THREE[0]))) == "control-plane"


@pytest.mark.parametrize(("operator", "values", "where"), [
    ("In", ("a", "c"), "a"), ("NotIn", ("a",), "b"), ("Gt", ("1",), "b"), ("Lt", ("2",), "a"),
])
def test_required_node_affinity(operator, values, where):
    key = "size" if operator in ("Gt", "Lt") else "kubernetes.io/hostname"
    nodes = cluster(node("a", labels={"size": "1"}), node("b", labels={"size": "2"}))
    assert placed(schedule(pod("p", affinity=affinity(key, operator, *values)), nodes)) == where


def test_the_least_loaded_node_wins():
    busy = pod("busy", container(cpu="1", memory="1Gi"), node="worker-1")
    assert placed(schedule(pod("p", container(cpu="100m")), cluster(*THREE, pods=[busy]))) == "worker-2"


def test_replicas_spread_even_where_the_load_says_otherwise():
    mine = (owner("rs-1"),)
    pods = [pod("web-1", node="worker-1", owners=mine), pod("busy", container(cpu="500m"), node="worker-2")]
    assert placed(schedule(pod("web-2", owners=mine), cluster(*THREE, pods=pods))) == "worker-2"


def test_equals_take_turns():
    nodes = cluster(*THREE)
    assert {placed(schedule(pod(), nodes, turn=turn)) for turn in range(2)} == {"worker-1", "worker-2"}


def test_avoided_nodes_are_the_last_choice():
    soft = node("soft", Taint(key="k", effect="PreferNoSchedule"))
    busy = pod("busy", container(cpu="1"), node="hard")
    assert placed(schedule(pod(), cluster(soft, node("hard"), pods=[busy]))) == "hard"


def test_a_large_cluster_is_sampled():
    assert [enough(n) for n in (3, 100, 200, 1000, 5000)] == [3, 100, 100, 420, 500]
    nodes = cluster(*(node(f"n{i:03}") for i in range(250)))
    result = schedule(pod(), nodes, turn=0)
    assert isinstance(result, Placement)
    assert len(result.scores) == enough(250)
    assert set(schedule(pod(), nodes, turn=1).scores) != set(result.scores)


def test_the_lists_are_the_documentation():
    assert [entry.name for entry in FILTERS] == [
        "NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts", "NodeResourcesFit",
        "PodTopologySpread", "InterPodAffinity"]
    assert all(score.weight > 0 for score in SCORES)


requests = st.tuples(st.integers(0, 1500), st.integers(0, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(requests, max_size=40), st.integers(1, 4))
def test_nothing_is_ever_overcommitted(wanted, count):
    snapshot = cluster(*(node(f"n{i}", pods="8") for i in range(count)))
    for number, (cpu, memory) in enumerate(wanted):
        new = pod(f"p{number}", container(cpu=f"{cpu}m", memory=f"{memory}Gi"))
        result = schedule(new, snapshot, turn=number)
        if isinstance(result, Placement):
            snapshot = snapshot.with_pod(result.node, pod_info(new))
        else:
            assert not any(_has_room(n, cpu, memory) for n in snapshot.nodes), result.message
    for info in snapshot.nodes:
        assert all(info.free(resource) >= 0 for resource in ("cpu", "memory", "pods"))


@settings(max_examples=30, deadline=None)
@given(st.lists(requests, max_size=12), st.integers(0, 5))
def test_the_same_question_has_the_same_answer(wanted, turn):
    snapshot = cluster(*THREE)
    for number, (cpu, _) in enumerate(wanted):
        snapshot = snapshot.with_pod(f"worker-{number % 2 + 1}", pod_info(pod(f"p{number}", container(cpu=f"{cpu}m"))))
    new = pod("new", container(cpu="300m"))
    assert schedule(new, snapshot, turn=turn) == schedule(new, snapshot, turn=turn)


def _has_room(info: NodeInfo, cpu: int, memory: int) -> bool:
    return info.free("cpu") >= cpu and info.free("memory") >= memory * 2**30 and info.free("pods") >= 1
