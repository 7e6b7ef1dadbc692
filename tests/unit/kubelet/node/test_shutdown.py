"""A node that goes down ends its pods in order, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelet.node.shutdown import phases
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import Pod
from tests.support.kubelet import NODES, PatchingApi, kubelet_on, pod


def a_pod(name: str, priority: int) -> Pod:
    return Pod.from_dict({"metadata": {"name": name}, "spec": {"priority": priority}})


def test_what_the_node_needs_ends_last() -> None:
    pods = [a_pod("system", 2_000_000_000), a_pod("web", 0)]
    found = [([pod.metadata.name for pod in each], seconds) for each, seconds in phases(pods, 30, 10)]
    assert found == [(["web"], 20), (["system"], 10)]


async def test_pods_end_and_the_node_lets_nobody_in(tmp_path: Path) -> None:
    async with PatchingApi() as api, kubelet_on(
        api, HollowRuntime(), tmp_path, shutdown_grace_period=20.0, shutdown_grace_period_critical_pods=10.0
    ) as bench:
        for name in ("web", "system"):
            await bench.create(pod(name, priority=2_000_000_000 if name == "system" else 0))
            await bench.until_ready(name)
        await bench.kubelet.shut_down()
        for name in ("web", "system"):
            status = bench.status(name)
            assert (status["phase"], status["reason"]) == ("Failed", "Terminated")
            assert status["message"] == "Pod was terminated in response to imminent node shutdown."
            assert any(c["type"] == "DisruptionTarget" for c in status["conditions"])
            assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 143

        def ready() -> dict[str, Any]:
            conditions = api.objects[(NODES, "", "n1")]["status"]["conditions"]
            return next(c for c in conditions if c["type"] == "Ready")

        await bench.until(lambda: ready()["status"] == "False")
        assert ready()["message"] == "node is shutting down"
        await bench.create(pod("late"))
        await bench.until_phase("late", "Failed")
        assert bench.status("late")["reason"] == "NodeShutdown"


async def test_without_the_flag_pods_run_on(tmp_path: Path) -> None:
    async with PatchingApi() as api, kubelet_on(api, HollowRuntime(), tmp_path) as bench:
        await bench.create(pod("web"))
        await bench.until_ready("web")
        await bench.kubelet.shut_down()
        assert bench.status("web")["phase"] == "Running" and "stop_container" not in bench.runtime.calls
