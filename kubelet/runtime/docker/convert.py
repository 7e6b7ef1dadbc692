"""Between the Runtime's values and the Engine's JSON, both ways. Pure, but for what `security` reads.

Real Kubernetes: dockershim's docker_sandbox.go, docker_container.go, convert.go (now cri-dockerd).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import names, security

_PROPAGATION = {"None": "rprivate", "HostToContainer": "rslave", "Bidirectional": "rshared"}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)")
_STATES = {"created": rt.ContainerState.CREATED, "running": rt.ContainerState.RUNNING,
           "paused": rt.ContainerState.RUNNING, "restarting": rt.ContainerState.RUNNING}  # fmt: skip
SANDBOX_SHARES = 2
NO_CHECK = {"Test": ["NONE"]}
"""Probes are the kubelet's; an image's own check would only cost."""


def moment(text: str) -> datetime | None:
    """Docker writes nanoseconds; year 1 is Go's absent time."""
    found = _MOMENT.fullmatch(text)
    if found is None or text.startswith("0001-"):
        return None
    seconds, fraction, zone = found.groups()
    return datetime.fromisoformat(f"{seconds}{(fraction or '.0').ljust(7, '0')}{zone}").astimezone(UTC)


def _created(text: str) -> datetime:
    return moment(text) or datetime.fromtimestamp(0, UTC)


def resolv_conf(dns: rt.Dns) -> str:
    lines = [f"nameserver {server}" for server in dns.servers]
    lines += [f"search {' '.join(dns.searches)}"] if dns.searches else []
    lines += [f"options {' '.join(dns.options)}"] if dns.options else []
    return "".join(f"{line}\n" for line in lines)


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, "")}


def sandbox_config(spec: rt.SandboxSpec, image: str) -> dict[str, Any]:
    """A container that does nothing, and owns what the pod's containers share."""
    shared = spec.namespaces
    host = {
        "NetworkMode": "host" if shared.host_network else "none",
        "UTSMode": "host" if shared.host_network else "",
        "IpcMode": "host" if shared.host_ipc else "shareable",
        "PidMode": "host" if shared.pid == "node" else "",
        "CgroupParent": spec.cgroup_parent,
        "CpuShares": SANDBOX_SHARES,
        "Sysctls": dict(spec.sysctls),
        "Runtime": spec.runtime_handler,
    }
    return {
        "Image": image,
        "Hostname": "" if shared.host_network else spec.hostname,
        "Labels": names.sandbox_labels(spec),
        "Healthcheck": NO_CHECK,
        "HostConfig": _without_nulls(host),
    }


def resources(resources: rt.Resources) -> dict[str, int]:
    """Memory without swap: Docker would allow as much again."""
    limits = {
        "CpuShares": resources.cpu_shares,
        "CpuQuota": resources.cpu_quota,
        "CpuPeriod": resources.cpu_period,
    }
    if resources.memory_limit:
        limits |= {"Memory": resources.memory_limit, "MemorySwap": resources.memory_limit}
    return limits


def _mount(mount: rt.Mount) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": mount.host_path,
        "Target": mount.container_path,
        "ReadOnly": mount.read_only,
        "BindOptions": {"Propagation": _PROPAGATION[mount.propagation]},
    }


def _shared(namespaces: rt.Namespaces, sandbox_id: str, target_id: str) -> dict[str, str]:
    """Which namespaces a container joins: the sandbox's, and the processes of its target if it has one."""
    pod = f"container:{sandbox_id}"
    pid = {"pod": pod, "node": "host", "container": ""}[namespaces.pid]
    return {
        "NetworkMode": "host" if namespaces.host_network else pod,
        "UTSMode": "host" if namespaces.host_network else "",
        "IpcMode": "host" if namespaces.host_ipc else pod,
        "PidMode": f"container:{target_id}" if target_id else pid,
    }


