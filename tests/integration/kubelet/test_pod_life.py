"""Pods on a real containerd: running, ending, crashing, restarting, being deleted."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from kubelet.runtime.cri.runtime import CriRuntime
from kubelet.runtime.interface import CONTAINER_NAME, POD_NAME, POD_NAMESPACE, POD_UID, ContainerSpec, SandboxSpec
from tests.support.containerd import Containerd
from tests.support.images import BOX
from tests.support.kubelet import STAYS, Bench, PatchingApi, kubelet_on, pod, ready, shell


def condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(c for c in status["conditions"] if c["type"] == kind)


async def test_a_pod_runs_and_says_so(bench: Bench) -> None:
    await bench.create(pod("web", containers=[shell(f"echo hello; {STAYS}")]))
    await bench.until_ready("web")
    status = bench.status("web")
    assert status["phase"] == "Running"
    assert [c["type"] for c in status["conditions"]] == [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
    assert all(c["status"] == "True" for c in status["conditions"])
    assert status["podIP"].startswith("10.244.77.") and status["podIPs"] == [{"ip": status["podIP"]}]
    assert status["hostIP"] == "10.0.0.1" and status["qosClass"] == "BestEffort" and status["startTime"]
    container = bench.container("web")
    assert container["containerID"].startswith("containerd://") and len(container["containerID"]) == 13 + 64
    assert container["image"] == "mini.test/busybox:1" and container["restartCount"] == 0
    assert container["state"]["running"]["startedAt"] and container["started"] is True
    await bench.until(lambda: len(bench.events("web")) == 3)
    assert bench.events("web") == [
        ("Pulled", 'Container image "mini.test/busybox:1" already present on machine'),
        ("Created", "Created container: c"),
        ("Started", "Started container c"),
    ]
    assert bench.log("web") == "hello\n"


async def test_a_killed_container_is_restarted_and_counted(bench: Bench, containerd: Containerd) -> None:
    await bench.create(pod("web", containers=[shell(STAYS)]))
    await bench.until_ready("web")
    first = bench.container("web")["containerID"]
    containerd.ctr("tasks", "kill", "-s", "SIGKILL", first.removeprefix("containerd://"))
    await bench.until(lambda: bench.container("web").get("restartCount") == 1 and ready(bench.status("web")))
    last = bench.container("web")["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"], last["containerID"]) == (137, "Error", first)


async def test_a_crashing_container_backs_off(bench: Bench) -> None:
    created = await bench.create(pod("bad", containers=[shell("exit 3")]))
    await bench.until(lambda: "waiting" in bench.container("bad").get("state", {})
                      and bench.container("bad")["state"]["waiting"]["reason"] == "CrashLoopBackOff")
    identity = f"bad_default({created['metadata']['uid']})"
    waiting = bench.container("bad")["state"]["waiting"]
    assert waiting["message"] == f"back-off 10s restarting failed container=c pod={identity}"
    assert bench.container("bad")["restartCount"] == 1 and bench.status("bad")["phase"] == "Running"
    await bench.until(lambda: "BackOff" in dict(bench.events("bad")))
    assert dict(bench.events("bad"))["BackOff"] == f"Back-off restarting failed container c in pod {identity}"
    assert condition(bench.status("bad"), "Ready")["message"] == "containers with unready status: [c]"


async def test_a_container_that_cannot_start_is_not_tried_without_pause(bench: Bench) -> None:
    await bench.create(pod("bad", containers=[{**shell(""), "command": ["/nowhere"]}]))
    await bench.until(lambda: bench.container("bad").get("state", {}).get("waiting", {})
                      .get("reason") == "CrashLoopBackOff")
    row = bench.container("bad")
    assert row["restartCount"] == 1
    assert row["state"]["waiting"]["message"].startswith("back-off 10s restarting failed container=c pod=bad_default")
    ended = row["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (128, "StartError")


async def test_what_was_made_and_never_started_is_no_restart(bench: Bench, runtime: CriRuntime) -> None:
    """As a kubelet leaves it that is killed in between."""
    await bench.create(pod("web", containers=[shell(STAYS)]))
    await bench.until_ready("web")
    uid = (bench.pod("web") or {})["metadata"]["uid"]
    found = (await runtime.pods(uid))[uid]
    spec = ContainerSpec("c", BOX, attempt=1, command=("/bin/sleep", "100"), labels={
        POD_NAME: "web", POD_NAMESPACE: "default", POD_UID: uid, CONTAINER_NAME: "c"})
    sandbox = SandboxSpec("web", "default", uid, log_directory="/tmp")
    unborn = await runtime.create_container(found.sandboxes[0].id, spec, sandbox)
    await runtime.stop_container(found.containers[0].id, 0)
    await bench.until(lambda: "running" in bench.container("web")["state"] and bench.container("web")["restartCount"])
    assert bench.container("web")["restartCount"] == 1
    assert unborn not in bench.container("web")["containerID"]


async def test_how_a_pod_ends(bench: Bench) -> None:
    await bench.create(pod("good", restartPolicy="Never", containers=[shell("exit 0")]))
    await bench.create(pod("bad", restartPolicy="Never", containers=[shell("exit 4")]))
    await bench.create(pod("stubborn", restartPolicy="OnFailure", containers=[
        shell('test -e /d/1 && exit 0; touch /d/1; exit 1',
              volumeMounts=[{"name": "d", "mountPath": "/d"}])], volumes=[{"name": "d", "emptyDir": {}}]))
    await bench.until_phase("good", "Succeeded")
    await bench.until_phase("bad", "Failed")
    await bench.until_phase("stubborn", "Succeeded")
    assert bench.container("good")["state"]["terminated"]["reason"] == "Completed"
    assert bench.container("bad")["state"]["terminated"]["exitCode"] == 4
    assert bench.container("stubborn")["restartCount"] == 1
    await bench.until(lambda: condition(bench.status("good"), "Ready").get("reason") == "PodCompleted")


async def test_init_containers_run_in_order_before_the_others(bench: Bench) -> None:
    mount = {"volumeMounts": [{"name": "d", "mountPath": "/d"}]}
    await bench.create(pod("web", volumes=[{"name": "d", "emptyDir": {}}], containers=[
        shell(f"cat /d/log; {STAYS}", **mount)], initContainers=[
            {**shell("sleep 0.2; echo one >> /d/log", **mount), "name": "first"},
            {**shell("echo two >> /d/log", **mount), "name": "second"}]))
    await bench.until(lambda: bench.container("web").get("state", {}).get("waiting", {})
                      .get("reason") == "PodInitializing")
    await bench.until_ready("web")
    assert bench.log("web") == "one\ntwo\n"
    ended = bench.status("web")["initContainerStatuses"]
    assert [(s["name"], s["ready"], s["state"]["terminated"]["reason"]) for s in ended] == [
        ("first", True, "Completed"), ("second", True, "Completed")]


async def test_a_failed_init_container_fails_a_pod_that_never_restarts(bench: Bench) -> None:
    await bench.create(pod("web", restartPolicy="Never", containers=[shell(STAYS)],
                           initContainers=[{**shell("exit 1"), "name": "init"}]))
    await bench.until_phase("web", "Failed")
    assert condition(bench.status("web"), "Initialized")["message"] == "containers with incomplete status: [init]"


async def test_a_pod_that_listens_is_gone_at_once(bench: Bench, runtime: CriRuntime, containerd: Containerd) -> None:
    created = await bench.create(pod("web", containers=[shell(STAYS)], terminationGracePeriodSeconds=30))
    await bench.until_ready("web")
    began = time.monotonic()
    await bench.delete("web", grace=30)
    await bench.until(lambda: bench.pod("web") is None)
    assert time.monotonic() - began < 20
    uid = created["metadata"]["uid"]
    folders = [Path(bench.kubelet.base.config.root_dir) / "pods" / uid,
               Path("/sys/fs/cgroup/memory") / containerd.cgroup_root.lstrip("/") / "kubepods/besteffort" / f"pod{uid}"]
    await bench.until(lambda: not any(folder.exists() for folder in folders))
    await bench.until(lambda: uid not in bench.kubelet.workers._workers)
    assert await runtime.pods() == {}
    assert ("Killing", "Stopping container c") in bench.events("web")


async def test_a_pod_that_does_not_listen_gets_its_grace_and_no_more(bench: Bench) -> None:
    await bench.create(pod("deaf", terminationGracePeriodSeconds=60,
                           containers=[shell("trap '' TERM; while :; do sleep 0.1; done")]))
    await bench.until_ready("deaf")
    began = time.monotonic()
    await bench.delete("deaf", grace=1)
    await bench.until(lambda: bench.pod("deaf") is None)
    assert 1.0 <= time.monotonic() - began < 30


async def test_a_shorter_grace_interrupts_a_longer_one(bench: Bench) -> None:
    await bench.create(pod("deaf", containers=[shell("trap '' TERM; while :; do sleep 0.1; done")]))
    await bench.until_ready("deaf")
    await bench.delete("deaf", grace=60)
    await bench.until(lambda: ("Killing", "Stopping container c") in bench.events("deaf"))
    await bench.delete("deaf", grace=0)
    await bench.until(lambda: bench.pod("deaf") is None, 30)


async def test_pre_stop_comes_before_the_signal(bench: Bench, tmp_path: Path) -> None:
    hook = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "echo bye > /d/bye"]}}}
    await bench.create(pod("web", containers=[shell(
        STAYS, lifecycle=hook, volumeMounts=[{"name": "d", "mountPath": "/d"}])],
        volumes=[{"name": "d", "hostPath": {"path": str(tmp_path)}}]))
    await bench.until_ready("web")
    await bench.delete("web", grace=10)
    await bench.until(lambda: bench.pod("web") is None)
    assert (tmp_path / "bye").read_text() == "bye\n"


async def test_a_new_kubelet_leaves_running_containers_alone(
    runtime: CriRuntime, containerd: Containerd, tmp_path: Path
) -> None:
    settings = {"cgroup_root": containerd.cgroup_root}
    async with PatchingApi() as api:
        async with kubelet_on(api, runtime, tmp_path, **settings) as bench:
            await bench.create(pod("web", containers=[shell(STAYS)]))
            await bench.create(pod("orphan", containers=[shell(STAYS)]))
            await bench.until_ready("web")
            await bench.until_ready("orphan")
            before = bench.status("web")
        api.delete("/api/v1/pods", "default", "orphan")
        containerd.ctr("run", "-d", "mini.test/busybox:1", "foreign", "/bin/sleep", "1000")
        async with kubelet_on(api, runtime, tmp_path, **settings) as bench:
            await bench.until(lambda: len(bench.kubelet.workers._workers) == 2)
            await bench.until(lambda: len(bench.kubelet.workers._workers) == 1)
            assert bench.status("web") == before
            assert [p.name for p in (await runtime.pods()).values()] == ["web"]
            assert "foreign" in containerd.ctr("tasks", "ls", "-q").stdout
            containerd.ctr("tasks", "rm", "-f", "foreign")
            containerd.ctr("containers", "rm", "foreign")
            await bench.delete_all()


async def test_containers_survive_a_killed_containerd(bench: Bench, containerd: Containerd) -> None:
    await bench.create(pod("web", containers=[shell(STAYS)]))
    await bench.until_ready("web")
    before = bench.container("web")
    containerd.kill()
    containerd.start()
    await bench.create(pod("next", containers=[shell(STAYS)]))
    await bench.until_ready("next", 20)
    assert bench.container("web") == before


async def test_an_image_that_cannot_be_had(bench: Bench) -> None:
    image = "registry.invalid/nothing:1"
    await bench.create(pod("pull", containers=[shell("true", image=image)]))
    await bench.create(pod("never", containers=[shell("true", image=image, imagePullPolicy="Never")]))
    await bench.create(pod("wrong", containers=[shell("true", image="UPPER CASE")]))

    def reason(name: str) -> str:
        return bench.container(name).get("state", {}).get("waiting", {}).get("reason", "")

    await bench.until(lambda: reason("pull") == "ImagePullBackOff", 60)
    await bench.until(lambda: reason("never") == "ErrImageNeverPull")
    await bench.until(lambda: reason("wrong") == "InvalidImageName")
    said = [message for _, message in bench.events("pull")]
    assert f'Pulling image "{image}"' in said and "Error: ErrImagePull" in said
    assert f'Back-off pulling image "{image}"' in said
    message = bench.container("never")["state"]["waiting"]["message"]
    assert message == f'Container image "{image}" is not present with pull policy of Never'
    assert bench.status("pull")["phase"] == "Pending"


async def test_many_pods_at_once(bench: Bench) -> None:
    await asyncio.gather(*(bench.create(pod(f"p{n}", containers=[shell(STAYS)])) for n in range(6)))
    for number in range(6):
        await bench.until_ready(f"p{number}", 30)


async def test_a_dead_sandbox_is_replaced_with_all_that_was_in_it(bench: Bench, containerd: Containerd) -> None:
    await bench.create(pod("web", containers=[shell(STAYS)]))
    await bench.until_ready("web")
    (status,) = (await bench.runtime.pods()).values()
    containerd.ctr("tasks", "kill", "-s", "SIGKILL", status.sandboxes[0].id)
    await bench.until(lambda: bench.container("web").get("restartCount") == 1 and ready(bench.status("web")), 60)
    (status,) = (await bench.runtime.pods()).values()
    assert status.sandbox is not None and status.sandbox.attempt == 1
    assert containerd.addresses() == {bench.status("web")["podIP"]}


async def test_pods_return_after_a_power_cut(bench: Bench, containerd: Containerd) -> None:
    await bench.create(pod("web", containers=[shell(STAYS)]))
    await bench.until_ready("web")
    containerd.cut_power()
    containerd.start()
    await bench.until(lambda: bench.container("web").get("restartCount") == 1 and ready(bench.status("web")), 60)
    assert containerd.addresses() == {bench.status("web")["podIP"]}


async def test_a_kubelet_that_dies_at_any_moment_leaves_no_double_and_no_rest(
    runtime: CriRuntime, containerd: Containerd, tmp_path: Path
) -> None:
    settings = {"cgroup_root": containerd.cgroup_root}
    names = [f"p{number}" for number in range(6)]
    async with PatchingApi() as api:
        for number, name in enumerate(names):
            async with kubelet_on(api, runtime, tmp_path, **settings) as bench:
                await bench.create(pod(name, containers=[shell(STAYS)]))
                await bench.until(lambda: bench.kubelet.workers._workers)
                await asyncio.sleep(0.05 * number)
        async with kubelet_on(api, runtime, tmp_path, **settings) as bench:
            for name in names:
                await bench.until_ready(name, 30)
            for status in (await runtime.pods()).values():
                assert len([s for s in status.sandboxes if s.ready]) == 1, status.name
                assert len([c for c in status.containers if c.running]) == 1, status.name
            await bench.delete_all()
            await bench.until(lambda: not bench.kubelet.workers._workers, 60)
            assert await runtime.pods() == {} and containerd.addresses() == set()
            assert not list((Path(bench.kubelet.base.config.root_dir) / "pods").iterdir())
            assert not list(Path(bench.kubelet.base.config.pod_log_dir).iterdir())
