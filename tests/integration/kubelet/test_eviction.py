"""A real node that runs short: of memory, of disk, and by single pods that take too much.

The thresholds are set so that this very machine is beyond them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelet.runtime.cri.runtime import CriRuntime
from tests.support import images
from tests.support.containerd import Containerd
from tests.support.kubelet import NODES, STAYS, Bench, PatchingApi, kubelet_on, pod, shell

PATIENCE = 60.0
SOON = {"eviction_monitoring_period": 0.3}
HOLDS = f"dd if=/dev/zero of=/dev/shm/x bs=1048576 count=30; {STAYS}"


def condition(bench: Bench, kind: str) -> dict[str, Any]:
    found = bench.api.objects[(NODES, "", "n1")]["status"]["conditions"]
    return next(c for c in found if c["type"] == kind)


def requests(**amounts: str) -> dict[str, Any]:
    return {"resources": {"requests": amounts}}


async def test_memory(containerd: Containerd, runtime: CriRuntime, tmp_path: Path) -> None:
    async with PatchingApi() as api:
        async with kubelet_on(api, runtime, tmp_path, cgroup_root=containerd.cgroup_root) as bench:
            await bench.create(pod("greedy", containers=[shell(HOLDS, **requests(memory="1Mi"))]))
            await bench.create(pod("modest", containers=[shell(STAYS, **requests(memory="500Mi"))]))
            await bench.create(pod("critical", containers=[shell(HOLDS)], priority=2_000_000_000))
            for name in ("greedy", "modest", "critical"):
                await bench.until_ready(name, PATIENCE)
        short = {"eviction_hard": ("memory.available<1000Ti",), "cgroup_root": containerd.cgroup_root, **SOON}
        async with kubelet_on(api, runtime, tmp_path, **short) as bench:
            await bench.until_phase("greedy", "Failed", PATIENCE)
            evicted = bench.status("greedy")
            assert evicted["reason"] == "Evicted"
            assert evicted["message"].startswith("The node was low on resource: memory. Threshold quantity: 1000Ti, ")
            assert "Container c was using " in evicted["message"]
            target = next(c for c in evicted["conditions"] if c["type"] == "DisruptionTarget")
            assert (target["status"], target["reason"]) == ("True", "TerminationByKubelet")
            assert ("Evicted", evicted["message"]) in bench.events("greedy")
            await bench.until(lambda: condition(bench, "MemoryPressure")["status"] == "True", PATIENCE)
            assert condition(bench, "MemoryPressure")["message"] == "kubelet has insufficient memory available"
            await bench.create(pod("nobody", containers=[shell(STAYS)]))
            await bench.until_phase("nobody", "Failed", PATIENCE)
            assert bench.status("nobody")["message"] == \
                "Pod was rejected: The node had condition: [MemoryPressure]. "  # fmt: skip
            await bench.until_phase("modest", "Failed", PATIENCE)
            told = ("EvictionThresholdMet", "Attempting to reclaim memory")
            await bench.until(lambda: told in bench.events("n1"), PATIENCE)
            assert bench.status("critical")["phase"] == "Running", "what the node needs stays"
        well = {"cgroup_root": containerd.cgroup_root, "node_status_update_frequency": 0.1}
        async with kubelet_on(api, runtime, tmp_path, **well) as bench:
            await bench.until(lambda: condition(bench, "MemoryPressure")["status"] == "False", PATIENCE)
            assert bench.status("greedy")["reason"] == "Evicted", "a restart does not forget"
            await bench.delete_all()


async def test_images_go_before_pods(containerd: Containerd, runtime: CriRuntime, tmp_path: Path) -> None:
    archive = images.build(tmp_path / "spare.tar", "mini.test/spare:1", ["/bin/sh", "-c", "true"])
    assert containerd.ctr("images", "import", str(archive)).returncode == 0
    settings = {"eviction_hard": ("nodefs.available<1000Ti",), "minimum_image_ttl_duration": 0.0,
                "cgroup_root": containerd.cgroup_root}  # fmt: skip
    async with PatchingApi() as api:
        async with kubelet_on(api, runtime, tmp_path, cgroup_root=containerd.cgroup_root) as bench:
            await bench.create(pod("keeps", containers=[shell(STAYS)], priority=2_000_000_000))
            await bench.until_ready("keeps", PATIENCE)
        async with kubelet_on(api, runtime, tmp_path, **settings, **SOON) as bench:
            await bench.until(lambda: condition(bench, "DiskPressure")["status"] == "True", PATIENCE)
            await bench.until(lambda: "spare" not in containerd.ctr("images", "ls", "-q").stdout, PATIENCE)
            left = containerd.ctr("images", "ls", "-q").stdout
            assert images.BOX in left and images.PAUSE in left
            assert bench.status("keeps")["phase"] == "Running"
        async with kubelet_on(api, runtime, tmp_path, cgroup_root=containerd.cgroup_root) as bench:
            await bench.delete_all()


async def test_a_volume_beyond_its_limit(containerd: Containerd, runtime: CriRuntime, tmp_path: Path) -> None:
    writes = f"dd if=/dev/zero of=/data/x bs=1048576 count=3; {STAYS}"
    mount = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    storage = {"resources": {"limits": {"ephemeral-storage": "1Mi"}}}
    async with PatchingApi() as api, kubelet_on(
        api, runtime, tmp_path, cgroup_root=containerd.cgroup_root, **SOON
    ) as bench:
        volume = {"name": "data", "emptyDir": {"sizeLimit": "1Mi"}}
        await bench.create(pod("full", containers=[shell(writes, **mount)], volumes=[volume]))
        await bench.create(pod("whole", containers=[shell(writes, **mount, **storage)],
                               volumes=[{"name": "data", "emptyDir": {}}]))  # fmt: skip
        await bench.until_phase("full", "Failed", PATIENCE)
        assert bench.status("full")["message"] == 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". '
        await bench.until_phase("whole", "Failed", PATIENCE)
        assert bench.status("whole")["message"] == \
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. "  # fmt: skip
        assert bench.status("whole")["reason"] == "Evicted"
        await bench.delete_all()
