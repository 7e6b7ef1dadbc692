"""What stands against a resize, and which containers it changes."""

from __future__ import annotations

from kubelet.pods.resize import changes, obstacle
from machinery.api.core.v1 import (
    Container,
    ContainerResizePolicy,
    ContainerStatus,
    Pod,
    PodSpec,
    PodStatus,
    ResourceRequirements,
)
from machinery.api.meta.v1 import ObjectMeta
from tests.support.runs import held, running

ROOM = {"cpu": "4", "memory": "1Gi"}


def asks(cpu: str, **more: str) -> ResourceRequirements:
    return ResourceRequirements(requests={"cpu": cpu, **more})


def a_pod(cpu: str, *, uid: str = "u1", phase: str = "Running", policy: tuple[ContainerResizePolicy, ...] = ()) -> Pod:
    container = Container(name="c", resources=asks(cpu), resize_policy=policy)
    return Pod(metadata=ObjectMeta(uid=uid), spec=PodSpec(containers=(container,)), status=PodStatus(phase=phase))


def test_what_stands_against_it() -> None:
    own = a_pod("2")
    assert obstacle(own, [own, a_pod("2", uid="b")], ROOM) == ""
    assert obstacle(own, [a_pod("3", uid="b")], ROOM) == "Deferred"
    assert obstacle(own, [a_pod("3", uid="b", phase="Succeeded")], ROOM) == ""
    assert obstacle(a_pod("5"), [a_pod("3", uid="b")], ROOM) == "Infeasible"


def test_only_what_differs_is_changed() -> None:
    status, now = held(running()), asks("1")
    assert list(changes(a_pod("1"), status, {"c-0": now})) == []
    (change,) = changes(a_pod("2"), status, {"c-0": now})
    assert (change.run.id, change.restart) == ("c-0", False)
    restarts = ContainerResizePolicy(resource_name="cpu", restart_policy="RestartContainer")
    (change,) = changes(a_pod("2", policy=(restarts,)), status, {"c-0": now})
    assert change.restart
    of_memory = ContainerResizePolicy(resource_name="memory", restart_policy="RestartContainer")
    assert not next(changes(a_pod("2", policy=(of_memory,)), status, {"c-0": now})).restart


def test_the_api_remembers_for_a_kubelet_that_forgot() -> None:
    pod = a_pod("1")
    known = ContainerStatus(name="c", container_id="containerd://c-0", resources=asks("1"))
    assert not list(changes(pod.replace(status=PodStatus(container_statuses=(known,))), held(running()), {}))
