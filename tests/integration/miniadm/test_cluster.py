"""The whole cluster as a newcomer meets it: one command, three machines, the demo, and bad days."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from miniadm.api import Object, Unavailable, condition
from miniadm.cluster import Machine
from miniadm.lab import running_init, running_lab
from miniadm.status import processes
from tests.support import traces
from tests.support.cluster import LabCluster, cluster, eventually

WEB = "/apis/apps/v1/namespaces/default/deployments/web"
PODS = "/api/v1/namespaces/default/pods"
MERGE = "application/merge-patch+json"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as lab:
        yield lab


@pytest.fixture(autouse=True)
def whole(lab: LabCluster) -> None:
    """Each test finds the demo complete on two Ready workers, whatever the one before did."""
    if not running_lab(lab.cluster) or not all(map(running_init, lab.cluster.machines)):
        lab.mini("up")
    settled(lab, lambda: ready_nodes(lab) == 3 and len(serving(lab)) == len(pods(lab)) == 3)


def settled(lab: LabCluster, holds: Callable[[], bool], seconds: float = 60) -> None:
    def tolerant() -> bool:
        try:
            return holds()
        except Unavailable:
            return False

    try:
        eventually(tolerant, seconds)
    except TimeoutError as late:
        raise AssertionError(f"{late} {holds.__qualname__}{lab.last_words()}") from None


def ready_nodes(lab: LabCluster) -> int:
    return sum(condition(node, "Ready") for node in lab.api.get("/api/v1/nodes")["items"])


def pods(lab: LabCluster) -> list[Object]:
    return lab.api.get(f"{PODS}?labelSelector=app%3Dweb")["items"]


def serving(lab: LabCluster) -> list[Object]:
    return [pod for pod in pods(lab) if condition(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]]


def names(found: list[Object]) -> set[str]:
    return {pod["metadata"]["name"] for pod in found}


def ask(machine: Machine) -> str:
    """The name and version that the demo gives through this machine's port; "" is a failed request."""
    connection = http.client.HTTPConnection(machine.ip, 30080, timeout=3)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode().strip()
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def answering(machine: Machine, times: int = 40) -> Counter[str]:
    return Counter(ask(machine).removeprefix("Hello from ").partition(",")[0] for _ in range(times))


def change(lab: LabCluster, path: str, patch: Object) -> None:
    status, body = lab.api.request("PATCH", path, json.dumps(patch).encode(), content=MERGE)
    assert status == 200, body


def containers(lab: LabCluster) -> dict[str, str]:
    return {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["containerID"] for pod in pods(lab)}


def test_the_demo_runs_on_both_workers_and_every_node_answers_for_all_pods(lab: LabCluster):
    assert {pod["spec"]["nodeName"] for pod in serving(lab)} == {"worker-1", "worker-2"}
    everybody = names(serving(lab))
    for machine in lab.cluster.machines:
        settled(lab, lambda machine=machine: set(answering(machine)) == everybody)


def test_up_again_changes_nothing_and_answers_again(lab: LabCluster):
    before = containers(lab)
    text = lab.mini("up")
    assert "answers: Hello from web-" in text
    assert containers(lab) == before


def test_a_pod_is_reached_by_its_own_address_from_every_machine(lab: LabCluster):
    for pod in serving(lab):
        for machine in ("control-plane", "worker-1", "worker-2"):
            url = f"http://{pod['status']['podIP']}:8080/"
            assert pod["metadata"]["name"] in lab.shell(machine, "busybox", "wget", "-qO-", url)


def test_the_user_gets_a_context(lab: LabCluster):
    assert lab.name in open(lab.environment["KUBECONFIG"]).read()  # noqa: SIM115
    assert lab.mini("kubeconfig").strip() == str(lab.home / "admin.kubeconfig")


def test_status_shows_every_process(lab: LabCluster):
    text = lab.mini("status")
    assert "3 of 3 machines on" in text
    for component in ("etcd", "apiserver", "controllers", "scheduler"):
        assert text.count(f"  {component} ") == 1
    for component in ("containerd", "kubelet", "kubeproxy", "network"):
        assert text.count(f"  {component} ") == 3


def test_a_deleted_pod_is_replaced(lab: LabCluster):
    victim = sorted(names(serving(lab)))[0]
    assert lab.api.request("DELETE", f"{PODS}/{victim}")[0] == 200
    settled(lab, lambda: victim not in names(pods(lab)) and len(serving(lab)) == 3)


def test_a_killed_container_is_restarted_and_counted(lab: LabCluster):
    pod = serving(lab)[0]
    name, before = pod["metadata"]["name"], pod["status"]["containerStatuses"][0]
    container = before["containerID"].removeprefix("containerd://")
    lab.shell(pod["spec"]["nodeName"], "ctr", "task", "kill", "-s", "KILL", container)

    def counted() -> bool:
        [now] = [pod for pod in pods(lab) if pod["metadata"]["name"] == name]
        return now["status"]["containerStatuses"][0]["restartCount"] == before["restartCount"] + 1

    settled(lab, counted)


