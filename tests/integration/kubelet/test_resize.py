"""Other amounts for a pod that runs: at once, by a restart, later, or never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.containerd import Containerd
from tests.support.kubelet import PODS, STAYS, Bench, pod, shell


def amounts(cpu: str, memory: str) -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu, "memory": memory}}


async def resized(bench: Bench, name: str, cpu: str, memory: str) -> None:
    """As the API server does it: other amounts in the spec, and a mark in the status."""
    old = bench.pod(name)
    assert old is not None
    container = {**old["spec"]["containers"][0], "resources": amounts(cpu, memory)}
    spec = {**old["spec"], "containers": [container, *old["spec"]["containers"][1:]]}
    bench.api.put(PODS, {**old, "spec": spec, "status": {**old["status"], "resize": "Proposed"}})


def quota(containerd: Containerd, uid: str, identity: str) -> str:
    below = f"{containerd.cgroup_root.lstrip('/')}/kubepods/pod{uid}/{identity.removeprefix('containerd://')}"
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        return (root / below / "cpu.max").read_text().split()[0]
    return (root / "cpu" / below / "cpu.cfs_quota_us").read_text().strip()


async def test_at_once_and_by_a_restart(bench: Bench, containerd: Containerd) -> None:
    policy = [{"resourceName": "cpu", "restartPolicy": "NotRequired"},
              {"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    made = await bench.create(pod("grows", containers=[
        shell(STAYS, resources=amounts("100m", "16Mi"), resizePolicy=policy)]))
    await bench.until_ready("grows", 20)
    first = bench.container("grows")
    assert first["resources"] == amounts("100m", "16Mi")
    assert first["allocatedResources"] == {"cpu": "100m", "memory": "16Mi"}
    await resized(bench, "grows", "200m", "16Mi")
    await bench.until(lambda: bench.container("grows")["resources"] == amounts("200m", "16Mi"), 60)
    await bench.until(lambda: "resize" not in bench.status("grows"))
    assert bench.container("grows")["containerID"] == first["containerID"]
    assert quota(containerd, made["metadata"]["uid"], first["containerID"]) == "20000"
    await resized(bench, "grows", "200m", "24Mi")
    await bench.until_event("grows", "Killing", "Container c resize requires restart")
    await bench.until(lambda: bench.container("grows")["restartCount"] == 1, 60)
    await bench.until(lambda: "resize" not in bench.status("grows"), 60)
    assert bench.container("grows")["resources"] == amounts("200m", "24Mi")


async def test_later_or_never(bench: Bench) -> None:
    cpus = int(bench.kubelet.tools.allocatable()["cpu"])
    most = f"{cpus * 1000 - 300}m"
    await bench.create(pod("big", containers=[shell(STAYS, resources=amounts(most, "16Mi"))]))
    await bench.create(pod("small", containers=[shell(STAYS, resources=amounts("100m", "16Mi"))]))
    for name in ("big", "small"):
        await bench.until_ready(name, 20)
    await resized(bench, "small", f"{cpus + 1}", "16Mi")
    await bench.until(lambda: bench.status("small").get("resize") == "Infeasible")
    await resized(bench, "small", "500m", "16Mi")
    await bench.until(lambda: bench.status("small").get("resize") == "Deferred")
    assert bench.container("small")["resources"] == amounts("100m", "16Mi")
    await bench.delete("big")
    await bench.until(lambda: bench.pod("big") is None)
    await bench.until(lambda: bench.container("small")["resources"] == amounts("500m", "16Mi"), 60)
    await bench.until(lambda: "resize" not in bench.status("small"))
