"""What a newcomer sees first: three Ready machines, pods on both workers, one address that all of them answer."""

from __future__ import annotations

import subprocess

from tests.support.cluster import eventually
from tests.support.lab import Lab, ask, web_manifest


def test_three_machines_are_ready(lab: Lab) -> None:
    rows = [line.split() for line in lab.kubectl("get", "nodes", "--no-headers", namespace="").splitlines()]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("control-plane", "Ready", "control-plane"),
        ("worker-1", "Ready", "<none>"),
        ("worker-2", "Ready", "<none>"),
    ]


def test_every_pod_answers_behind_every_workers_node_port(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", node_port=30123))
    pods = lab.wait_ready("app=web", 3)
    assert {pod["spec"]["nodeName"] for pod in pods} == {"worker-1", "worker-2"}
    names = {pod["metadata"]["name"] for pod in pods}
    for machine in ("worker-1", "worker-2"):
        address = lab.addresses[machine]
        eventually(lambda address=address: reached(address, 30123) == names)


def reached(address: str, port: int, times: int = 60) -> set[str]:
    """Which pods answer when one asks so often; the answer names its pod."""
    answers = [ask(address, port) for _ in range(times)]
    return {answer.removeprefix("Hello from ").partition(",")[0] for answer in answers}


def test_pods_and_nodes_reach_each_other_without_nat(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=4))
    pods = lab.wait_ready("app=web", 4)
    asking = next(pod for pod in pods if pod["spec"]["nodeName"] == "worker-1")
    for pod in pods:
        address = pod["status"]["podIP"]
        assert pod["metadata"]["name"] in lab.cluster.shell("control-plane", "wget", "-qO-", f"http://{address}:8080/")
        assert pod["metadata"]["name"] in inside(lab, asking, "wget", "-qO-", f"http://{address}:8080/")


def test_a_service_answers_inside_by_its_cluster_ip(lab: Lab) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=2))
    pods = lab.wait_ready("app=web", 2)
    address = lab.one("service", "web")["spec"]["clusterIP"]
    answer = eventually_inside(lab, pods[0], "timeout", "2", "wget", "-qO-", f"http://{address}/")
    assert any(pod["metadata"]["name"] in answer for pod in pods)


def inside(lab: Lab, pod: dict, *words: str) -> str:
    """Run a command in a pod's container, from the node, by the runtime."""
    container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    runtime = ("ctr", "-n", "k8s.io", "tasks", "exec", "--exec-id", f"e2e-{len(words)}-{abs(hash(words))}", container)
    return lab.cluster.shell(pod["spec"]["nodeName"], *runtime, *words)


def eventually_inside(lab: Lab, pod: dict, *words: str) -> str:
    """The same, as soon as it succeeds."""
    answers: list[str] = []

    def succeeded() -> bool:
        try:
            answers.append(inside(lab, pod, *words))
        except (AssertionError, subprocess.TimeoutExpired):
            return False
        return True

    eventually(succeeded)
    return answers[-1]
