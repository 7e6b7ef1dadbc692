"""Pods that want company, pods that do not, pods that want to be spread."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from machinery.api.core.v1 import (
    Affinity,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from machinery.api.meta.v1 import LabelSelector
from scheduler.algorithm import FitError, Placement, schedule
from scheduler.snapshot import Snapshot, node_info, pod_info
from tests.support.objects import node, pod

HOST = "kubernetes.io/hostname"
ZONES = (node("a1", labels={"zone": "a"}), node("a2", labels={"zone": "a"}), node("b1", labels={"zone": "b"}))


def cluster(*pods) -> Snapshot:
    return Snapshot(tuple(
        node_info(n, [pod_info(p) for p in pods if p.spec.node_name == n.metadata.name]) for n in ZONES))


def term(app: str, key: str = HOST, **more) -> PodAffinityTerm:
    return PodAffinityTerm(label_selector=LabelSelector(match_labels={"app": app}), topology_key=key, **more)


def near(*terms: PodAffinityTerm) -> Affinity:
    return Affinity(pod_affinity=PodAffinity(required_during_scheduling_ignored_during_execution=terms))


def far(*terms: PodAffinityTerm) -> Affinity:
    return Affinity(pod_anti_affinity=PodAntiAffinity(required_during_scheduling_ignored_during_execution=terms))


def like(weight: int, one: PodAffinityTerm, rule=PodAffinity) -> Affinity:
    rules = rule(preferred_during_scheduling_ignored_during_execution=(
        WeightedPodAffinityTerm(weight=weight, pod_affinity_term=one),))
    return Affinity(pod_affinity=rules) if rule is PodAffinity else Affinity(pod_anti_affinity=rules)


def spread(app: str, key: str = "zone", when: str = "DoNotSchedule", **more) -> tuple[TopologySpreadConstraint, ...]:
    return (TopologySpreadConstraint(
        max_skew=1, topology_key=key, when_unsatisfiable=when,
        label_selector=LabelSelector(match_labels={"app": app}), **more),)


def candidates(new, *others) -> set[str]:
    result = schedule(new, cluster(*others))
    return set(result.scores) if isinstance(result, Placement) else set()


def app(name: str, where: str = "", **more):
    return pod(f"{name}-{where}-{len(more)}", node=where, labels={"app": name}, **more)


@pytest.mark.parametrize(("affinity", "nodes"), [
    (near(term("db")), {"a1"}),
    (near(term("db", "zone")), {"a1", "a2"}),
    (near(term("nobody")), set()),
    (near(term("web")), {"a1", "a2", "b1"}),
    (far(term("db")), {"a2", "b1"}),
    (far(term("db", "zone")), {"b1"}),
    (far(term("db", namespaces=("other",))), {"a1", "a2", "b1"}),
    (far(term("db", namespace_selector=LabelSelector())), {"a2", "b1"}),
    (near(term("db", "no-such-key")), set()),
])
def test_required_company(affinity, nodes):
    assert candidates(app("web", affinity=affinity), app("db", "a1")) == nodes


def test_anti_affinity_is_mutual():
    recluse = app("db", "a1", affinity=far(term("web", "zone")))
    assert candidates(app("web"), recluse) == {"b1"}
    assert candidates(app("other"), recluse) == {"a1", "a2", "b1"}


@pytest.mark.parametrize(("new", "there", "reason"), [
    (app("web", affinity=near(term("x"))), app("db", "a1"), "3 node(s) didn't match pod affinity rules."),
    (app("web", affinity=far(term("db", "zone"), term("db"))), app("db", "b1"), ""),
    (app("web"), app("db", "a1", affinity=far(term("web", "zone"))), ""),
])
def test_reasons(new, there, reason):
    result = schedule(new, cluster(there))
    assert result.message.endswith(reason) if isinstance(result, FitError) else not reason


def test_all_three_reasons_have_their_own_words():
    crowd = [app("db", n, affinity=far(term("web"))) for n in ("a1", "a2", "b1")]
    assert schedule(app("web"), cluster(*crowd)).message == (
        "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.")
    plain = [app("db", n) for n in ("a1", "a2", "b1")]
    assert schedule(app("web", affinity=far(term("db"))), cluster(*plain)).message == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.")


def test_preferred_company():
    assert schedule(app("web", affinity=like(10, term("db"))), cluster(app("db", "a2"))).node == "a2"
    away = app("web", affinity=like(10, term("db", "zone"), PodAntiAffinity))
    assert schedule(away, cluster(app("db", "a2"))).node == "b1"


def test_spread_over_zones():
    there = [app("web", "a1"), app("x", "b1")]
    new = app("web", topology_spread_constraints=spread("web"))
    assert candidates(new, *there) == {"b1"}
    soft = app("web", topology_spread_constraints=spread("web", when="ScheduleAnyway"))
    assert candidates(soft, *there) == {"a1", "a2", "b1"} and schedule(soft, cluster(*there)).node == "b1"


def test_spread_needs_the_label_and_enough_domains():
    lost = app("web", topology_spread_constraints=spread("web", "rack"))
    assert "3 node(s) didn't match pod topology spread constraints (missing required label)" in schedule(
        lost, cluster()).message
    few = app("web", topology_spread_constraints=spread("web", min_domains=3))
    assert candidates(few, app("web", "a1"), app("web", "b1")) == set()


def test_zones_that_the_pod_may_not_use_do_not_count():
    new = app("web", topology_spread_constraints=spread("web"), node_selector={"zone": "a"})
    assert candidates(new, app("web", "a1")) == {"a1", "a2"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 12))
def test_a_hard_spread_is_never_uneven(count):
    snapshot = cluster()
    for number in range(count):
        new = pod(f"web-{number}", labels={"app": "web"}, topology_spread_constraints=spread("web"))
        result = schedule(new, snapshot, turn=number)
        snapshot = snapshot.with_pod(result.node, pod_info(new))
        zones = [sum(len(n.pods) for n in snapshot.nodes if n.labels["zone"] == zone) for zone in "ab"]
        assert abs(zones[0] - zones[1]) <= 1
