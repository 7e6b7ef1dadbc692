"""Nodes: heartbeats, conditions, taints, evictions, subnets, lost pods."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controllers.node_ipam import next_free
from controllers.node_lifecycle import NodeLifecycleController, Plan, heard, plan, seconds_left
from controllers.pod_gc import Verdict, judge
from controllers.taint_eviction import evict_at
from machinery.api.coordination.v1 import Lease, LeaseSpec
from machinery.api.core.v1 import NodeCondition, Taint, Toleration
from machinery.api.errors import ServiceUnavailable
from machinery.client.controller import Context
from machinery.client.informer import InformerFactory
from machinery.client.reflector import Replaced
from machinery.component.clock import FakeClock
from tests.support.objects import CONTROL_PLANE, NOW, meta, node, pod

LATER = NOW + timedelta(minutes=5)


def lease(at: int) -> Lease:
    return Lease(metadata=meta("n", "kube-node-lease"), spec=LeaseSpec(renew_time=NOW + timedelta(seconds=at)))


def taints(decided: Plan) -> list[str]:
    return [f"{t.key}:{t.effect}" for t in decided.taints]


def test_the_taint_of_admission_stays_until_the_node_has_spoken():
    fresh = node("n").replace(status=node("n").status.replace(conditions=()))
    given = Taint(key="node.kubernetes.io/not-ready", effect="NoSchedule")
    fresh = fresh.replace(spec=fresh.spec.replace(taints=(given,)))
    assert plan(fresh, late=False, others_ready=True, now=NOW).taints is None
    ready = fresh.replace(status=node("n").status)
    assert plan(ready, late=False, others_ready=True, now=NOW).taints == ()


# Heartbeats.


def test_any_new_sign_counts_from_when_we_saw_it():
    first = heard(None, node("n"), lease(0), now=100)
    assert first.seen_at == 100
    assert heard(first, node("n"), lease(0), now=110).seen_at == 100
    assert heard(first, node("n"), lease(10), now=110).seen_at == 110
    assert heard(first, node("n", ready="False"), lease(0), now=110).seen_at == 110


def test_what_we_wrote_ourselves_and_a_deleted_lease_are_no_signs():
    first = heard(None, node("n"), lease(0), now=100)
    assert heard(first, node("n", ready="Unknown"), lease(0), now=150).seen_at == 100
    assert heard(first, node("n"), None, now=150).seen_at == 100


def test_grace():
    silent, new = node("n"), node("n").replace(status=node("n").status.replace(conditions=()))
    assert seconds_left(heard(None, silent, None, 100), silent, 130, grace=40) == 10
    assert seconds_left(heard(None, new, None, 100), new, 130, grace=40) == 30


class Away:
    """An API server that is away until it is not."""

    def __init__(self) -> None:
        self.patches: list[str] = []
        self.away = True

    async def patch(self, kind, name, namespace, body, **options):
        if self.away:
            raise ServiceUnavailable("away")
        self.patches.append(name)
        return node(name)

    def record(self, *told) -> None:
        """Events go nowhere."""


async def test_an_api_server_that_was_away_is_no_fault_of_the_nodes():
    api, clock = Away(), FakeClock()
    controller = NodeLifecycleController(Context(api, InformerFactory(api), api, clock), grace=40)
    controller.nodes.apply(Replaced((node("a"), node("b"))))
    for name in "ab":
        assert await controller.reconcile(name) == 40
    clock.advance(60)
    with pytest.raises(ServiceUnavailable):
        await controller.reconcile("a")
    api.away = False
    for name in "ab":
        assert await controller.reconcile(name) == 40
    assert api.patches == []
    clock.advance(40)
    await controller.reconcile("a")
    assert "a" in api.patches


@pytest.mark.parametrize(("ready", "woken"), [("a", "abcd"), ("ab", "abcd"), ("abc", "d"), ("abcd", "d")])
def test_others_are_looked_at_only_where_they_might_be_the_last_ones(ready, woken):
    api = Away()
    controller = NodeLifecycleController(Context(api, InformerFactory(api), api, FakeClock()))
    nodes = {name: node(name, ready="True" if name in ready else "False") for name in "abcd"}
    controller.nodes.apply(Replaced(tuple(nodes.values())))
    other = node("d", ready="False" if "d" in ready else "True")
    assert sorted(set(controller.keys_of_node(other, nodes["d"]))) == sorted(woken)


# What is said of a node.


def test_a_healthy_node_is_left_alone():
    assert plan(node("n"), late=False, others_ready=True, now=LATER) == Plan()


def test_a_silent_node_becomes_unknown_and_unreachable():
    decided = plan(node("n", CONTROL_PLANE), late=True, others_ready=True, now=LATER)
    ready, *others = decided.conditions
    assert (ready.type, ready.status, ready.reason, ready.message, ready.last_transition_time) == (
        "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", LATER)
    assert ready.last_heartbeat_time == NOW
    assert {(c.type, c.reason) for c in others} == {
        (t, "NodeStatusNeverUpdated") for t in ("MemoryPressure", "DiskPressure", "PIDPressure")}
    assert taints(decided) == [
        "node-role.kubernetes.io/control-plane:NoSchedule",
        "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]
    assert all(t.time_added == LATER for t in decided.taints[1:])


def test_what_is_said_already_is_not_said_again():
    first = plan(node("n"), late=True, others_ready=True, now=NOW)
    silent = node("n", *first.taints)
    silent = silent.replace(status=silent.status.replace(conditions=first.conditions))
    assert plan(silent, late=True, others_ready=True, now=LATER) == Plan()
    back = plan(node("n", *first.taints), late=False, others_ready=True, now=LATER)
    assert back == Plan((), ())


def test_where_no_node_is_ready_nobody_is_evicted():
    alone = plan(node("n"), late=True, others_ready=False, now=LATER)
    assert taints(alone) == ["node.kubernetes.io/unreachable:NoSchedule"]
    tainted = node("n", *plan(node("n"), late=True, others_ready=True, now=NOW).taints, ready="Unknown")
    assert "node.kubernetes.io/unreachable:NoExecute" not in taints(
        plan(tainted, late=True, others_ready=False, now=LATER))


@pytest.mark.parametrize(("condition", "status", "taint"), [
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure:NoSchedule"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure:NoSchedule"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure:NoSchedule"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable:NoSchedule"),
])
def test_conditions_become_taints(condition, status, taint):
    troubled = node("n")
    conditions = (*troubled.status.conditions, NodeCondition(type=condition, status=status))
    troubled = troubled.replace(status=troubled.status.replace(conditions=conditions))
    assert taints(plan(troubled, late=False, others_ready=True, now=NOW)) == [taint]


def test_cordon_and_not_ready():
    assert taints(plan(node("n", unschedulable=True), late=False, others_ready=True, now=NOW)) == [
        "node.kubernetes.io/unschedulable:NoSchedule"]
    assert taints(plan(node("n", ready="False"), late=False, others_ready=True, now=NOW)) == [
        "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute"]


# Evictions.

UNREACHABLE = Taint(key="node.kubernetes.io/unreachable", effect="NoExecute", time_added=NOW)
OTHER = Taint(key="other", effect="NoExecute", time_added=NOW + timedelta(seconds=100))


def toleration(key: str, seconds: int | None = None) -> Toleration:
    return Toleration(key=key, operator="Exists", effect="NoExecute", toleration_seconds=seconds)


@pytest.mark.parametrize(("given", "tolerations", "seconds"), [
    ((), (), None),
    ((UNREACHABLE,), (), 0),
    ((UNREACHABLE,), (toleration(UNREACHABLE.key, 300),), 300),
    ((UNREACHABLE,), (toleration(UNREACHABLE.key),), None),
    ((UNREACHABLE,), (toleration(UNREACHABLE.key, -5),), 0),
    ((UNREACHABLE, OTHER), (toleration(UNREACHABLE.key, 300),), 100),
    ((UNREACHABLE, OTHER), (toleration(UNREACHABLE.key, 300), toleration("other", 10)), 110),
])
def test_when_a_pod_has_to_go(given, tolerations, seconds):
    moment = evict_at(pod(tolerations=tolerations), given, lambda taint: taint.time_added)
    assert moment == (None if seconds is None else NOW + timedelta(seconds=seconds))


# Subnets.


@pytest.mark.parametrize(("taken", "free"), [
    ([], "10.244.0.0/24"), (["10.244.0.0/24"], "10.244.1.0/24"), (["10.244.1.0/24"], "10.244.0.0/24"),
    (["10.244.0.0/23"], "10.244.2.0/24"), (["192.168.0.0/16"], "10.244.0.0/24"), (["10.244.0.0/16"], None),
    (["10.0.0.0/8"], None), (["10.244.0.128/25", "10.244.1.0/24"], "10.244.2.0/24"),
])
def test_the_first_free_subnet(taken, free):
    found = next_free(ip_network("10.244.0.0/16"), 24, map(ip_network, taken))
    assert found == (ip_network(free) if free else None)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_no_subnet_is_ever_given_twice(steps):
    cluster, taken = ip_network("10.0.0.0/27"), []
    for comes in steps:
        if comes:
            found = next_free(cluster, 30, taken)
            assert (found is None) == (len(taken) == 8)
            taken += [found] if found else []
        elif taken:
            taken.pop(0)
        assert not any(a.overlaps(b) for i, a in enumerate(taken) for b in taken[:i])


# Lost pods.


@pytest.mark.parametrize(("one", "verdict"), [
    (pod(node="n"), Verdict.KEEP), (pod(node="gone"), Verdict.ORPHANED), (pod(), Verdict.KEEP),
    (pod(metadata={"deletion_timestamp": NOW}), Verdict.UNSCHEDULED),
    (pod(node="n", metadata={"deletion_timestamp": NOW}), Verdict.KEEP),
])
def test_which_pods_are_lost(one, verdict):
    assert judge(one, ["n"]) is verdict
