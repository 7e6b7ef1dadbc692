"""Probes, lifecycle hooks, sidecars and the order of stopping, on a real containerd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelet.runtime.cri.runtime import CriRuntime
from tests.support.containerd import Containerd
from tests.support.grpc_health import HealthServer
from tests.support.kubelet import STAYS, Bench, PatchingApi, kubelet_on, pod, shell

SOON = {"periodSeconds": 1, "failureThreshold": 1}
HTTPD = "mkdir -p /tmp/w; echo ok > /tmp/w/up; httpd -p 8080 -h /tmp/w"


def http(path: str, **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": 8080, "scheme": "HTTP"}, **SOON, **more}


async def test_a_probe_per_network_protocol(near: None, bench: Bench) -> None:
    """One pod asks for all: what answers is ready, what does not is told in Kubernetes' words."""
    ports = [{"name": "web", "containerPort": 8080, "protocol": "TCP"}]
    await bench.create(pod("web", containers=[
        {**shell(f"{HTTPD}; {STAYS}", ports=ports, readinessProbe=http("/up"),
                 startupProbe={"tcpSocket": {"port": "web"}, "periodSeconds": 1, "failureThreshold": 20})},
        {**shell(STAYS, readinessProbe=http("/none")), "name": "lost"},
        {**shell(STAYS, readinessProbe={"tcpSocket": {"port": 81}, **SOON}), "name": "closed"},
    ]))
    await bench.until(lambda: "podIP" in bench.status("web"))
    address = bench.status("web")["podIP"]
    await bench.until_event("web", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404")
    await bench.until_event(
        "web", "Unhealthy", f"Readiness probe failed: dial tcp {address}:81: connect: connection refused")
    await bench.until(lambda: [c["ready"] for c in bench.status("web")["containerStatuses"]] == [True, False, False])
    assert [c["started"] for c in bench.status("web")["containerStatuses"]] == [True, True, True]


async def test_grpc_health_decides_readiness(
    containerd: Containerd, runtime: CriRuntime, tmp_path: Path
) -> None:
    settings = {"cgroup_root": containerd.cgroup_root, "node_ip": "127.0.0.1"}
    async with HealthServer() as health, PatchingApi() as api, kubelet_on(api, runtime, tmp_path, **settings) as bench:
        health.statuses["db"] = 2
        probe = {"grpc": {"port": health.port, "service": "db"}, **SOON}
        await bench.create(pod("db", hostNetwork=True, containers=[shell(STAYS, readinessProbe=probe)]))
        await bench.until_event(
            "db", "Unhealthy", 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")')
        assert bench.container("db")["ready"] is False
        health.statuses["db"] = 1
        await bench.until_ready("db")
        await bench.delete_all()


async def test_a_failed_liveness_probe_kills_within_its_own_grace(bench: Bench) -> None:
    deaf = "trap '' TERM; while :; do sleep 0.1; done"
    probe = {"exec": {"command": ["false"]}, "terminationGracePeriodSeconds": 1, **SOON}
    await bench.create(pod("ill", terminationGracePeriodSeconds=600, containers=[shell(deaf, livenessProbe=probe)]))
    await bench.create(pod("once", terminationGracePeriodSeconds=600, restartPolicy="Never", containers=[
        shell(deaf, startupProbe=probe)]))
    await bench.until_event("ill", "Killing", "Container c failed liveness probe, will be restarted")
    await bench.until(lambda: bench.container("ill").get("restartCount") == 1, 60)
    await bench.until_event("once", "Killing", "Container c failed startup probe")
    await bench.until_phase("once", "Failed", 20)


async def test_hooks_that_fail(bench: Bench) -> None:
    hook = {"exec": {"command": ["/bin/sh", "-c", "echo secret; exit 7"]}}
    await bench.create(pod("begin", terminationGracePeriodSeconds=1, containers=[
        shell(STAYS, lifecycle={"postStart": hook})]))
    await bench.create(pod("finish", containers=[shell(STAYS, lifecycle={"preStop": hook})]))
    await bench.until_event("begin", "FailedPostStartHook", "PostStartHook failed")
    await bench.until(lambda: bench.container("begin")["state"].get("waiting", {}).get("reason")
                      in ("PostStartHookError", "CrashLoopBackOff"))
    await bench.until_event("begin", "Killing", "FailedPostStartHook")
    await bench.until_ready("finish")
    await bench.delete("finish")
    await bench.until_event("finish", "FailedPreStopHook", "PreStopHook failed")
    assert not [message for name in ("begin", "finish") for _, message in bench.events(name) if "secret" in message]


async def test_hooks_over_http_and_time(near: None, bench: Bench, tmp_path: Path) -> None:
    """The pod's own web server is told before it is stopped; a hook that sleeps holds the signal back."""
    (tmp_path / "d").mkdir()
    bye = {"httpGet": {"path": "/cgi-bin/bye", "port": 8080, "scheme": "HTTP"}}
    script = """mkdir -p /tmp/w/cgi-bin
        printf '#!/bin/sh\\necho told >> /d/web; echo; echo' > /tmp/w/cgi-bin/bye; chmod +x /tmp/w/cgi-bin/bye
        httpd -p 8080 -h /tmp/w"""
    mount = {"volumeMounts": [{"name": "d", "mountPath": "/d"}]}
    late = "trap 'echo term >> /d/late; exit 0' TERM; while :; do sleep 0.1; done"
    await bench.create(pod("web", volumes=[{"name": "d", "hostPath": {"path": str(tmp_path / "d")}}], containers=[
        shell(f"{script}; {STAYS}", lifecycle={"preStop": bye}, readinessProbe=http("/cgi-bin"), **mount),
        {**shell(late, lifecycle={"preStop": {"sleep": {"seconds": 1}}}, **mount), "name": "late"},
    ]))
    await bench.until(lambda: [c["state"].get("running") is not None for c in
                               bench.status("web").get("containerStatuses", ())] == [True, True])
    await bench.delete("web", grace=20)
    await bench.until(lambda: bench.pod("web") is None)
    assert (tmp_path / "d/late").read_text() == "term\n"
    assert (tmp_path / "d/web").read_text() == "told\n"


async def test_sidecars_start_first_and_stop_last(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()

    def told(name: str, **more: Any) -> dict[str, Any]:
        script = f"echo +{name} >> /d/log; trap 'sleep 0.3; echo -{name} >> /d/log; exit 0' TERM; touch /tmp/up; " \
                 "while :; do sleep 0.1; done"
        return {**shell(script, volumeMounts=[{"name": "d", "mountPath": "/d"}], **more), "name": name}

    up = {"exec": {"command": ["test", "-e", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 10}
    await bench.create(pod("mesh", volumes=[{"name": "d", "hostPath": {"path": str(tmp_path / "d")}}], initContainers=[
        told("one", restartPolicy="Always", startupProbe=up), told("two", restartPolicy="Always")],
        containers=[told("app")]))
    await bench.until_ready("mesh")
    assert (tmp_path / "d/log").read_text().split() == ["+one", "+two", "+app"]
    assert [s["ready"] for s in bench.status("mesh")["initContainerStatuses"]] == [True, True]
    await bench.delete("mesh", grace=20)
    await bench.until(lambda: bench.pod("mesh") is None)
    assert (tmp_path / "d/log").read_text().split()[3:] == ["-app", "-two", "-one"]


async def test_a_job_with_a_sidecar_ends_when_its_app_does(bench: Bench) -> None:
    side = {**shell(STAYS, restartPolicy="Always"), "name": "side"}
    await bench.create(pod("job", restartPolicy="Never", initContainers=[side], containers=[shell("exit 0")]))
    await bench.until_phase("job", "Succeeded")
    await bench.until_event("job", "Killing", "Stopping container side")
