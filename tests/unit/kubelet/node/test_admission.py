"""Who is let in, and in which words others are not."""

from __future__ import annotations

from typing import Any

import pytest

from kubelet.node.admission import Room, refusal
from kubelet.node.requests import pod_request
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import Node, Pod
from tests.support.kubelet import NODES, Bench, PatchingApi, kubelet_on, pod

ROOM = {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "10Gi", "pods": "3"}
PRESSURE = [{"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}]


def a_pod(name: str = "p", **spec: Any) -> Pod:
    requests, ports = spec.pop("requests", {}), spec.pop("ports", [])
    container = {"name": "c", "image": "i", "resources": {"requests": requests}, "ports": ports}
    return Pod.from_dict({"metadata": {"name": name, "uid": name}, "spec": {"containers": [container], **spec}})


def a_node(*taints: dict[str, str]) -> Node:
    return Node.from_dict({"metadata": {"name": "n1", "labels": {"disk": "ssd"}}, "spec": {"taints": list(taints)}})


def why(pod: Pod, *others: Pod, node: Node | None = None, **room: Any) -> str:
    verdict = refusal(pod, Room(node or a_node(), ROOM, pods=others, **room))
    return f"{verdict.reason}: {verdict.message}" if verdict else ""


def test_what_fits_is_let_in() -> None:
    assert why(a_pod(requests={"cpu": "2", "memory": "1Gi"}), a_pod("o"), a_pod("q")) == ""


@pytest.mark.parametrize(("pod", "others", "told"), [
    (a_pod(requests={"cpu": "1500m"}), (a_pod(requests={"cpu": "600m"}),),
     "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 600, capacity: 2000"),
    (a_pod(requests={"memory": "2Gi"}), (),
     "OutOfmemory: Pod was rejected: Node didn't have enough resource: memory, requested: 2147483648, used: 0, "
     "capacity: 1073741824"),
    (a_pod(), (a_pod("a"), a_pod("b"), a_pod("c")),
     "OutOfpods: Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"),
    (a_pod(nodeSelector={"disk": "hdd"}), (),
     "NodeAffinity: Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node "
     "affinity/selector"),
    (a_pod(ports=[{"containerPort": 80, "hostPort": 80}]),
     (a_pod(ports=[{"containerPort": 8080, "hostPort": 80, "hostIP": "10.0.0.1"}]),),
     "NodePorts: Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod "
     "ports"),
])  # fmt: skip
def test_refusals(pod: Pod, others: tuple[Pod, ...], told: str) -> None:
    assert why(pod, *others) == told


def test_ports_at_different_addresses_or_protocols_do_not_meet() -> None:
    one = a_pod(ports=[{"containerPort": 80, "hostPort": 80, "hostIP": "10.0.0.1"}])
    for other in ({"hostIP": "10.0.0.2"}, {"hostIP": "10.0.0.1", "protocol": "UDP"}):
        assert why(a_pod(ports=[{"containerPort": 80, "hostPort": 80, **other}]), one) == ""


def test_taints() -> None:
    node = a_node({"key": "k", "value": "v", "effect": "NoExecute"}, {"key": "s", "effect": "NoSchedule"})
    assert why(a_pod(), node=node).startswith("TaintToleration: ")
    for toleration in ({"operator": "Exists"}, {"key": "k", "value": "v"}, {"key": "k", "operator": "Exists"}):
        assert why(a_pod(tolerations=[toleration]), node=node) == ""
    assert why(a_pod(tolerations=[{"key": "k", "value": "w"}]), node=node) != ""


def test_under_pressure() -> None:
    memory, both = frozenset({"MemoryPressure"}), frozenset({"MemoryPressure", "DiskPressure"})
    assert why(a_pod(), pressures=memory) == \
        "Evicted: Pod was rejected: The node had condition: [MemoryPressure]. "  # fmt: skip
    assert why(a_pod(requests={"cpu": "1m"}), pressures=memory) == ""
    assert why(a_pod(tolerations=PRESSURE), pressures=memory) == ""
    assert why(a_pod(requests={"cpu": "1m"}), pressures=both).startswith("Evicted: ")
    assert why(a_pod(priority=2_000_000_000), pressures=both) == ""
    assert why(a_pod(), shutting_down=True).startswith("NodeShutdown: ")


def test_requests() -> None:
    def container(cpu: str, **more: Any) -> dict[str, Any]:
        return {"name": cpu, "resources": {"requests": {"cpu": cpu}}, **more}

    side = container("300m", restartPolicy="Always")
    both = Pod.from_dict({"spec": {"initContainers": [side, container("1")], "containers": [container("200m")],
                                   "overhead": {"cpu": "50m"}}})  # fmt: skip
    assert pod_request(both, "cpu") == 1350 and pod_request(both, "memory") == 0


async def test_a_pod_that_is_not_let_in_fails_with_its_reason(tmp_path: Any) -> None:
    async with PatchingApi() as api, kubelet_on(api, HollowRuntime(), tmp_path, max_pods=2) as bench:
        await bench.create(pod("one"))
        await bench.until_ready("one")
        await bench.create(pod("picky", nodeSelector={"disk": "ssd"}))
        await bench.until_phase("picky", "Failed")
        assert bench.status("picky")["reason"] == "NodeAffinity" and "containerStatuses" not in bench.status("picky")
        assert ("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector") \
            in await events_of(bench, "picky")  # fmt: skip
        node = api.objects[(NODES, "", "n1")]
        labels = {**node["metadata"]["labels"], "disk": "ssd"}
        api.put(NODES, {**node, "metadata": {**node["metadata"], "labels": labels}})
        await bench.create(pod("late", nodeSelector={"disk": "ssd"}))
        await bench.until_ready("late")
        await bench.create(pod("third"))
        await bench.until_phase("third", "Failed")
        assert bench.status("third")["reason"] == "OutOfpods"
        await bench.delete("third")
        await bench.delete("one")
        await bench.until(lambda: not bench.pod("one") and not bench.pod("third"))
        await bench.create(pod("fourth"))
        await bench.until_ready("fourth")
    async with kubelet_on(api, bench.runtime, tmp_path, max_pods=1):
        await bench.until_ready("late")
        assert bench.status("fourth")["phase"] == "Running", "who is in stays in"


async def events_of(bench: Bench, name: str) -> list[tuple[str, str]]:
    await bench.until(lambda: bench.events(name))
    return bench.events(name)