def container_config(
    spec: rt.ContainerSpec, sandbox_id: str, sandbox: rt.SandboxSpec, *, log: Mapping[str, Any], least_oom_score: int
) -> dict[str, Any]:
    """`least_oom_score`: no process may be given less than that here."""
    host = {
        **_shared(sandbox.namespaces, sandbox_id, spec.target_id),
        **resources(spec.resources),
        **security.host_config(spec.security),
        "Mounts": [_mount(mount) for mount in spec.mounts],
        "CgroupParent": sandbox.cgroup_parent,
        "OomScoreAdj": max(spec.resources.oom_score_adj, least_oom_score),
        "LogConfig": log,
        "Runtime": sandbox.runtime_handler,
    }
    return _without_nulls({
        "Image": spec.image,
        "Entrypoint": list(spec.command) or None,
        "Cmd": list(spec.args) or None,
        "Env": [f"{key}={value}" for key, value in spec.env],
        "WorkingDir": spec.working_dir,
        "User": security.user(spec.security),
        "Labels": names.container_labels(spec, sandbox_id, sandbox),
        "OpenStdin": spec.stdin,
        "StdinOnce": spec.stdin_once,
        "Tty": spec.tty,
        "Healthcheck": NO_CHECK,
        "HostConfig": _without_nulls(host),
    })  # fmt: skip


def sandbox(listed: Mapping[str, Any], ips: tuple[str, ...]) -> rt.Sandbox:
    """From the list of containers. Without an address it is of no use, unless it has the node's."""
    labels = listed["Labels"]
    host_network = listed["HostConfig"]["NetworkMode"] == "host"
    running = listed["State"] == "running"
    return rt.Sandbox(
        id=listed["Id"],
        pod_uid=labels[rt.POD_UID],
        pod_name=labels.get(rt.POD_NAME, ""),
        pod_namespace=labels.get(rt.POD_NAMESPACE, ""),
        ready=running and (host_network or bool(ips)),
        attempt=names.attempt_of(next(iter(listed["Names"]), "")),
        created_at=datetime.fromtimestamp(listed["Created"], UTC),
        ips=ips if running else (),
        grace_period=int(labels.get(names.ANNOTATION + rt.GRACE_PERIOD, "30")),
    )


def _ended(state: Mapping[str, Any]) -> tuple[rt.ContainerState, str]:
    """One that could not even be started is created for ever; its exit code tells."""
    found = _STATES.get(state["Status"], rt.ContainerState.EXITED)
    if found is rt.ContainerState.CREATED and state["ExitCode"]:
        return rt.ContainerState.EXITED, "ContainerCannotRun"
    if found is not rt.ContainerState.EXITED:
        return found, ""
    if state["OOMKilled"]:
        return found, "OOMKilled"
    return found, "Error" if state["ExitCode"] else "Completed"


def container(inspected: Mapping[str, Any], image: rt.Image | None) -> rt.RuntimeContainer:
    """From GET /containers/{id}/json."""
    labels, state = inspected["Config"]["Labels"], inspected["State"]
    found, reason = _ended(state)
    created, started, finished = _created(inspected["Created"]), moment(state["StartedAt"]), moment(state["FinishedAt"])
    if reason == "ContainerCannotRun":
        started, finished = created, created
    return rt.RuntimeContainer(
        id=inspected["Id"],
        sandbox_id=labels.get(names.SANDBOX_ID, ""),
        pod_uid=labels[rt.POD_UID],
        name=labels[rt.CONTAINER_NAME],
        attempt=names.attempt_of(inspected["Name"]),
        state=found,
        created_at=created,
        image=image.tags[0] if image and image.tags else inspected["Config"]["Image"],
        image_id=pullable(inspected["Image"], image),
        started_at=started,
        finished_at=finished if found is rt.ContainerState.EXITED else None,
        exit_code=state["ExitCode"] if found is rt.ContainerState.EXITED else 0,
        reason=reason,
        message=state.get("Error", "") if found is rt.ContainerState.EXITED else "",
        log_path=labels.get(names.LOG_PATH, ""),
        annotations=names.annotations(labels),
    )


def pullable(identity: str, image: rt.Image | None) -> str:
    """docker-pullable://name@digest where a registry knows it, docker://sha256:… where only this node does."""
    if image is not None and image.digests:
        return f"docker-pullable://{image.digests[0]}"
    return f"docker://{identity}"


def image(listed: Mapping[str, Any], *, pause: str) -> rt.Image:
    """From the list of images or from GET /images/{name}/json, which alone knows the user."""
    user = str((listed.get("Config") or {}).get("User") or "").partition(":")[0]
    tags = tuple(tag for tag in listed.get("RepoTags") or () if tag != "<none>:<none>")
    digests = tuple(each for each in listed.get("RepoDigests") or () if not each.startswith("<none>@"))
    numeric = user.isdecimal()
    return rt.Image(
        id=listed["Id"],
        tags=tags,
        digests=digests,
        size=listed["Size"],
        uid=int(user) if numeric else 0 if not user else None,
        user="" if numeric else user,
        pinned=pause in tags,
    )
