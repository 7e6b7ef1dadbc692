"""What containers find inside: environment, volumes, limits, names; on a real containerd."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

from tests.support.containerd import Containerd
from tests.support.kubelet import PODS, SERVICES, STAYS, Bench, pod, shell

CONFIGS, SECRETS = "/api/v1/configmaps", "/api/v1/secrets"


def config(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default"}, "data": data}


def secret(name: str, **data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {"metadata": {"name": name, "namespace": "default"}, "data": encoded}


async def ended(bench: Bench, name: str) -> list[str]:
    """The lines that a pod printed, once it has succeeded."""
    await bench.until(lambda: bench.status(name).get("phase") in ("Succeeded", "Failed"), 60)
    assert bench.status(name)["phase"] == "Succeeded", bench.log(name)
    return bench.log(name).splitlines()


async def test_environment_of_every_kind(bench: Bench) -> None:
    bench.api.put(CONFIGS, config("settings", color="blue", size="7"))
    bench.api.put(SECRETS, secret("keys", password="s3cret"))
    ports = [{"port": 6379, "protocol": "TCP", "name": "main"}]
    bench.api.put(SERVICES, {"metadata": {"name": "redis-master", "namespace": "default"},
                             "spec": {"clusterIP": "10.0.0.11", "ports": ports}})
    await bench.until(lambda: bench.kubelet.services.lister.list())
    env = [
        {"name": "PLAIN", "value": "a"},
        {"name": "COMBINED", "value": "$(PLAIN)-$(REDIS_MASTER_SERVICE_HOST)-$$(PLAIN)-$(UNKNOWN)"},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
        {"name": "MAYBE", "valueFrom": {"secretKeyRef": {"name": "none", "key": "x", "optional": True}}},
    ]
    await bench.create(pod("env", restartPolicy="Never", containers=[shell(
        "env", env=env, envFrom=[{"prefix": "S_", "configMapRef": {"name": "settings"}}],
        resources={"limits": {"cpu": "1500m"}})]))
    found = dict(line.split("=", 1) for line in await ended(bench, "env"))
    assert found["COMBINED"] == "a-10.0.0.11-$(PLAIN)-$(UNKNOWN)"
    assert (found["NODE"], found["IP"], found["CPU"]) == ("n1", bench.status("env")["podIP"], "2")
    assert (found["COLOR"], found["PASSWORD"], found["S_size"]) == ("blue", "s3cret", "7")
    assert "MAYBE" not in found and found["HOSTNAME"] == "env"
    assert found["REDIS_MASTER_SERVICE_HOST"] == "10.0.0.11" and found["REDIS_MASTER_SERVICE_PORT_MAIN"] == "6379"
    assert found["REDIS_MASTER_PORT_6379_TCP"] == "tcp://10.0.0.11:6379"


async def test_a_missing_config_map_is_named_and_waited_for(bench: Bench) -> None:
    env = [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "later", "key": "x"}}}]
    await bench.create(pod("env", restartPolicy="Never", containers=[shell("echo $X", env=env)]))

    def waiting() -> dict[str, Any]:
        return bench.container("env").get("state", {}).get("waiting", {})

    await bench.until(lambda: waiting().get("reason") == "CreateContainerConfigError")
    assert waiting()["message"] == 'configmap "later" not found'
    bench.api.put(CONFIGS, config("later", x="here"))
    assert await ended(bench, "env") == ["here"]


async def test_volumes_of_every_kind(bench: Bench, tmp_path: Path) -> None:
    bench.api.put(CONFIGS, config("settings", color="blue", size="7"))
    bench.api.put(SECRETS, secret("keys", password="s3cret"))
    (tmp_path / "host").mkdir()
    volumes = [
        {"name": "disk", "emptyDir": {}},
        {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "host", "hostPath": {"path": str(tmp_path / "host"), "type": "Directory"}},
        {"name": "config", "configMap": {"name": "settings", "items": [
            {"key": "color", "path": "deep/colour", "mode": 0o400}]}},
        {"name": "secret", "secret": {"secretName": "keys", "defaultMode": 0o440}},
        {"name": "down", "downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    ]
    mounts = [{"name": v["name"], "mountPath": f"/m/{v['name']}"} for v in volumes]
    mounts[2]["readOnly"] = True
    mounts.append({"name": "config", "mountPath": "/etc/colour", "subPath": "deep/colour"})
    script = """
        echo x > /m/disk/x && echo disk
        ls -l /m/memory > /dev/null && grep -c ' /m/memory tmpfs rw' /proc/mounts
        touch /m/host/x 2> /dev/null || echo read-only
        cat /m/config/deep/colour; echo; ls -lL /m/config/deep | cut -c1-10
        cat /m/secret/password; echo; ls -lL /m/secret/ | cut -c1-10
        cat /m/down/name; echo; cat /etc/colour; echo
    """
    await bench.create(pod("vol", restartPolicy="Never", volumes=volumes,
                           containers=[shell(script, volumeMounts=mounts)]))
    lines = [line for line in await ended(bench, "vol") if not line.startswith("total")]
    assert lines == ["disk", "1", "read-only", "blue", "-r--------", "s3cret", "-r--r-----", "vol", "blue"]


async def test_a_changed_config_map_reaches_the_running_container(bench: Bench) -> None:
    bench.api.put(CONFIGS, config("settings", color="blue", old="x"))
    script = "while :; do cat /c/color; echo; ls /c; sleep 0.1; done"
    await bench.create(pod("live", volumes=[{"name": "c", "configMap": {"name": "settings"}}], containers=[
        shell(script, volumeMounts=[{"name": "c", "mountPath": "/c"}])]))
    await bench.until(lambda: "blue\ncolor\nold\n" in bench.log("live"))
    began = time.monotonic()
    bench.api.put(CONFIGS, config("settings", color="red"))
    await bench.until(lambda: "red\ncolor\nred" in bench.log("live"))
    assert time.monotonic() - began < 20, "nobody waited for a next round"
    assert bench.container("live")["restartCount"] == 0


async def test_a_missing_volume_is_told_and_waited_for(bench: Bench) -> None:
    await bench.create(pod("vol", restartPolicy="Never", volumes=[{"name": "c", "configMap": {"name": "later"}}],
                           containers=[shell("cat /c/x", volumeMounts=[{"name": "c", "mountPath": "/c"}])]))
    await bench.until(lambda: "FailedMount" in dict(bench.events("vol")))
    said = dict(bench.events("vol"))["FailedMount"]
    assert said == 'MountVolume.SetUp failed for volume "c" : configmap "later" not found'
    assert bench.status("vol")["phase"] == "Pending"
    bench.api.put(CONFIGS, config("later", x="here"))
    assert await ended(bench, "vol") == ["here"]


async def test_limits_become_cgroups(bench: Bench, containerd: Containerd) -> None:
    limits = {"requests": {"cpu": "100m", "memory": "16Mi"}, "limits": {"cpu": "500m", "memory": "32Mi"}}
    created = await bench.create(pod("small", containers=[shell(STAYS, resources=limits)]))
    await bench.until_ready("small")
    assert bench.status("small")["qosClass"] == "Burstable"
    parent = f"{containerd.cgroup_root.lstrip('/')}/kubepods/burstable/pod{created['metadata']['uid']}"
    identity = bench.container("small")["containerID"].removeprefix("containerd://")
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        read = {"memory.max": str(32 << 20), "cpu.max": "50000 100000"}
        files = {root / parent / folder / name: text for folder in ("", identity) for name, text in read.items()}
    else:
        read = {"memory/{}/memory.limit_in_bytes": str(32 << 20), "cpu/{}/cpu.cfs_quota_us": "50000",
                "cpu/{}/cpu.shares": "102"}
        files = {root / name.format(f"{parent}/{folder}"): text
                 for folder in ("", identity) for name, text in read.items()}
    assert {str(file): file.read_text().strip() for file in files} == {str(file): t for file, t in files.items()}


async def test_too_much_memory_is_oom_killed(bench: Bench) -> None:
    hog = "x=0123456789abcdef; while :; do x=$x$x; done"
    await bench.create(pod("hog", restartPolicy="Never", containers=[
        shell(hog, resources={"limits": {"memory": "16Mi"}})]))
    await bench.until_phase("hog", "Failed", 20)
    ended = bench.container("hog")["state"]["terminated"]
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


async def test_names_and_last_words(bench: Bench) -> None:
    script = "hostname; grep -v '^#' /etc/hosts; echo -n 'the end' > /dev/termination-log"
    aliases = [{"ip": "10.1.2.3", "hostnames": ["far", "away"]}]
    await bench.create(pod("web", restartPolicy="Never", hostname="custom", hostAliases=aliases, containers=[
        shell(script, terminationMessagePath="/dev/termination-log")]))
    lines = await ended(bench, "web")
    assert lines[0] == "custom" and f"{bench.status('web')['podIP']}\tcustom" in lines
    assert "10.1.2.3\tfar\taway" in lines
    assert bench.container("web")["state"]["terminated"]["message"] == "the end"


async def test_a_long_name_last_words_from_the_log_and_a_gate(bench: Bench) -> None:
    """setHostnameAsFQDN, FallbackToLogsOnError and readinessGates in two pods."""
    await bench.create(pod("full", restartPolicy="Never", hostname="a", subdomain="db", setHostnameAsFQDN=True,
                           containers=[shell("hostname; grep -c 'a.db.default.svc.cluster.local' /etc/hosts; exit 3",
                                             terminationMessagePolicy="FallbackToLogsOnError",
                                             terminationMessagePath="/dev/termination-log")]))
    await bench.create(pod("gated", readinessGates=[{"conditionType": "mini.test/open"}], containers=[shell(STAYS)]))
    await bench.until_phase("full", "Failed", 20)
    message = bench.container("full")["state"]["terminated"]["message"]
    assert message == "a.db.default.svc.cluster.local\n1\n"

    def condition(name: str) -> dict[str, Any]:
        return next((c for c in bench.status("gated").get("conditions", ()) if c["type"] == name), {})

    await bench.until(lambda: condition("Ready").get("reason") == "ReadinessGatesNotReady", 60)
    assert condition("ContainersReady")["status"] == "True"
    document = bench.pod("gated") or {}
    opened = {"type": "mini.test/open", "status": "True"}
    status = {**document["status"], "conditions": [*document["status"]["conditions"], opened]}
    bench.api.put(PODS, {**document, "status": status})
    await bench.until_ready("gated")


async def test_the_node_s_own_network(bench: Bench) -> None:
    await bench.create(pod("host", hostNetwork=True, restartPolicy="Never",
                           containers=[shell("ip -o link | wc -l")]))
    await ended(bench, "host")
    assert bench.status("host")["podIP"] == "10.0.0.1"


async def test_the_dns_of_the_cluster(bench: Bench) -> None:
    policy = {"nameservers": ["1.2.3.4"], "searches": ["x.y"], "options": [{"name": "ndots", "value": "2"}]}
    await bench.create(pod("dns", dnsPolicy="None", dnsConfig=policy, restartPolicy="Never",
                           containers=[shell("cat /etc/resolv.conf")]))
    assert await ended(bench, "dns") == ["search x.y", "nameserver 1.2.3.4", "options ndots:2"]


async def test_users_and_privileges(bench: Bench) -> None:
    await bench.create(pod("user", restartPolicy="Never", securityContext={"fsGroup": 77}, containers=[shell(
        "id; (echo x > /x) 2> /dev/null || echo read-only; grep NoNewPrivs /proc/self/status",
        securityContext={"runAsUser": 1000, "runAsGroup": 2000, "readOnlyRootFilesystem": True,
                         "allowPrivilegeEscalation": False})]))
    lines = await ended(bench, "user")
    assert lines == ["uid=1000(user) gid=2000 groups=77,2000", "read-only", "NoNewPrivs:\t1"] or \
        lines == ["uid=1000(user) gid=2000 groups=2000,77", "read-only", "NoNewPrivs:\t1"]
    await bench.create(pod("root", containers=[shell(STAYS, securityContext={"runAsNonRoot": True})]))
    uid = (bench.pod("root") or {})["metadata"]["uid"]
    said = f'container has runAsNonRoot and image will run as root (pod: "root_default({uid})", container: c)'
    await bench.until_event("root", "Failed", f"Error: {said}")
    await bench.until_waiting("root", "CreateContainerConfigError", said)


async def test_exec_probes_decide_readiness_and_restarts(bench: Bench) -> None:
    probe = {"periodSeconds": 1, "failureThreshold": 1}
    await bench.create(pod("web", containers=[shell(
        f"sleep 0.5; echo > /tmp/ready; {STAYS}",
        readinessProbe={"exec": {"command": ["cat", "/tmp/ready"]}, **probe})]))
    await bench.until(lambda: "Unhealthy" in dict(bench.events("web")))
    assert dict(bench.events("web"))["Unhealthy"].startswith("Readiness probe failed: cat: can't open")
    assert bench.container("web")["ready"] is False
    await bench.until_ready("web")
    await bench.create(pod("ill", containers=[shell(
        STAYS, livenessProbe={"exec": {"command": ["false"]}, **probe})]))
    await bench.until(lambda: bench.container("ill").get("restartCount") == 1, 60)
    assert ("Killing", "Container c failed liveness probe, will be restarted") in bench.events("ill")
