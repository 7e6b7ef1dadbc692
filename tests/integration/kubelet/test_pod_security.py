"""What a container may do, and what it is refused; what its cgroups say; on a real containerd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kubelet.runtime.cri.runtime import CriRuntime
from tests.support.containerd import Containerd
from tests.support.kubelet import STAYS, Bench, PatchingApi, kubelet_on, pod, shell

CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"


async def lines(bench: Bench, name: str, container: str = "c") -> list[str]:
    await bench.until(lambda: bench.status(name).get("phase") in ("Succeeded", "Failed"), 60)
    assert bench.status(name)["phase"] == "Succeeded", (bench.log(name, container), bench.events(name))
    return bench.log(name, container).splitlines()


def can(words: str) -> dict[str, int | str]:
    """/proc/self/status as numbers, where they are hexadecimal."""
    return dict(line.split(":\t", 1) for line in words.splitlines() if ":\t" in line)


async def test_capabilities_seccomp_and_proc(bench: Bench) -> None:
    """One pod, a container for each combination."""
    folder = Path(bench.kubelet.base.config.root_dir) / "seccomp"
    folder.mkdir(parents=True)
    rule = {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}
    (folder / "no-mkdir.json").write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}))
    show = "cat /proc/self/status; mkdir /tmp/x && echo made"
    contexts: dict[str, dict[str, Any]] = {
        "plain": {},
        "strict": {"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                   "seccompProfile": {"type": "RuntimeDefault"}, "allowPrivilegeEscalation": False},
        "local": {"seccompProfile": {"type": "Localhost", "localhostProfile": "no-mkdir.json"}},
        "lord": {"privileged": True},
    }
    await bench.create(pod("may", restartPolicy="Never", containers=[
        {**shell(f"{show}; true", securityContext=context), "name": name} for name, context in contexts.items()]))
    await lines(bench, "may", "plain")
    found = {name: can(bench.log("may", name)) for name in contexts}
    assert [found[name]["Seccomp"] for name in contexts] == ["0", "2", "2", "0"]
    assert int(str(found["strict"]["CapEff"]), 16) == 1 << 10 and found["strict"]["NoNewPrivs"] == "1"
    assert int(str(found["plain"]["CapEff"]), 16) & 1 << 21 == 0
    assert int(str(found["lord"]["CapEff"]), 16) & 1 << 21
    assert [name for name in contexts if "made" in bench.log("may", name)] == ["plain", "strict", "lord"]


async def test_namespaces_of_pod_and_node(bench: Bench) -> None:
    """Told by how many processes a container sees."""
    count = "ls -d /proc/[0-9]* | wc -l"
    await bench.create(pod("own", containers=[shell(f"{count}; {STAYS}"), {**shell(STAYS), "name": "d"}]))
    await bench.create(pod("shared", shareProcessNamespace=True, containers=[
        shell(f"until [ $({count}) -gt 5 ]; do sleep 0.1; done; {count}; {STAYS}"), {**shell(STAYS), "name": "d"}]))
    await bench.create(pod("node", hostPID=True, hostIPC=True, containers=[shell(f"{count}; {STAYS}")]))
    for name in ("own", "shared", "node"):
        await bench.until(lambda name=name: bench.log(name).strip())
    own, shared, node = (int(bench.log(name).split()[-1]) for name in ("own", "shared", "node"))
    assert own < shared < node


async def test_sysctls(bench: Bench) -> None:
    def sets(name: str, value: str) -> dict[str, Any]:
        return {"sysctls": [{"name": name, "value": value}]}

    await bench.create(pod("safe", restartPolicy="Never", securityContext=sets("net/ipv4/tcp_fin_timeout", "7"),
                           containers=[shell("cat /proc/sys/net/ipv4/tcp_fin_timeout")]))
    await bench.create(pod("unsafe", securityContext=sets("kernel.msgmax", "65536"), containers=[shell(STAYS)]))
    said = 'forbidden sysctl: "kernel.msgmax" not allowlisted'
    await bench.until_event("unsafe", "SysctlForbidden", said)
    await bench.until_phase("unsafe", "Failed")
    status = bench.status("unsafe")
    assert (status["reason"], status["message"]) == ("SysctlForbidden", f"Pod was rejected: {said}")
    assert not status.get("containerStatuses")
    assert await lines(bench, "safe") == ["7"]


async def test_what_the_runtime_cannot_do(bench: Bench) -> None:
    bench.api.put(CLASSES, {"metadata": {"name": "ours"}, "handler": "runc"})
    await bench.create(pod("class", runtimeClassName="ours", restartPolicy="Never", containers=[shell("true")]))
    await bench.create(pod("none", runtimeClassName="other", containers=[shell(STAYS)]))
    await bench.create(pod("users", hostUsers=False, containers=[shell(STAYS)]))
    await bench.until_event(
        "none", "FailedCreatePodSandBox", 'Failed to create pod sandbox: RuntimeClass "other" not found')
    await bench.until_event(
        "users", "FailedCreatePodSandBox",
        "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces")
    await bench.until_phase("class", "Succeeded")


async def test_the_tree_of_cgroups(containerd: Containerd, runtime: CriRuntime, tmp_path: Path) -> None:
    root = Path("/sys/fs/cgroup")
    v2 = (root / "cgroup.controllers").exists()

    def file(controller: str, v1: str, path: str, v2_name: str) -> Path:
        below = f"{containerd.cgroup_root.lstrip('/')}/kubepods{path}"
        return root / below / v2_name if v2 else root / controller / below / v1

    settings = {"cgroup_root": containerd.cgroup_root, "pod_max_pids": 40}
    burst = {"requests": {"cpu": "500m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}}
    async with PatchingApi() as api, kubelet_on(api, runtime, tmp_path, **settings) as bench:
        made = await bench.create(pod("b", overhead={"memory": "4Mi"}, containers=[shell(STAYS, resources=burst)]))
        await bench.create(pod("c", containers=[shell(STAYS, resources=burst)]))
        await bench.create(pod("e", containers=[shell(STAYS)]))
        for name in ("b", "c", "e"):
            await bench.until_ready(name, 20)
        own = f"/burstable/pod{made['metadata']['uid']}"
        assert file("pids", "pids.max", own, "pids.max").read_text().strip() == "40"
        assert file("memory", "memory.limit_in_bytes", own, "memory.max").read_text().strip() == str(36 << 20)
        weights = [file("cpu", "cpu.shares", path, "cpu.weight").read_text().strip()
                   for path in ("/burstable", own, "/besteffort")]
        assert weights == (["39", "20", "1"] if v2 else ["1024", "512", "2"])
        await bench.delete_all()
        assert not [path for path in root.glob(f"**{containerd.cgroup_root}/kubepods/**/pod*") if path.is_dir()]
        assert file("cpu", "cpu.shares", "/burstable", "cpu.weight").read_text().strip() == ("1" if v2 else "2")
