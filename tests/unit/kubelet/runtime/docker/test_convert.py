"""What the Engine is asked, as golden JSON; and what its answers mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import convert, names, security
from kubelet.runtime.docker.containers import log_config

SANDBOX = rt.SandboxSpec(
    "web", "default", "u1", 1, hostname="web", log_directory="/logs", dns=rt.Dns(("10.96.0.10",), ("x",), ("ndots:5",)),
    labels={"app": "web"}, annotations={rt.GRACE_PERIOD: "7"}, cgroup_parent="/kubepods/podu1",
    sysctls={"net.core.somaxconn": "9"},
)  # fmt: skip
CONTAINER = rt.ContainerSpec(
    "c", "sha256:1", 2, args=("run",), env=(("A", "1=2"),), mounts=(rt.Mount("/h", "/c", True, "HostToContainer"),),
    log_path="c/2.log", resources=rt.Resources(2, 50000, 100000, 1 << 20, -997), annotations={"hash": "1"},
    security=rt.Security(run_as_user=0, run_as_group=5, masked_paths=("/proc/kcore",), supplemental_groups=(7,)),
)  # fmt: skip
IDENTITY = {rt.POD_NAME: "web", rt.POD_NAMESPACE: "default", rt.POD_UID: "u1"}


def test_a_sandbox_as_the_engine_is_asked_for_it() -> None:
    assert names.sandbox_name(SANDBOX) == "k8s_POD_web_default_u1_1"
    assert convert.sandbox_config(SANDBOX, "pause") == {
        "Image": "pause",
        "Hostname": "web",
        "Labels": {"app": "web", "annotation.io.kubernetes.pod.terminationGracePeriod": "7", **IDENTITY,
                   "io.kubernetes.docker.type": "podsandbox", "io.kubernetes.container.name": "POD"},
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {"NetworkMode": "none", "IpcMode": "shareable", "CgroupParent": "/kubepods/podu1",
                       "CpuShares": 2, "Sysctls": {"net.core.somaxconn": "9"}},
    }  # fmt: skip


def test_a_container_as_the_engine_is_asked_for_it() -> None:
    assert names.container_name(CONTAINER, SANDBOX) == "k8s_c_web_default_u1_2"
    found = convert.container_config(CONTAINER, "s1", SANDBOX, log=log_config(100, 3), least_oom_score=-500)
    assert found == {
        "Image": "sha256:1",
        "Cmd": ["run"],
        "Env": ["A=1=2"],
        "User": "0:5",
        "Labels": {"annotation.hash": "1", **IDENTITY, "io.kubernetes.docker.type": "container",
                   "io.kubernetes.container.name": "c", "io.kubernetes.sandbox.id": "s1",
                   "io.kubernetes.container.logpath": "/logs/c/2.log"},
        "OpenStdin": False, "StdinOnce": False, "Tty": False,
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": "container:s1", "IpcMode": "container:s1",
            "CpuShares": 2, "CpuQuota": 50000, "CpuPeriod": 100000, "Memory": 1 << 20, "MemorySwap": 1 << 20,
            "Privileged": False, "ReadonlyRootfs": False, "CapAdd": [], "CapDrop": [], "GroupAdd": ["7"],
            "SecurityOpt": ["seccomp=unconfined"], "MaskedPaths": ["/proc/kcore"], "ReadonlyPaths": [],
            "Mounts": [{"Type": "bind", "Source": "/h", "Target": "/c", "ReadOnly": True,
                        "BindOptions": {"Propagation": "rslave"}}],
            "CgroupParent": "/kubepods/podu1", "OomScoreAdj": -500,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "100", "max-file": "3"}},
        },
    }  # fmt: skip


@pytest.mark.parametrize(("namespaces", "target", "expected"), [
    (rt.Namespaces(), "", ("container:s", "", "container:s", "")),
    (rt.Namespaces(pid="pod"), "", ("container:s", "", "container:s", "container:s")),
    (rt.Namespaces(pid="pod"), "other", ("container:s", "", "container:s", "container:other")),
    (rt.Namespaces(True, True, "node"), "", ("host", "host", "host", "host")),
])  # fmt: skip
def test_which_namespaces_are_joined(namespaces: rt.Namespaces, target: str, expected: tuple[str, ...]) -> None:
    found = convert._shared(namespaces, "s", target)
    assert tuple(found[key] for key in ("NetworkMode", "UTSMode", "IpcMode", "PidMode")) == expected


def state(**changes: Any) -> dict[str, Any]:
    known = {"Status": "exited", "ExitCode": 0, "OOMKilled": False, "Error": "",
             "StartedAt": "2026-11-21T10:00:01.5Z", "FinishedAt": "2026-11-21T10:00:02.123456789Z"}  # fmt: skip
    labels = {rt.POD_UID: "u1", rt.CONTAINER_NAME: "c", names.SANDBOX_ID: "s1", "annotation.hash": "1"}
    return {"Id": "i", "Name": "/k8s_c_web_default_u1_2", "Created": "2026-11-21T10:00:00Z", "Image": "sha256:1",
            "Config": {"Labels": labels, "Image": "sha256:1"}, "State": known | changes}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, (rt.ContainerState.EXITED, 0, "Completed")),
    ({"ExitCode": 3}, (rt.ContainerState.EXITED, 3, "Error")),
    ({"ExitCode": 137, "OOMKilled": True}, (rt.ContainerState.EXITED, 137, "OOMKilled")),
    ({"Status": "running"}, (rt.ContainerState.RUNNING, 0, "")),
    ({"Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}, (rt.ContainerState.CREATED, 0, "")),
    ({"Status": "created", "ExitCode": 127, "Error": "no such file"},
     (rt.ContainerState.EXITED, 127, "ContainerCannotRun")),
])  # fmt: skip
def test_what_became_of_a_container(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = convert.container(state(**changes), None)
    assert (found.state, found.exit_code, found.reason) == expected
    assert (found.attempt, found.sandbox_id, dict(found.annotations)) == (2, "s1", {"hash": "1"})
    assert (found.finished_at is None) == (found.state is not rt.ContainerState.EXITED)


def test_moments() -> None:
    assert convert.moment("2026-11-21T10:00:02.123456789Z").isoformat() == "2026-11-21T10:00:02.123456+00:00"
    assert convert.moment("2026-11-21T12:00:02+02:00").isoformat() == "2026-11-21T10:00:02+00:00"
    assert convert.moment("0001-01-01T00:00:00Z") is None and convert.moment("") is None


@pytest.mark.parametrize(("user", "expected"), [
    ("", (0, "")), ("1000", (1000, "")), ("1000:5", (1000, "")), ("web", (None, "web")), ("web:5", (None, "web")),
])  # fmt: skip
def test_an_image(user: str, expected: tuple[int | None, str]) -> None:
    listed = {"Id": "sha256:1", "RepoTags": ["pause:1", "<none>:<none>"], "RepoDigests": None, "Size": 7,
              "Config": {"User": user}}  # fmt: skip
    found = convert.image(listed, pause="pause:1")
    assert (found.uid, found.user) == expected and found.pinned and found.tags == ("pause:1",)
    assert convert.pullable("sha256:1", found) == "docker://sha256:1"
    with_digest = convert.image({**listed, "RepoDigests": ["web@sha256:2"]}, pause="")
    assert convert.pullable("sha256:1", with_digest) == "docker-pullable://web@sha256:2"


def test_what_cannot_be_said_to_docker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(rt.RuntimeFailure, match="runAsGroup is specified without a runAsUser"):
        security.user(rt.Security(run_as_group=5))
    with pytest.raises(rt.RuntimeFailure, match="cannot load seccomp profile"):
        security.options(rt.Security(seccomp="Localhost", seccomp_file=f"{tmp_path}/none"))
    (tmp_path / "own").write_text("{}")
    confined = rt.Security(seccomp="Localhost", seccomp_file=f"{tmp_path}/own", app_armor="Localhost",
                           app_armor_profile="own", no_new_privileges=True)  # fmt: skip
    assert security.options(confined) == ["seccomp={}", "apparmor=own", "no-new-privileges"]


def test_a_resolver() -> None:
    assert convert.resolv_conf(SANDBOX.dns) == "nameserver 10.96.0.10\nsearch x\noptions ndots:5\n"
    assert convert.resolv_conf(rt.Dns()) == ""
