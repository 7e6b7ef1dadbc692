"""The whole kubelet on a hollow runtime and a small API: node, pods, news, restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kubelet.runtime.hollow import HollowRuntime
from tests.support.kubelet import NODES, PODS, Bench, PatchingApi, kubelet_on, pod, ready


@pytest.fixture
async def api() -> AsyncIterator[PatchingApi]:
    async with PatchingApi() as api:
        yield api


@pytest.fixture
async def bench(api: PatchingApi, tmp_path: Path) -> AsyncIterator[Bench]:
    async with kubelet_on(api, HollowRuntime(), tmp_path) as bench:
        await bench.until(lambda: node_ready(bench).get("status") == "True")
        yield bench


def node_ready(bench: Bench) -> dict[str, Any]:
    node = bench.api.objects.get((NODES, "", "n1"), {})
    return next((c for c in node.get("status", {}).get("conditions", ()) if c["type"] == "Ready"), {})


async def test_the_node_follows_its_runtime(api: PatchingApi, tmp_path: Path) -> None:
    runtime = HollowRuntime()
    runtime.network_ready = False
    async with kubelet_on(api, runtime, tmp_path, node_status_update_frequency=0.02) as bench:
        await bench.until(lambda: node_ready(bench).get("status") == "False")
        assert node_ready(bench)["message"] == (
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
            "message:Network plugin returns error: cni plugin not initialized")
        runtime.network_ready = True
        await bench.until(lambda: node_ready(bench)["status"] == "True")
        runtime.ready = False
        await bench.until(lambda: node_ready(bench)["status"] == "False")
        assert [reason for reason, _ in bench.events("n1")][:2] == ["Starting", "NodeReady"]


async def test_a_node_that_was_here_before_keeps_what_others_wrote(api: PatchingApi, tmp_path: Path) -> None:
    meta = {"name": "n1", "namespace": "", "labels": {"mine": "1"}}
    api.put(NODES, {"metadata": meta, "spec": {"podCIDR": "10.1.0.0/24"}})
    async with kubelet_on(api, HollowRuntime(), tmp_path) as bench:
        await bench.until(lambda: node_ready(bench).get("status") == "True")
        node = api.objects[(NODES, "", "n1")]
        assert node["spec"] == {"podCIDR": "10.1.0.0/24"}
        assert node["metadata"]["labels"]["mine"] == "1" and node["metadata"]["labels"]["kubernetes.io/os"] == "linux"


async def test_a_quiet_node_says_nothing(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    await bench.until(lambda: len(bench.events("web")) == 4)
    writes = [r for r in bench.api.requests if r.method != "GET"]
    bench.kubelet.workers.poke(next(iter(bench.kubelet.workers._workers)), "test")
    await bench.until(lambda: bench.kubelet.workers._workers and True)
    assert [r for r in bench.api.requests if r.method != "GET"] == writes
    assert len([r for r in writes if r.path.endswith("/web/status")]) == 2


async def test_every_write_says_who_and_why(bench: Bench) -> None:
    created = await bench.create(pod("web"))
    await bench.until_ready("web")
    patches = [r for r in bench.api.requests if r.path.endswith("/web/status")]
    assert {r.headers["Mini-Actor"] for r in patches} == {"kubelet"}
    assert {r.headers["Mini-Key"] for r in patches} == {"default/web"}
    assert patches[0].headers["Mini-Woken-By"] == f"Pod/default/web@{created['metadata']['resourceVersion']}"


async def test_a_pod_is_deleted_only_when_nothing_is_left_of_it(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    bench.runtime.calls.clear()
    await bench.delete("web")
    await bench.until(lambda: bench.pod("web") is None)
    assert bench.runtime.calls[:2] == ["stop_container", "stop_sandbox"]
    (request,) = [r for r in bench.api.requests if r.method == "DELETE"]
    assert request.body["gracePeriodSeconds"] == 0 and request.body["preconditions"]["uid"]
    await bench.until(lambda: not bench.kubelet.workers._workers)
    assert await bench.runtime.pods() == {}


async def test_a_pod_that_vanishes_is_ended(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    bench.api.delete(PODS, "default", "web")
    await bench.until(lambda: not bench.kubelet.workers._workers)
    assert await bench.runtime.pods() == {}
    assert not [r for r in bench.api.requests if r.method == "DELETE"]


async def test_a_younger_pod_of_the_same_name_is_another_pod(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    bench.api.delete(PODS, "default", "web")
    young = await bench.create(pod("web"))
    await bench.until_ready("web")
    await bench.until(lambda: list(bench.kubelet.workers._workers) == [young["metadata"]["uid"]])
    assert list(await bench.runtime.pods()) == [young["metadata"]["uid"]]


async def test_a_sandbox_that_fails_is_tried_again(bench: Bench) -> None:
    bench.runtime.failures = ["run_sandbox: no network"]
    await bench.create(pod("web"))
    await bench.until_ready("web")
    assert ("FailedCreatePodSandBox", "Failed to create pod sandbox: run_sandbox: no network") in bench.events("web")


async def test_a_container_that_cannot_start_says_why(bench: Bench) -> None:
    bench.runtime.failures = ["create_container: no space"] * 3
    await bench.create(pod("web"))
    await bench.until(lambda: bench.container("web").get("state", {}).get("waiting", {})
                      .get("reason") == "CreateContainerError")
    assert bench.container("web")["state"]["waiting"]["message"] == "create_container: no space"
    await bench.until_ready("web")
    assert ("Failed", "Error: create_container: no space") in bench.events("web")


async def test_an_end_is_reported_and_followed_by_a_restart(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    identity = bench.container("web")["containerID"].removeprefix("hollow://")
    bench.runtime.end(identity, 137, "OOMKilled")
    await bench.until(lambda: bench.container("web")["restartCount"] == 1 and ready(bench.status("web")))
    assert bench.container("web")["lastState"]["terminated"]["reason"] == "OOMKilled"


async def test_a_deadline(bench: Bench) -> None:
    await bench.create(pod("web", activeDeadlineSeconds=1))
    await bench.until_phase("web", "Failed", 5)
    assert bench.status("web")["reason"] == "DeadlineExceeded"


async def test_an_ended_pod_is_not_run_again_by_a_new_kubelet(api: PatchingApi, tmp_path: Path) -> None:
    async with kubelet_on(api, HollowRuntime(), tmp_path) as bench:
        containers = [{"name": "c", "image": "a:1", "command": ["exit", "0"]}]
        await bench.create(pod("job", restartPolicy="Never", containers=containers))
        await bench.until_phase("job", "Succeeded")
        before = bench.status("job")
    runtime = HollowRuntime()
    async with kubelet_on(api, runtime, tmp_path) as bench:
        await bench.until(lambda: [w.stage.value for w in bench.kubelet.workers._workers.values()] == ["terminated"])
        assert "run_sandbox" not in runtime.calls and bench.status("job")["phase"] == "Succeeded"
        assert bench.status("job")["containerStatuses"][0]["state"] == before["containerStatuses"][0]["state"]


async def test_statuses_wait_for_an_api_server_that_is_away(bench: Bench) -> None:
    await bench.create(pod("web"))
    await bench.until_ready("web")
    bench.api.fail_next += [(503, "away")] * 3
    identity = bench.container("web")["containerID"].removeprefix("hollow://")
    bench.runtime.end(identity, 1)
    await bench.until(lambda: bench.container("web")["restartCount"] == 1 and ready(bench.status("web")))


async def test_a_node_that_was_called_unknown_speaks_up(api: PatchingApi, tmp_path: Path) -> None:
    async with kubelet_on(api, HollowRuntime(), tmp_path, node_status_update_frequency=0.02) as bench:
        await bench.until(lambda: node_ready(bench).get("status") == "True")
        node = api.objects[(NODES, "", "n1")]
        unknown = [{**condition, "status": "Unknown"} for condition in node["status"]["conditions"]]
        api.put(NODES, {**node, "status": {**node["status"], "conditions": unknown}})
        await bench.until(lambda: node_ready(bench)["status"] == "True")
        api.delete(NODES, "", "n1")
        await bench.until(lambda: node_ready(bench).get("status") == "True")


async def test_pods_start_as_soon_as_the_node_is_ready(api: PatchingApi, tmp_path: Path) -> None:
    runtime = HollowRuntime()
    runtime.network_ready = False
    runtime.failures = ["run_sandbox: cni plugin not initialized"] * 3
    async with kubelet_on(api, runtime, tmp_path) as bench:
        await bench.create(pod("web"))
        await bench.until(lambda: len(runtime.failures) == 1)
        runtime.failures.clear()
        runtime.network_ready = True
        await bench.until_ready("web", 1.5)


async def test_what_a_pod_left_behind_is_removed_though_nobody_remembers_it(api: PatchingApi, tmp_path: Path) -> None:
    folders = [tmp_path / "kubelet/pods/old/volumes/kubernetes.io~secret/s", tmp_path / "logs/default_web_old/c"]
    for folder in folders:
        folder.mkdir(parents=True)
    async with kubelet_on(api, HollowRuntime(), tmp_path) as bench:
        await bench.until(lambda: not any(folder.exists() for folder in folders))
        assert not list((tmp_path / "kubelet/pods").iterdir()) and not list((tmp_path / "logs").iterdir())