def test_a_rolling_update_fails_no_request(lab: LabCluster):
    template = lab.api.get(WEB)["spec"]["template"]
    old = template["spec"]["containers"][0]["image"]
    new = "mini/web:2" if old == "mini/web:1" else "mini/web:1"
    template["spec"]["containers"][0]["image"] = new
    change(lab, WEB, {"spec": {"template": template}})
    worker, seen = lab.cluster.machines[1], Counter()

    def rolled() -> bool:
        seen.update(ask(worker).rpartition(" ")[2] for _ in range(10))
        status = lab.api.get(WEB)["status"]
        return status.get("updatedReplicas") == status.get("replicas") == status.get("availableReplicas") == 3

    settled(lab, rolled)
    assert seen[""] == 0, seen
    settled(lab, lambda: {ask(worker).rpartition(" ")[2] for _ in range(10)} == {new[-1]})


@pytest.mark.parametrize("component", ["kubelet", "kubeproxy", "network", "containerd"])
def test_a_killed_node_component_returns_and_containers_never_notice(lab: LabCluster, component: str):
    before = containers(lab)
    kill(lab, "worker-1", component)
    settled(lab, lambda: ready_nodes(lab) == 3 and containers(lab) == before)
    assert ask(lab.cluster.machines[1])


@pytest.mark.parametrize("component", ["apiserver", "etcd", "controllers", "scheduler"])
def test_a_killed_part_of_the_control_plane_returns_and_catches_up(lab: LabCluster, component: str):
    kill(lab, "control-plane", component)
    victim = ""

    def deleted() -> bool:
        nonlocal victim
        victim = sorted(names(serving(lab)))[0]
        return lab.api.request("DELETE", f"{PODS}/{victim}")[0] == 200

    settled(lab, deleted)
    settled(lab, lambda: victim not in names(pods(lab)) and len(serving(lab)) == 3)


def kill(lab: LabCluster, machine: str, component: str) -> None:
    """-9, and wait until its successor runs."""
    found = {row.name: row for row in processes(lab.cluster.machine(machine))}
    os.kill(found[component].pid, signal.SIGKILL)

    def succeeded() -> bool:
        now = {row.name: row for row in processes(lab.cluster.machine(machine))}
        return now[component].pid not in (0, found[component].pid)

    settled(lab, succeeded)


def test_a_stopped_machine_is_not_ready_and_rejoins(lab: LabCluster):
    """Its pods move once their toleration ends, which this deployment shortens."""
    tolerations = [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}
        for key in ("not-ready", "unreachable")
    ]
    change(lab, WEB, {"spec": {"template": {"spec": {"tolerations": tolerations}}}})
    settled(lab, lambda: [pod for pod in pods(lab) if _hasty(pod)] == pods(lab) == serving(lab))
    lab.mini("stop", "worker-2")
    settled(lab, lambda: ready_nodes(lab) == 2, 90)
    settled(lab, lambda: sum(pod["spec"]["nodeName"] == "worker-1" for pod in serving(lab)) == 3)
    assert "worker-2" in lab.mini("status")
    lab.mini("start", "worker-2")
    settled(lab, lambda: ready_nodes(lab) == 3)
    settled(lab, lambda: len(pods(lab)) == 3)


def _hasty(pod: Object) -> bool:
    return any(row.get("tolerationSeconds") == 1 for row in pod["spec"]["tolerations"])


def test_down_and_up_bring_everything_back(lab: LabCluster):
    before = names(serving(lab))
    lab.mini("down")
    assert "down" in lab.mini("status")
    assert "answers: Hello from web-" in lab.mini("up")
    settled(lab, lambda: names(serving(lab)) == before)


def test_a_hard_power_cut_loses_nothing(lab: LabCluster):
    before = names(serving(lab))
    for pid in (running_lab(lab.cluster), *map(running_init, lab.cluster.machines)):
        os.kill(pid, signal.SIGKILL)
    assert "answers: Hello from web-" in lab.mini("up")
    settled(lab, lambda: names(serving(lab)) == before)


def test_delete_leaves_nothing_of_a_whole_cluster(tmp_path_factory: pytest.TempPathFactory):
    before = traces.look()
    with cluster(tmp_path_factory.mktemp("brief"), "--workers", "1") as brief:
        stored, known = brief.cluster, traces.processes(brief.cluster)
        brief.mini("delete")
    assert len(known) > 20
    assert not (traces.look() - before).of(stored)
    assert not traces.alive(known)
    assert not brief.home.exists()
