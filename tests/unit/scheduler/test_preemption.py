"""Who has to go, and what is said when nobody can."""

from __future__ import annotations

from datetime import timedelta

from scheduler.algorithm import FitError, schedule, with_preemption
from scheduler.preemption import Nomination, preempt
from scheduler.snapshot import Snapshot, node_info, pod_info
from tests.support.objects import CONTROL_PLANE, NOW, container, node, pod


def cluster(*pods, names=("worker-1", "worker-2")) -> Snapshot:
    nodes = [node("control-plane", CONTROL_PLANE), *(node(name) for name in names)]
    return Snapshot(tuple(
        node_info(n, [pod_info(p) for p in pods if p.spec.node_name == n.metadata.name]) for n in nodes))


def outcome(new, snapshot):
    error = schedule(new, snapshot)
    assert isinstance(error, FitError)
    return preempt(new, snapshot, error)


def full(name: str, where: str, cpu: str = "2", priority: int = 0, **more):
    return pod(name, container(cpu=cpu), node=where, priority=priority, **more)


def test_the_whole_text():
    snapshot = cluster(full("a", "worker-1"), full("b", "worker-2"))
    new = pod("new", container(cpu="1"))
    error = schedule(new, snapshot)
    assert with_preemption(error, preempt(new, snapshot, error)).message == (
        "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
        "2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
        "2 No preemption victims found for incoming pod.")


def test_the_least_important_go():
    snapshot = cluster(full("a", "worker-1", priority=5), full("b", "worker-2", priority=1))
    assert outcome(pod("vip", container(cpu="1"), priority=10), snapshot) == Nomination(
        "worker-2", (snapshot.nodes[2].pods["default/b"].pod,))


def test_as_few_as_possible_go():
    small = [full(f"s{i}", "worker-1", cpu="500m", priority=i) for i in range(4)]
    nomination = outcome(pod("vip", container(cpu="700m"), priority=10), cluster(*small, names=("worker-1",)))
    assert [victim.metadata.name for victim in nomination.victims] == ["s1", "s0"]


def test_younger_pods_hurt_less():
    old, young = ({"start_time": NOW + timedelta(hours=h)} for h in (0, 1))
    snapshot = cluster(full("a", "worker-1", status=old), full("b", "worker-2", status=young))
    assert outcome(pod("vip", container(cpu="1"), priority=1), snapshot).node == "worker-2"


def test_equals_are_safe():
    snapshot = cluster(full("a", "worker-1", priority=10), names=("worker-1",))
    assert outcome(pod("new", container(cpu="1"), priority=10), snapshot).endswith(
        "1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.")


def test_a_pod_too_large_for_the_node_drives_nobody_out():
    snapshot = cluster(full("a", "worker-1"), names=("worker-1",))
    assert outcome(pod("huge", container(cpu="9"), priority=10), snapshot) == (
        "preemption: 0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful for scheduling.")


def test_a_pod_may_forbid_it():
    new = pod("polite", container(cpu="1"), priority=10, preemption_policy="Never")
    assert outcome(new, cluster(full("a", "worker-1"), full("b", "worker-2"))) == (
        "preemption: not eligible due to preemptionPolicy=Never.")


def test_victims_are_waited_for():
    leaving = full("a", "worker-1", metadata={"deletion_timestamp": NOW})
    new = pod("vip", container(cpu="1"), priority=10, status={"nominated_node_name": "worker-1"})
    assert outcome(new, cluster(leaving, names=("worker-1",))) == (
        "preemption: not eligible due to a terminating pod on the nominated node.")
