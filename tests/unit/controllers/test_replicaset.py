"""Replica sets: who is made, who has to go, what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.replicaset import DELETION_COST, Plan, plan, pod_from, seconds_to_available, status_of
from controllers.replication_controller import ReplicationControllerController
from machinery.api.apps.v1 import ReplicaSet, ReplicaSetSpec, ReplicaSetStatus
from machinery.api.core.v1 import (
    ContainerStatus,
    PodSpec,
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerCondition,
)
from machinery.api.errors import Forbidden
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from tests.support.objects import NOW, container, meta, pod


def replicaset(replicas: int | None = 3, **spec: object) -> ReplicaSet:
    template = PodTemplateSpec(metadata=ObjectMeta(labels={"app": "web"}), spec=PodSpec(containers=(container(),)))
    selector = LabelSelector(match_labels={"app": "web"})
    return ReplicaSet(
        metadata=meta("web", generation=4),
        spec=ReplicaSetSpec(replicas=replicas, selector=selector, template=template, **spec))


def running(name: str, node: str = "n1", *, ready: bool = True, restarts: int = 0, age: int = 0, **more):
    statuses = (ContainerStatus(name="c", restart_count=restarts),)
    made = {"creation_timestamp": NOW - timedelta(seconds=age)}
    return pod(name, node=node, phase="Running", ready=ready, labels={"app": "web"},
               status={"container_statuses": statuses}, metadata=made | more)


def goes(*pods, related=(), now=NOW) -> str:
    (victim,) = plan(len(pods) - 1, pods, now, related=related).delete
    return victim.metadata.name


def test_missing_pods_are_made_and_enough_is_enough():
    assert plan(3, [running("a")], NOW) == Plan(create=2)
    assert plan(1, [running("a")], NOW) == Plan()
    assert plan(10_000, [], NOW) == Plan(create=500)


@pytest.mark.parametrize(("keeps", "loses"), [
    (running("a"), pod("b")),
    (running("a"), pod("b", node="n1")),
    (running("a"), running("b", ready=False)),
    (running("a"), running("b", annotations={DELETION_COST: "-5"})),
    (running("a", annotations={DELETION_COST: "5"}), running("b")),
    (running("a"), running("b", restarts=3)),
    (running("a", age=5000), running("b", age=10)),
    (running("a", age=5, annotations={DELETION_COST: "nonsense"}), running("b", age=1)),
])
def test_who_goes_first(keeps, loses):
    assert goes(keeps, loses) == goes(loses, keeps) == "b"


def test_crowded_nodes_lose_first():
    related = [running("old-1", "n2"), running("old-2", "n2")]
    assert goes(running("a", "n1"), running("b", "n2"), related=related) == "b"


def test_pods_of_about_one_age_are_equal_but_for_their_uid():
    assert goes(running("b", age=1000), running("a", age=1001)) == "a"


def test_status_counts():
    pods = [running("a"), running("b", ready=False), running("c").replace(metadata=meta("c", labels={"app": "x"}))]
    status = status_of(replicaset(), pods, now=NOW, failure=None)
    assert status == ReplicaSetStatus(
        replicas=3, fully_labeled_replicas=2, ready_replicas=2, available_replicas=2, observed_generation=4)


def test_available_means_ready_for_long_enough():
    owner = replicaset(min_ready_seconds=10)
    assert status_of(owner, [running("a")], now=NOW + timedelta(seconds=9), failure=None).available_replicas == 0
    assert status_of(owner, [running("a")], now=NOW + timedelta(seconds=10), failure=None).available_replicas == 1
    assert seconds_to_available([running("a")], 10, NOW + timedelta(seconds=4)) == pytest.approx(6, abs=0.01)
    assert seconds_to_available([running("a")], 10, NOW + timedelta(seconds=11)) is None


def test_trouble_is_said_and_unsaid():
    error = Forbidden("pods", "", "exceeded quota")
    status = status_of(replicaset(), [running("a")], now=NOW, failure=error)
    (condition,) = status.conditions
    assert (condition.type, condition.status, condition.reason) == ("ReplicaFailure", "True", "FailedCreate")
    assert "exceeded quota" in condition.message
    again = replicaset().replace(status=status)
    assert status_of(again, [running("a")], now=NOW + timedelta(hours=1), failure=error) == status
    assert status_of(again, [running("a")], now=NOW, failure=None).conditions == ()


def test_the_older_sister_has_the_same_plan():
    owner = ReplicationController.from_dict({
        "metadata": {"name": "rc", "namespace": "default", "uid": "u"},
        "spec": {"replicas": 2, "selector": {"app": "web"}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}})
    assert ReplicationControllerController.selector_of(owner).matches({"app": "web", "x": "y"})
    assert pod_from(owner).metadata.generate_name == "rc-"
    error = Forbidden("pods", "", "no")
    status = status_of(owner, [running("a")], now=NOW, failure=error, condition=ReplicationControllerCondition)
    assert status.replicas == 1 and ReplicationController.from_dict(owner.replace(status=status).to_dict())


def test_a_new_pod_is_the_template_and_belongs_to_its_maker():
    made = pod_from(replicaset())
    assert (made.metadata.generate_name, made.metadata.namespace) == ("web-", "default")
    assert made.metadata.labels == {"app": "web"} and made.spec.containers[0].name == "c"
    assert made.metadata.owner_references[0].uid == "uid-web"


pods_of_any_kind = st.builds(
    lambda name, node, ready, restarts, age: running(name, node, ready=ready, restarts=restarts, age=age),
    st.text("abcdef", min_size=1, max_size=8), st.sampled_from(["n1", "n2"]), st.booleans(), st.integers(0, 3),
    st.integers(0, 10_000))


@given(st.lists(pods_of_any_kind, max_size=12, unique_by=lambda p: p.metadata.name), st.integers(0, 15), st.randoms())
def test_a_plan_always_reaches_the_number_and_order_does_not_matter(pods, wanted, random):
    decided = plan(wanted, pods, NOW)
    assert len(pods) + decided.create - len(decided.delete) == wanted
    assert not (decided.create and decided.delete)
    shuffled = random.sample(pods, len(pods))
    assert {p.metadata.uid for p in plan(wanted, shuffled, NOW).delete} == {p.metadata.uid for p in decided.delete}
    if any(p.metadata.uid for p in decided.delete):
        kept = [p for p in pods if p not in decided.delete]
        ready = [any(c.status == "True" for c in p.status.conditions) for p in decided.delete]
        assert not any(ready) or all(any(c.status == "True" for c in p.status.conditions) for p in kept)
