"""The cluster repairs itself: pods, containers, nodes, and its own processes; and it changes without a pause."""

from __future__ import annotations

import os
import signal

import pytest

from machinery.api import quantity
from miniadm.status import processes
from tests.support.cluster import eventually
from tests.support.lab import WEB2, Lab, Visitor, ask, condition, web_manifest


def test_a_deleted_pod_is_replaced(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=2))
    first, second = (pod["metadata"]["name"] for pod in lab.wait_ready("app=web", 2))
    lab.kubectl("delete", "pod", first)
    after = {pod["metadata"]["name"] for pod in lab.wait_ready("app=web", 2)}
    assert second in after
    assert first not in after


def test_a_killed_container_is_restarted_in_its_pod(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=1))
    (pod,) = lab.wait_ready("app=web", 1)
    container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    lab.cluster.shell(pod["spec"]["nodeName"], "ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", container)
    eventually(lambda: restarts(lab) == 1)
    (after,) = lab.wait_ready("app=web", 1)
    assert after["metadata"]["uid"] == pod["metadata"]["uid"]
    assert after["status"]["podIP"] == pod["status"]["podIP"]
    assert after["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137


def restarts(lab: Lab) -> int:
    """How often the only container of app=web was restarted."""
    (pod,) = lab.items("pods", "app=web")
    return pod["status"]["containerStatuses"][0]["restartCount"]


def test_a_rolling_update_loses_no_request(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", node_port=30124))
    lab.wait_ready("app=web", 3)
    address = lab.addresses["worker-1"]
    eventually(lambda: ask(address, 30124))
    with Visitor(lambda: ask(address, 30124)) as visitor:
        lab.kubectl("set", "image", "deployment/web", f"web={WEB2}")
        lab.kubectl("rollout", "status", "deployment/web", "--timeout=90s")
        lab.wait_ready("app=web", 3)
    assert visitor.failures == []
    assert sum(visitor.answers.values()) > 20
    images = {pod["spec"]["containers"][0]["image"] for pod in lab.items("pods", "app=web")}
    assert images == {WEB2}
    history = lab.kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines() if line[:1].isdigit()] == ["1", "2"]


def test_pods_of_a_lost_node_are_made_again_elsewhere(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=2, toleration=2))
    before = lab.wait_ready("app=web", 2)
    assert {pod["spec"]["nodeName"] for pod in before} == {"worker-1", "worker-2"}
    lab.cluster.mini("stop", "worker-2")
    try:
        eventually(lambda: not lab.node_ready("worker-2"), 90)
        eventually(lambda: on_worker_1(lab) == 2, 60)
    finally:
        lab.cluster.mini("start", "worker-2")
    eventually(lambda: lab.node_ready("worker-2"), 60)
    lab.wait_ready("app=web", 2)
    taints = lab.items("nodes", "kubernetes.io/hostname=worker-2")[0]["spec"].get("taints", [])
    eventually(lambda: not taints or not lab.items("nodes", "kubernetes.io/hostname=worker-2")[0]["spec"].get("taints"))


def on_worker_1(lab: Lab) -> int:
    """Ready pods of app=web on the worker that is left."""
    return sum(pod["spec"]["nodeName"] == "worker-1" for pod in lab.ready_pods("app=web"))


@pytest.mark.parametrize("component", ["kubelet", "apiserver", "etcd", "controllers", "scheduler", "kubeproxy"])
def test_a_killed_process_returns_and_catches_up(lab: Lab, component: str) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=2))
    before = lab.wait_ready("app=web", 2)
    killed = kill(lab, component)
    lab.kubectl("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s", namespace="", retries=30)
    lab.kubectl("scale", "deployment/web", "--replicas=3", retries=30)
    after = lab.wait_ready("app=web", 3)
    assert killed not in {process.pid for process in of(lab, component)}
    kept = {pod["metadata"]["uid"]: container_ids(pod) for pod in after}
    assert all(kept[pod["metadata"]["uid"]] == container_ids(pod) for pod in before)


def of(lab: Lab, component: str) -> list:
    """The processes of a component, on all machines."""
    machines = lab.cluster.cluster.machines
    return [process for machine in machines for process in processes(machine) if process.name == component]


def kill(lab: Lab, component: str) -> int:
    """Kill one process of a component as hard as one can; its number."""
    process = of(lab, component)[-1]
    os.kill(process.pid, signal.SIGKILL)
    return process.pid


def container_ids(pod: dict) -> list[str]:
    return [status["containerID"] for status in pod["status"]["containerStatuses"]]


def test_no_acknowledged_write_is_lost_when_the_control_plane_is_killed(lab: Lab) -> None:
    written = []
    for number in range(12):
        if number in (3, 7):
            kill(lab, "etcd" if number == 3 else "apiserver")
        lab.kubectl("create", "configmap", f"note-{number}", f"--from-literal=n={number}", retries=60)
        written.append(f"note-{number}")
    found = {item["metadata"]["name"]: item.get("data") for item in lab.items("configmaps")}
    assert {name: found.get(name) for name in written} == {f"note-{n}": {"n": str(n)} for n in range(12)}


def test_a_pod_that_fits_nowhere_says_why(lab: Lab) -> None:
    container = {"name": "c", "image": "mini/web:1", "resources": {"requests": {"cpu": "1000"}}}
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big"}, "spec": {"containers": [container]}}
    lab.kubectl("apply", "-f", "-", stdin=str(document).replace("'", '"'))
    eventually(lambda: "Insufficient cpu" in lab.kubectl("describe", "pod", "big"))
    pod = lab.one("pod", "big")
    assert not condition(pod, "PodScheduled")
    (reason,) = (row for row in pod["status"]["conditions"] if row["type"] == "PodScheduled")
    assert reason["reason"] == "Unschedulable"
    assert "0/3 nodes are available" in reason["message"]
    assert quantity.value(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"]) == 1000
